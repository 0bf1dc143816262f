"""What assumed equations say of whole matrices: that one is symmetric, or orthogonal."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Delta, Entry, Mul, Num, Relation, Sum, Term

Free = tuple[tuple[str, Axis], ...]
Assumption = tuple[Free, Relation]


def symmetric_letters(assumptions: Iterable[Assumption]) -> frozenset[str]:
    """The letters without labels of which ``A_ij = A_ji`` is assumed for all i and j.

    >>> from symbackprop.verification.terms.build import entry
    >>> free = (("i", Axis("n")), ("j", Axis("n")))
    >>> sorted(symmetric_letters([(free, Relation(entry("A", "i", "j"), "=", entry("A", "j", "i")))]))
    ['A']
    """
    found = set()
    for free, relation in assumptions:
        left, right = relation.left, relation.right
        if relation.op != "=" or not isinstance(left, Entry) or not isinstance(right, Entry) or left.labels:
            continue
        same = left.name == right.name and not right.labels
        if same and _whole(left.indices, free) and right.indices == tuple(reversed(left.indices)):
            found.add(left.name)
    return frozenset(found)


def _whole(indices: tuple[Affine, ...], free: Free) -> bool:
    """Whether two indices are the two free symbols, over the same axis."""
    names = [index.name for index in indices]
    axes = dict(free)
    return len(names) == 2 and set(names) == set(axes) and len(free) == 2 and len(set(axes.values())) == 1


def orthogonal_letter(assumption: Assumption) -> tuple[str, Axis] | None:
    """The square matrix without labels of which ``Σ_k Q_ki Q_kj = δ_ij`` or ``Σ_k Q_ik Q_jk = δ_ij`` is assumed."""
    free, relation = assumption
    delta, total = _factors(relation.right), _factors(relation.left)
    if relation.op != "=" or len(delta) != 1 or not isinstance(delta[0], Delta):
        return None
    if len(total) != 1 or not isinstance(total[0], Sum):
        return None
    pair, index, over = _factors(total[0].body), total[0].index, total[0].over
    if len(pair) != 2 or not all(isinstance(e, Entry) and not e.labels and len(e.indices) == 2 for e in pair):
        return None
    left, right = (e for e in pair if isinstance(e, Entry))
    bound = [[k for k, a in enumerate(e.indices) if a.name == index] for e in (left, right)]
    if left.name != right.name or bound not in ([[0], [0]], [[1], [1]]):
        return None
    other = 1 - bound[0][0]
    ends = (left.indices[other], right.indices[other])
    square = _whole(ends, free) and {over} == set(dict(free).values())
    known = {delta[0].left.name, delta[0].right.name} == {end.name for end in ends}
    return (left.name, over) if square and known and isinstance(over, Axis) else None


def _factors(term: Term) -> list[Term]:
    """The factors of a product other than 1."""
    parts = term.factors if isinstance(term, Mul) else (term,)
    found = [p for part in parts for p in (_factors(part) if isinstance(part, Mul) else [part])]
    return [part for part in found if not (isinstance(part, Num) and part.value == 1)]
