"""What a proof went through, written out for a reader: the claim with its indices, what it rests on, the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import TypeAlias

from symbackprop.verification.proof.prove import Proof
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context, Definition
from symbackprop.verification.terms.nodes import Add, Diff, Entry, Mul, Num, Term
from symbackprop.verification.terms.walk import entry_names, walk
from symbackprop.verification.terms.write import latex, letters_for

Step: TypeAlias = tuple[str, str]
"""The reason in words, and LaTeX."""

#: A step that is longer is left out, and so are definitions beyond these.
#: By what means a claim is proved at once: not by induction, nor case by case.
WHOLE = ("normal form", "normal form with the definitions put in")
LONGEST = 600
MOST_DEFINITIONS = 10


def steps(claim: Claim, context: Context, proof: Proof) -> tuple[Step, ...]:
    r"""The steps of a proof; the last one is the equation of which both sides have one normal form.

    >>> from symbackprop.verification.budget import Budget
    >>> from symbackprop.verification.proof.prove import prove
    >>> from symbackprop.verification.terms.build import entry, mul, power
    >>> claim = Claim(Diff(power(entry("x"), 2), entry("x")), mul(2, entry("x")))
    >>> for because, tex in steps(claim, Context(), prove(claim, Context(), budget=Budget())):
    ...     print(f"{because}: {tex}")
    with every index: \frac{\partial}{\partial x} x^{2} = 2 x
    derivatives worked out: 2 x = 2 x
    """
    letters = letters_for(claim.left, claim.right)
    found = [("with every index", _equation(claim.left, claim.right, context, letters))]
    found += [("where", _definition(definition, context)) for definition in _rested_on(claim, context)]
    derived = any(isinstance(node, Diff) for side in (claim.left, claim.right) for node in walk(side))
    if proof.compared is not None and derived and proof.how in WHOLE:
        left, right = _parted(proof.compared)
        found.append(("derivatives worked out", _equation(left, right, context, letters | letters_for(left, right))))
    return tuple((because, tex) for because, tex in dict.fromkeys(found) if len(tex) <= LONGEST)


def _equation(left: Term, right: Term, context: Context, letters: Mapping[str, str]) -> str:
    return " = ".join(map(partial(latex, context=context, names=letters), (left, right)))


def _definition(definition: Definition, context: Context) -> str:
    head = Entry(definition.name, definition.labels, tuple(map(Affine.symbol, definition.indices)))
    return _equation(head, definition.body, context, letters_for(head, definition.body))


def _rested_on(claim: Claim, context: Context) -> Iterator[Definition]:
    """The definitions that the claim leads to, in their order."""
    names = entry_names(claim.left) | entry_names(claim.right)
    for _ in context.definitions:
        more = set().union(*(entry_names(d.body) for d in context.definitions if d.name in names))
        if more <= names:
            break
        names |= more
    yield from [d for d in context.definitions if d.name in names][:MOST_DEFINITIONS]


def _parted(difference: Term) -> tuple[Term, Term]:
    """The two sides of which a term is the difference."""
    if isinstance(difference, Add) and len(difference.terms) == 2:
        left, right = difference.terms
        if isinstance(right, Mul) and len(right.factors) == 2 and right.factors[0] == Num(Fraction(-1)):
            return left, right.factors[1]
    return difference, Num(Fraction(0))
