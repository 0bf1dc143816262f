"""The page of an activation: its definition, its derivative, and the closed forms that are claimed for it."""

from __future__ import annotations

from sympy import Expr, Symbol, exp

from symbackprop.activations import Activation, derivative
from symbackprop.notations import Notation
from symbackprop.quantities import ARGUMENT, Apply, as_index, as_size
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.page import Formula, Page, Row, Section
from symbackprop.rendering.properties import properties_section


def activation_page(activation: Activation, notation: Notation) -> Page:
    """The page of ``activation``.

    >>> from symbackprop.activations import sigmoid
    >>> from symbackprop.notations import notations
    >>> page = activation_page(sigmoid, notations["nielsen"])
    >>> for section in page.sections[:2]:
    ...     print(section.formulas[0].tex)
    \\sigma(z) = \\frac{1}{1 + e^{-z}}
    \\sigma'(z) = \\frac{e^{-z}}{(1 + e^{-z})^{2}} = a (1 - a)
    """
    writer = Writer(notation)
    sections = [Section("Definition", (_definition(writer, activation),), _meaning(activation))]
    if activation.elementwise and activation.closed_form is not None:
        sections.append(Section("Derivative", (_slope(writer, activation),), _remarks(writer, activation)))
    if activation.elementwise and activation.closed_form is not None and not activation.parameters:
        sections.append(properties_section(writer, activation))
    return Page(activation.name.replace("_", " "), tuple(sections))


def _definition(writer: Writer, activation: Activation) -> Formula:
    if activation.coupled is not None:
        value = activation.coupled(lambda k: Symbol(f"z_{k}", real=True), as_index("i"), as_size("n"))
        return Formula("a_{i}", (Row(writer.write(value)),))
    head = writer.write(Apply(activation.name, 0, ARGUMENT))
    if activation.closed_form is None:
        return Formula("a", (Row(head),))
    return Formula(head, (Row(writer.write(_in_exponentials(writer, head, _closed(activation)))),))


def _slope(writer: Writer, activation: Activation) -> Formula:
    rows = [Row(writer.write(derivative(activation)), "differentiated")]
    output = Symbol("a", real=True)
    for claim in activation.claims:
        text = writer.write(claim(ARGUMENT, output))
        if text != rows[-1].rhs:
            head = writer.write(Apply(activation.name, 0, ARGUMENT))
            rows.append(Row(text, f"where $a = {head}$" if "a" in text else ""))
    return Formula(writer.write(Apply(activation.name, 1, ARGUMENT)), tuple(rows))


def _closed(activation: Activation) -> Expr:
    assert activation.closed_form is not None
    return activation.closed_form(ARGUMENT, *(Symbol(name, real=True) for name in activation.parameters))


def _in_exponentials(writer: Writer, head: str, closed: Expr) -> Expr:
    """A function that SymPy knows under the same sign is defined by exponentials, not by itself."""
    return closed.rewrite(exp) if writer.write(closed) == head else closed


def _meaning(activation: Activation) -> str:
    if activation.coupled is not None:
        return "Every output depends on all pre-activations of the layer; its derivative is derived inside a network."
    return "" if activation.closed_form is not None else "An unknown differentiable function."


def _remarks(writer: Writer, activation: Activation) -> str:
    if not activation.convention:
        return ""
    words = (
        f"${writer.notation.symbol(w)}$" if w in activation.parameters else w for w in activation.convention.split()
    )
    return f"By convention {' '.join(words)}."
