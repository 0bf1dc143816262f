"""The page of an activation: its definition, its derivative, and the closed forms that are claimed for it."""

from __future__ import annotations

from dataclasses import replace

from sympy import Eq, Expr, Integer, Piecewise, Rational, Symbol, exp

from symbackprop.activations import Activation, derivative
from symbackprop.derivation.outputs import coupled_slope, slope_of_output
from symbackprop.notations import Notation
from symbackprop.quantities import ARGUMENT, Apply, as_index, as_size
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.page import Formula, Page, Row, Section
from symbackprop.rendering.properties import properties_section

#: What a learnt parameter of an activation begins with (He et al. 2015, section 2.1).
START = Rational(1, 4)


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
        sections.append(_properties(writer, activation))
    if activation.coupled is not None:
        sections += [Section("Derivative", (_jacobian(writer, activation),)), _of_two_units(writer, activation)]
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
        claimed = claim(ARGUMENT, output)
        text = writer.write(claimed)
        if text != rows[-1].rhs:
            head = writer.write(Apply(activation.name, 0, ARGUMENT))
            rows.append(Row(text, f"where $a = {head}$" if claimed.has(output) else ""))
    found = None if activation.claims or activation.parameters else slope_of_output(_closed(activation), output)
    if found is not None:
        head = writer.write(Apply(activation.name, 0, ARGUMENT))
        rows.append(Row(writer.write(found), f"where $a = {head}$, which never falls"))
    return Formula(writer.write(Apply(activation.name, 1, ARGUMENT)), tuple(rows))


def _jacobian(writer: Writer, activation: Activation) -> Formula:
    """The derivative of every output by every pre-activation."""
    steps = coupled_slope(activation)
    return Formula(writer.write(steps[0].lhs), tuple(Row(writer.write(step.rhs), step.because) for step in steps))


def _properties(writer: Writer, activation: Activation) -> Section:
    """The properties; of what has a parameter, where it begins."""
    if not activation.parameters:
        return properties_section(writer, activation)
    names = ", ".join(f"${writer.notation.symbol(name)} = {writer.write(START)}$" for name in activation.parameters)
    closed = activation.closed_form
    assert closed is not None
    begun = Activation(activation.name, lambda z: closed(z, *(START for _ in activation.parameters)))
    section = properties_section(writer, begun)
    return replace(section, words=f"Where learning begins, with {names}. {section.words}")


def _of_two_units(writer: Writer, activation: Activation) -> Section:
    """The properties as a function of one pre-activation."""
    assert activation.coupled is not None
    coupled, i = activation.coupled, as_index("i")
    of_one = Activation(
        activation.name,
        lambda z: coupled(lambda k: Piecewise((z, Eq(k, 1)), (0, True)), i, Integer(2)).doit().subs(i, 1),
    )
    section = properties_section(writer, of_one, chained=False)
    return replace(section, heading="Properties", words=f"{_TWO_UNITS} {section.words}")


_TWO_UNITS = (
    "The first of two outputs as a function of its own pre-activation, the other one being 0. With more units nothing "
    "changes but the place: the others add up to one whose exponential is the sum of theirs."
)


def _closed(activation: Activation) -> Expr:
    assert activation.closed_form is not None
    return activation.closed_form(ARGUMENT, *(Symbol(name, real=True) for name in activation.parameters))


def _in_exponentials(writer: Writer, head: str, closed: Expr) -> Expr:
    """A function that SymPy knows under the same sign is defined by exponentials, not by itself."""
    return closed.rewrite(exp) if writer.write(closed) == head else closed


def _meaning(activation: Activation) -> str:
    if activation.coupled is not None:
        return "Every output depends on all pre-activations of the layer."
    return "" if activation.closed_form is not None else "An unknown differentiable function."


def _remarks(writer: Writer, activation: Activation) -> str:
    if not activation.convention:
        return ""
    words = (
        f"${writer.notation.symbol(w)}$" if w in activation.parameters else w for w in activation.convention.split()
    )
    return f"By convention {' '.join(words)}."
