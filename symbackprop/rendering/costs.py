"""The cost of a derivation as a section of its page."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr

from symbackprop.derivation import Derivation
from symbackprop.derivation.cost import Work, cost
from symbackprop.derivation.matrices import Array, Gradient
from symbackprop.notations import Notation
from symbackprop.quantities import Partial
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.matrices import write_matrix
from symbackprop.rendering.page import Formula, Row, Section
from symbackprop.rendering.pieces import NotPrintable
from symbackprop.rendering.sections import writer_of

_WORDS = (
    "A product under a sum is a multiply-add, a value of a function is counted apart, and a number is kept if a "
    "gradient reads it; parameters, inputs and targets are there anyway."
)


def cost_section(derivation: Derivation, notation: Notation) -> Section:
    r"""Multiply-adds and function values, forward and backward, and the numbers kept for the backward pass.

    >>> from symbackprop.activations import unknown
    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Dense
    >>> from symbackprop.notations import notations
    >>> section = cost_section(layer_step(Dense("m", unknown()), "n", batch="N"), notations["nielsen"])
    >>> [formula.rows[-1].rhs for formula in section.formulas]
    ['N m n', 'N m + 2 N m n', 'N m', 'N m', 'N m']
    """
    found, writer = cost(derivation), writer_of(derivation, notation)
    formulas = (
        _work(writer, "multiply-adds forward", found.forward, [w.multiply_adds for w in found.forward]),
        _work(writer, "multiply-adds backward", found.backward, [w.multiply_adds for w in found.backward]),
        _work(writer, "function values forward", found.forward, [w.function_values for w in found.forward]),
        _work(writer, "function values backward", found.backward, [w.function_values for w in found.backward]),
        _formula(writer, "numbers kept", [(notation.array(q, writer.depth), n) for q, n in found.kept]),
    )
    return Section("Cost", formulas, _WORDS)


def _work(writer: Writer, name: str, works: Sequence[Work], counts: Sequence[Expr]) -> Formula:
    return _formula(writer, name, [(_whole(writer, w.lhs), n) for w, n in zip(works, counts, strict=True)])


def _formula(writer: Writer, name: str, counted: Sequence[tuple[str, Expr]]) -> Formula:
    """Term by term and added up; what takes nothing is left out."""
    terms = [(what, n) for what, n in counted if n != 0]
    total = writer.write(Add(*(n for _, n in terms)))
    added = " + ".join(
        f"({text})" if " + " in text or " - " in text else text for text in (writer.write(n) for _, n in terms)
    )
    said = "for " + ", ".join(f"${what}$" for what, _ in terms)
    rows = (Row(added, said), Row(total)) if len(terms) > 1 and added != total else (Row(total, said if terms else ""),)
    return Formula(rf"\text{{{name}}}", rows)


def _whole(writer: Writer, lhs: Expr) -> str:
    """The array of which the left side is an entry, as the notation writes it."""
    quantity = writer.quantity(lhs.denominator if isinstance(lhs, Partial) else lhs)
    if quantity is None:
        raise NotPrintable(f"{lhs} is no entry of a known quantity")
    return write_matrix(writer, Gradient(quantity) if isinstance(lhs, Partial) else Array(quantity))
