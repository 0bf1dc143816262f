"""Numbers of members in definitions: ``h_{t+1} = …`` defines ``h_t``, ``n_1`` of a member 2 is ``n_{l-1}`` of any."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.state import NotUnderstood
from symbackprop.verification.reading.surface import Span
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.counting import solved
from symbackprop.verification.terms.nodes import Axis, Term
from symbackprop.verification.terms.walk import Names, freshen


def of_any_member(axis: Axis, number: int, letter: str) -> Axis:
    """``n_1`` of a member 2 is ``n_{l-1}`` of a member l."""
    labels = (Affine.symbol(letter) + (x.number - number) if x.number is not None else x for x in axis.labels)
    return replace(axis, labels=tuple(labels))


def unshifted(
    name: str, labels: tuple[Affine, ...], indices: tuple[str, ...], body: Term, last: str | None
) -> Definition:
    """``h_{t+1} := …`` as a definition of ``h_t``; bound names stay apart from the indices.

    A label without a letter, or with that of the last one only, is that of a single member.
    """
    env: dict[str, Affine] = {}
    plain: list[Affine] = []
    for item in labels:
        if item.symbols <= {last}:
            plain.append(item)
            continue
        found = solved(item, last)
        if found is None:
            raise NotUnderstood("the label of a definition must be a letter or a number", Span(0, 0))
        letter, value = found
        if value != Affine.symbol(letter):
            env[letter] = value
        plain.append(Affine.symbol(letter))
    return Definition(name, tuple(plain), indices, freshen(body, env, Names()) if env else body)
