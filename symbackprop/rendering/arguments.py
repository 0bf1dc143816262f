"""The page of an argument: its parts, each a section of chains."""

from __future__ import annotations

from symbackprop.derivation.argument import Argument, Part
from symbackprop.derivation.step import Step
from symbackprop.notations import Notation
from symbackprop.rendering.chains import chain_formula
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.page import Formula, Page, Row, Section
from symbackprop.rendering.sections import last_of


def argument_page(argument: Argument, notation: Notation) -> Page:
    """The page of ``argument``.

    >>> from symbackprop.derivation.updates import update_argument
    >>> from symbackprop.notations import notations
    >>> from symbackprop.optimizers import momentum
    >>> page = argument_page(update_argument(momentum), notations["nielsen"])
    >>> print(page.sections[0].formulas[1].tex)
    \\theta_{t} = \\theta_{t-1} - \\eta v_{t}
    """
    writer = Writer(notation, argument.quantities, last_of(argument.quantities.values()))
    return Page(argument.title, tuple(_section(writer, part) for part in argument.parts), argument.words)


def _section(writer: Writer, part: Part) -> Section:
    heading = part.heading.replace("_t", "").strip()
    return Section(heading, tuple(_formula(writer, chain) for chain in part.chains), part.words)


def _formula(writer: Writer, chain: tuple[Step, ...]) -> Formula:
    if writer.quantities:
        return chain_formula(writer, chain, "index", "steps")
    rows = tuple(Row(writer.write(step.rhs), step.because, step.provided) for step in chain)
    return Formula(writer.write(chain[0].lhs), rows)
