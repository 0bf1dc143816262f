"""The single slips that people make, each as an edit of the source: a table of rules from a tree to edits.

A rule gets the side that may be wrong and says which replacements of its source to try. It never says whether the
result is true; the judge does.
"""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.verification.diagnosis.edit import Edit, Hints, Rule
from symbackprop.verification.diagnosis.letters import layers_of_the_left, other_letters, scripts, whole
from symbackprop.verification.diagnosis.marks import primes, transposes
from symbackprop.verification.diagnosis.numbers import arguments, exponents, factors, powers, widths
from symbackprop.verification.diagnosis.products import (
    dropped_parts,
    missing_factors,
    missing_terms,
    orders,
    primed_factors,
    tears,
)
from symbackprop.verification.diagnosis.signs import inner_signs, signs
from symbackprop.verification.diagnosis.sums import sums
from symbackprop.verification.diagnosis.walk import with_signs
from symbackprop.verification.reading.surface import Node

#: The rules in the order in which they are tried: the commonest slips first.
COMMON: tuple[Rule, ...] = (signs, factors, powers, widths, transposes, primes, scripts, whole)
#: Rules for the left side, when the right one is that of another layer.
LEFT_RULES: tuple[Rule, ...] = (layers_of_the_left,)
OTHERS: tuple[Rule, ...] = (
    inner_signs,
    primed_factors,
    sums,
    orders,
    exponents,
    dropped_parts,
    arguments,
    other_letters,
    missing_factors,
    missing_terms,
)
RULES: tuple[Rule, ...] = (*COMMON, *LEFT_RULES, *OTHERS)


def propose(left: Node, right: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """Every edit worth trying, each resulting source once, in a fixed order."""
    seen = {tex}
    for side, rules in ((right, COMMON), (left, LEFT_RULES), (right, OTHERS)):
        side = with_signs(side, tex)
        for rule in rules:
            for edit in rule(side, tex, hints):
                result = edit.apply(tex)
                if result not in seen and not tears(side, edit):
                    seen.add(result)
                    yield edit
