"""The definitions of a model in a notation: what a note that uses the notation takes as given."""

from __future__ import annotations

from symbackprop.derivation import Derivation, Step
from symbackprop.notations import Notation
from symbackprop.quantities import Partial, Role
from symbackprop.rendering.chains import Form, chain_formula
from symbackprop.rendering.sections import writer_of


def givens(derivation: Derivation, notation: Notation, form: Form = "index") -> tuple[str, ...]:
    r"""The forward equations and the definitions of the errors, one LaTeX equation each.

    They are written by the same tables as everything else, so that a note's comment block or a reader's preset need
    not spell them a second time.

    >>> from symbackprop.derivation import general_step
    >>> from symbackprop.notations import notations
    >>> for line in givens(general_step(loss=None), notations["nielsen"], "matrix")[-2:]:
    ...     print(line)
    \delta^{L} = \frac{\partial C}{\partial z^{L}}
    \delta^{l} = \frac{\partial C}{\partial z^{l}}
    """
    writer = writer_of(derivation, notation)
    definitions = [Step(equation.lhs, equation.expression, "") for equation in derivation.model.equations]
    for chain in derivation.chains:
        quantity = writer.quantity(chain[0].lhs)
        if quantity is not None and quantity.role is Role.ERROR and isinstance(chain[0].rhs, Partial):
            definitions.append(chain[0])
    return tuple(chain_formula(writer, (step,), form, "result").tex for step in definitions)
