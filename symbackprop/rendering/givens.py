"""What a note in some notation takes for granted: shapes of the letters, forward equations, definitions of the errors.

Everything is written by the notation's own table, so that a reader's preset or a comment block is never typed twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr

from symbackprop.derivation import Derivation, Step
from symbackprop.derivation.matrices import Gradient
from symbackprop.model import Assumption
from symbackprop.notations import LAST, Notation
from symbackprop.quantities import Partial, Quantity, Role
from symbackprop.rendering.chains import Form, chain_formula
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.letters import preferred
from symbackprop.rendering.matrices import write_matrix
from symbackprop.rendering.sections import last_layer, writer_of


def givens(derivation: Derivation, notation: Notation, form: Form = "index") -> tuple[str, ...]:
    r"""The forward equations and the definitions of the errors, one LaTeX equation each.

    >>> from symbackprop.derivation import general_step
    >>> from symbackprop.notations import notations
    >>> for line in givens(general_step(loss=None), notations["nielsen"], "matrix")[-2:]:
    ...     print(line)
    \delta^{L} = \frac{\partial C}{\partial z^{L}}
    \delta^{l} = \frac{\partial C}{\partial z^{l}}
    """
    writer = writer_of(derivation, notation)
    return tuple(chain_formula(writer, (step,), form, "result").tex for step in _definitions(derivation, writer))


def letters(derivation: Derivation, notation: Notation) -> dict[str, str]:
    r"""Every letter with its shape or function, in the words of a note's comment block.

    In a derivation for any layer the letters are those of layer l, which stand for all.

    >>> from symbackprop.derivation import general_step
    >>> from symbackprop.notations import notations
    >>> for letter, word in letters(general_step(), notations["nielsen"]).items():
    ...     print(letter, ":", word)
    z^{l} : vector(n_{l})
    a^{l} : vector(n_{l})
    w^{l} : matrix(n_{l}, n_{l-1})
    b^{l} : vector(n_{l})
    \delta^{l} : vector(n_{l})
    y : vector(n_{L})
    C : scalar
    h : unknown
    """
    writer = writer_of(derivation, notation)
    shown = sorted(_of_layer_l(derivation), key=lambda quantity: _ORDER.index(quantity.role))
    words = {notation.array(quantity, writer.depth): _shape(writer, quantity) for quantity in shown}
    words |= {sign: _shape(writer, quantity) for quantity, sign in _signs(shown, writer)}
    functions = derivation.model.functions.items()
    return words | {notation.function(name): "unknown" if form is None else name for name, form in functions}


def comment_block(derivation: Derivation, notation: Notation) -> str:
    """The comment block that tells a reader of notes all of it, in YAML."""
    writer = writer_of(derivation, notation)
    general = last_layer(derivation) is None
    lines = ["symbols:", *(f"  {_quoted(a)}: {_quoted(b)}" for a, b in letters(derivation, notation).items()), "given:"]
    for step in _definitions(derivation, writer):
        entry = step.lhs.denominator if isinstance(step.lhs, Partial) else step.lhs
        quantity = writer.quantity(entry)
        if quantity is not None and (not general or quantity in _of_layer_l(derivation)):
            lines.append(f"  - {_quoted(chain_formula(writer, (step,), 'matrix', 'result').tex)}")
    plain = replace(writer, notation=replace(notation, gradients={}))
    for quantity, sign in _signs(_of_layer_l(derivation), writer):
        lines.append(f"  - {_quoted(f'{sign} = {write_matrix(plain, Gradient(quantity))}')}")
    agreed = [f"  - {_quoted(_assumption(writer, assumption))}" for assumption in derivation.model.assumptions]
    return "\n".join([*lines, *(["assume:"] if agreed else []), *agreed]) + "\n"


_ORDER = (
    Role.INPUT,
    Role.PREACTIVATION,
    Role.ACTIVATION,
    Role.WEIGHT,
    Role.BIAS,
    Role.PARAMETER,
    Role.ERROR,
    Role.TARGET,
    Role.LOSS,
)


def _definitions(derivation: Derivation, writer: Writer) -> list[Step]:
    steps = [Step(equation.lhs, equation.expression, "") for equation in derivation.model.equations]
    for chain in derivation.chains:
        quantity = writer.quantity(chain[0].lhs)
        if quantity is not None and quantity.role is Role.ERROR and isinstance(chain[0].rhs, Partial):
            steps.append(chain[0])
    return steps


def _assumption(writer: Writer, assumption: Assumption) -> str:
    renaming = preferred([assumption.lhs, assumption.rhs], writer.notation, writer.quantities)
    return " = ".join(writer.write(side.xreplace(renaming)) for side in (assumption.lhs, assumption.rhs))


def _of_layer_l(derivation: Derivation) -> list[Quantity]:
    """The quantities that declare a letter: all, or for any layer those of layer l and those without a layer."""
    if last_layer(derivation) is not None:
        return list(derivation.quantities.values())
    return [q for q in derivation.quantities.values() if q.layer is None or (q.layer.is_Symbol and q.layer != LAST)]


def _signs(quantities: Sequence[Quantity], writer: Writer) -> list[tuple[Quantity, str]]:
    """The quantities for whose gradient the notation has a sign of its own, with it."""
    signs = [(quantity, writer.notation.gradient_array(quantity, writer.depth)) for quantity in quantities]
    return [(quantity, sign) for quantity, sign in signs if sign is not None]


def _shape(writer: Writer, quantity: Quantity) -> str:
    sizes: list[Expr] = list(quantity.axes)
    while sizes and sizes[-1] == 1:
        sizes.pop()  # Its index is not written either.
    if not sizes:
        return "scalar"
    kind = {1: "vector", 2: "matrix"}.get(len(sizes), "tensor")
    return f"{kind}({', '.join(writer.write(size) for size in sizes)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
