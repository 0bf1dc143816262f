"""Sums whose members run down are turned round: Σ_i w_{T-i} x_{T+t-i} from t to T is Σ_i w_{i-t} x_i."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import PRODUCT, Claim
from symbackprop.verification.terms.nodes import Entry, Range, Sum, Term
from symbackprop.verification.terms.walk import Names, freshen, map_children, walk


def turned_round(claim: Claim) -> Claim:
    """The claim with every sum over a range running so that the numbers of its members grow."""
    names = Names()
    names.count = 2 * 10**6
    return replace(claim, left=_upwards(claim.left, names), right=_upwards(claim.right, names))


def _upwards(term: Term, names: Names) -> Term:
    if isinstance(term, Sum) and isinstance(term.over, Range) and _signs(term) == {-1}:
        back = term.over.lo + term.over.hi - Affine.symbol(term.index)
        term = replace(term, body=freshen(term.body, {term.index: back}, names))
    return map_children(term, lambda child: _upwards(child, names))


def _signs(term: Sum) -> set[int]:
    """With which counts the index of a sum stands in the labels of its members; powers of matrices do not matter."""
    found: set[int] = set()
    for node in walk(term.body):
        if isinstance(node, Entry) and not node.name.startswith(PRODUCT):
            found |= {count for label in node.labels for name, count in label.parts if name == term.index}
    return found
