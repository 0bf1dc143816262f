"""A derivation laid out as a page: forward pass, output error, hidden errors, gradients; one chain a quantity."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Indexed

from symbackprop.derivation import Derivation, Step
from symbackprop.notations import LAST, Notation
from symbackprop.quantities import PARAMETER_ROLES, Partial, Quantity, Role
from symbackprop.rendering.chains import Detail, Form, chain_formula
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.page import Formula, Page, Section

_HEADINGS = ("Forward pass", "Output error", "Errors of the hidden layers", "Gradients", "Derivative by the input")


def derivation_page(derivation: Derivation, notation: Notation, form: Form, detail: Detail) -> Page:
    """The page of ``derivation``."""
    writer = writer_of(derivation, notation)
    placed: dict[str, list[Formula]] = {heading: [] for heading in _HEADINGS}
    placed[_HEADINGS[0]] += forward_pass(writer, derivation, form)
    for chain in derivation.chains:
        placed[_heading(writer, chain[0].lhs)].append(chain_formula(writer, chain, form, detail))
    sections = tuple(Section(_titled(h, derivation), tuple(formulas)) for h, formulas in placed.items() if formulas)
    return Page(_title(derivation), sections, conventions(notation))


def forward_pass(writer: Writer, derivation: Derivation, form: Form) -> list[Formula]:
    """The equations of the model, each on a line."""
    found = []
    for equation in derivation.model.equations:
        read = equation.expression
        copied = (
            equation.quantity in derivation.model.given
            and isinstance(read, Indexed)
            and read.indices == equation.indices
        )
        step = Step(equation.lhs, equation.expression, "what the next layer reads" if copied else "")
        found.append(chain_formula(writer, (step,), form, "steps"))
    return found


def writer_of(derivation: Derivation, notation: Notation) -> Writer:
    """A writer that knows the quantities of ``derivation``."""
    return Writer(notation, derivation.quantities, last_layer(derivation))


def last_layer(derivation: Derivation) -> Expr | None:
    """The number of the output layer, if the depth is a known number."""
    return last_of(derivation.quantities.values())


def last_of(quantities: Iterable[Quantity]) -> Expr | None:
    """The highest number of a layer, if all are numbers and there is one."""
    layers = [q.layer for q in quantities if q.layer is not None]
    return max(layers) if layers and all(layer.is_Integer for layer in layers) else None


def conventions(notation: Notation) -> str:
    """How the notation counts its layers, in words."""
    if notation.from_output:
        return "Layers are counted from the output, which is layer 0."
    return f"Layers are counted from the input, which is layer {notation.first}."


def _heading(writer: Writer, lhs: Expr) -> str:
    """The section in which a chain stands."""
    quantity = writer.quantity(lhs.denominator if isinstance(lhs, Partial) else lhs)
    if quantity is None or quantity.role in PARAMETER_ROLES:
        return _HEADINGS[3]
    if quantity.role is Role.INPUT:
        return _HEADINGS[4]
    last = LAST if writer.depth is None else writer.depth
    return _HEADINGS[1] if quantity.layer == last else _HEADINGS[2]


def _titled(heading: str, derivation: Derivation) -> str:
    general = last_layer(derivation) is None
    return "Error of any layer" if general and heading == _HEADINGS[2] else heading


def _title(derivation: Derivation) -> str:
    """The widths of the network, or that it has any number of layers."""
    if last_layer(derivation) is None:
        return "Backpropagation through any layer"
    if derivation.model.objective not in {equation.quantity for equation in derivation.model.equations}:
        return "Backpropagation through one layer"
    widths = [str(q.axes[-1]) for q in _layers(derivation) if q.axes]
    return "Backpropagation through " + "-".join(widths)


def _layers(derivation: Derivation) -> list[Quantity]:
    inputs = [q for q in derivation.model.inputs if q.role is Role.INPUT]
    return inputs + [e.quantity for e in derivation.model.equations if e.quantity.role is Role.ACTIVATION]
