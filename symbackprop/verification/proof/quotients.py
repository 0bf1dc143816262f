"""Limits of quotients whose two parts vanish: the rule of de l'Hôpital, as often as it is needed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.generators import Form
from symbackprop.verification.terms.differentiate import derived, replace_entries, times
from symbackprop.verification.terms.functions import KNOWN
from symbackprop.verification.terms.nodes import Cases, Diff, Entry, Expect, Fn, Mul, Num, Pow, Term
from symbackprop.verification.terms.walk import walk

MOST_TIMES = 4


def limit_of_quotient(term: Term, variable: Entry, value: Term, build: Callable[[Term], Form]) -> Form:
    """The limit of a product with negative whole powers, where ``build`` tells which part is 0 at the value.

    Raises:
        NotSupported: a part may have a kink or no derivative, the top does not vanish with the bottom, or after
            ``MOST_TIMES`` derivatives the bottom still does.
    """
    if any(_may_break(node) for node in walk(term)):
        raise NotSupported("a limit of what may have a kink")
    top, bottom = _parts(term)

    def at(part: Term) -> Term:
        return replace_entries(part, lambda entry: value if entry == variable else entry)

    for _ in range(MOST_TIMES + 1):
        if build(at(bottom)).terms:
            return build(Mul((at(top), Pow(at(bottom), Num(Fraction(-1))))))
        if build(at(top)).terms:
            raise NotSupported("a limit that is not finite")
        top, bottom = derived(top, variable, 1), derived(bottom, variable, 1)
    raise NotSupported("a limit of a quotient that stays 0 / 0")


def _parts(term: Term) -> tuple[Term, Term]:
    """What stands above and below the line."""
    above: list[Term] = []
    below: list[Term] = []
    stack = [term]
    while stack:
        match stack.pop():
            case Mul(factors):
                stack.extend(factors)
            case Pow(base, Num(exponent)) if exponent < 0 and exponent.denominator == 1:
                below.append(Pow(base, Num(-exponent)))
            case other:
                above.append(other)
    return times(*above), times(*below)


def _may_break(node: Term) -> bool:
    if isinstance(node, Fn):
        return node.name == "step" or node.name in KNOWN and any(_may_break(part) for part in walk(KNOWN[node.name]))
    return isinstance(node, Cases | Diff | Expect)
