"""Putting the readings of parts together: every combination that fits, the cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice, product

from symbackprop.verification.reading.shapes import Array, Misfit

MAX_COMBINATIONS = 48


def combine(parts: Sequence[list[Array]], build: Callable[[tuple[Array, ...]], list[Array]]) -> list[Array]:
    """``build`` over every choice of one reading a part; choices whose shapes do not fit fall away.

    Raises:
        Misfit: no choice fits; it is the objection to the cheapest choice.
    """
    found: list[Array] = []
    objection: Misfit | None = None
    for choice in islice(product(*parts), MAX_COMBINATIONS):
        try:
            found += build(choice)
        except Misfit as misfit:
            objection = objection or misfit
    if not found:
        assert objection is not None
        raise objection
    return distinct(found)


def distinct(arrays: Iterable[Array]) -> list[Array]:
    """One reading for each shape and set of conventions: the cheapest."""
    kept: dict[object, Array] = {}
    for array in sorted(arrays, key=lambda a: a.cost):
        kept.setdefault((array.axes, array.words), array)
    return list(kept.values())


def first_fitting(attempts: Iterable[Callable[[], list[Array]]]) -> list[Array]:
    """The readings of the first attempt whose shapes fit.

    Raises:
        Misfit: none fits; it is the objection to the first.
    """
    objection: Misfit | None = None
    for attempt in attempts:
        try:
            return attempt()
        except Misfit as misfit:
            objection = objection or misfit
    assert objection is not None
    raise objection
