"""A derivation that is no backpropagation: chains of steps in parts, as for an initializer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr

from symbackprop.derivation.step import Step
from symbackprop.quantities import Quantity


@dataclass(frozen=True)
class Part:
    """A heading, perhaps some words, and chains of steps, each with one left side."""

    heading: str
    chains: tuple[tuple[Step, ...], ...]
    words: str = ""


@dataclass(frozen=True)
class Argument:
    """A title, what is taken for granted in words, and parts that follow from it.

    ``quantities`` are those whose entries stand in it, by label.
    """

    title: str
    parts: tuple[Part, ...]
    words: str = ""
    quantities: Mapping[str, Quantity] = field(default_factory=dict)

    @property
    def results(self) -> Mapping[Expr, Expr]:
        """Each left side with the last right side of its chain."""
        return {steps[0].lhs: steps[-1].rhs for part in self.parts for steps in part.chains}


def chain(lhs: object, *links: tuple[object, str] | tuple[object, str, tuple[str, ...]]) -> tuple[Step, ...]:
    """The steps ``lhs = rhs, because`` of one chain; a link that repeats the side before it is left out.

    >>> from sympy import symbols
    >>> a, b = symbols("a b")
    >>> [step.because for step in chain(a, (b, "given"), (b, "again"))]
    ['given']
    """
    steps: list[Step] = []
    for rhs, because, *provided in links:
        if not steps or steps[-1].rhs != rhs:
            steps.append(Step(lhs, rhs, because, *provided))
    return tuple(steps)
