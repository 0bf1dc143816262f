"""A derivation laid out as a page: forward pass, output error, hidden errors, gradients; one chain a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sympy import Expr, Indexed

from symbackprop.derivation import Derivation, Step
from symbackprop.model import Equation
from symbackprop.notations import Notation
from symbackprop.quantities import PARAMETER_ROLES, Partial, Quantity, Role
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.letters import preferred, reworded
from symbackprop.rendering.page import Formula, Page, Row, Section

Form = Literal["index", "matrix"]
Detail = Literal["steps", "result"]

_HEADINGS = ("Forward pass", "Output error", "Errors of the hidden layers", "Gradients", "Derivative by the input")


def derivation_page(derivation: Derivation, notation: Notation, detail: Detail) -> Page:
    """The page of ``derivation`` in index form."""
    writer = writer_of(derivation, notation)
    forward = tuple(equation_formula(writer, equation) for equation in derivation.model.equations)
    placed: dict[str, list[Formula]] = {heading: [] for heading in _HEADINGS}
    last = last_layer(derivation)
    for chain in derivation.chains:
        placed[_heading(writer, chain[0].lhs, last)].append(chain_formula(writer, chain, detail))
    placed[_HEADINGS[0]].extend(forward)
    sections = tuple(Section(heading, tuple(formulas)) for heading, formulas in placed.items() if formulas)
    return Page(title_of(derivation), sections, conventions(notation))


def writer_of(derivation: Derivation, notation: Notation) -> Writer:
    """A writer that knows the quantities of ``derivation``."""
    return Writer(notation, derivation.quantities, last_layer(derivation))


def last_layer(derivation: Derivation) -> Expr | None:
    """The number of the output layer, if the depth is a known number."""
    layers = [q.layer for q in derivation.quantities.values() if q.layer is not None]
    return max(layers) if all(layer.is_Integer for layer in layers) else None


def equation_formula(writer: Writer, equation: Equation) -> Formula:
    """A forward equation."""
    return chain_formula(writer, (Step(equation.lhs, equation.expression, ""),), "steps")


def chain_formula(writer: Writer, chain: Sequence[Step], detail: Detail) -> Formula:
    """Steps with one left side, in the notation's index letters; ``result`` keeps the last one only."""
    expressions = [chain[0].lhs, *(step.rhs for step in chain)]
    renaming = preferred(expressions, writer.notation, writer.quantities)
    lhs = writer.write(chain[0].lhs.xreplace(renaming))
    if detail == "result":
        return Formula(lhs, (Row(writer.write(chain[-1].rhs.xreplace(renaming)), "", chain[-1].provided),))
    rows = (
        Row(
            writer.write(step.rhs.xreplace(renaming)),
            reworded(step.because, renaming, writer.notation),
            tuple(reworded(words, renaming, writer.notation) for words in step.provided),
        )
        for step in chain
    )
    return Formula(lhs, tuple(rows))


def conventions(notation: Notation) -> str:
    """How the notation counts its layers, in words."""
    if notation.from_output:
        return "Layers are counted from the output, which is layer 0."
    return f"Layers are counted from the input, which is layer {notation.first}."


def title_of(derivation: Derivation) -> str:
    """The widths of the network: ``Backpropagation through 3-4-2``."""
    model = derivation.model
    inputs = [q for q in model.inputs if q.role is Role.INPUT]
    computed = [e.quantity for e in model.equations if e.quantity.role is Role.ACTIVATION]
    widths = [str(q.axes[-1]) for q in (*inputs, *computed) if q.axes]
    return "Backpropagation through " + "-".join(widths)


def heading_of(quantity: Quantity | None, last: Expr | None) -> str:
    """The section in which the derivative by ``quantity`` (or its error) stands."""
    if quantity is None or quantity.role in PARAMETER_ROLES:
        return _HEADINGS[3]
    if quantity.role is Role.INPUT:
        return _HEADINGS[4]
    return _HEADINGS[1] if quantity.layer == last else _HEADINGS[2]


def _heading(writer: Writer, lhs: Expr, last: Expr | None) -> str:
    entry = lhs.denominator if isinstance(lhs, Partial) else lhs
    return heading_of(writer.quantity(entry) if isinstance(entry, Indexed) else None, last)
