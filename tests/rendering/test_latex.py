"""The order and the brackets of an author, expression by expression."""

from __future__ import annotations

import pytest
from sympy import (
    Abs,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Matrix,
    Max,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    erf,
    exp,
    log,
    pi,
    sqrt,
    symbols,
    tanh,
)

from symbackprop.notations import notations
from symbackprop.quantities import Apply, Partial, Quantity, Role, as_index
from symbackprop.rendering import NotPrintable, Writer

x, y, n = symbols("x y n", real=True)
j, k = as_index("j"), as_index("k")
two, four = Integer(2), Integer(4)
J = Quantity(Role.LOSS, None, ())
W = Quantity(Role.WEIGHT, two, (two, four))
A, B = Quantity(Role.ACTIVATION, two, (two,)), Quantity(Role.ACTIVATION, Integer(1), (four,))
Z, E = Quantity(Role.PREACTIVATION, two, (two,)), Quantity(Role.ERROR, two, (two,))
WRITER = Writer(notations["d2l"], {q.label: q for q in (J, W, A, B, Z, E)})

CASES: list[tuple[Expr, str]] = [
    (2 * (x - y) * Apply("h", 1, x) * B[k], r"2 (x - y) \phi'(x) h^{(1)}_{k}"),
    (E[j] * W[j, k], r"W^{(2)}_{jk} \delta^{(2)}_{j}"),
    (E[j] * B[k], r"\delta^{(2)}_{j} h^{(1)}_{k}"),
    (
        Apply("sigmoid", 1, Z[k]) * Sum(E[j] * W[j, k], (j, 1, 2)),
        r"\sigma'(z^{(2)}_{k}) \sum_{j=1}^{2} W^{(2)}_{jk} \delta^{(2)}_{j}",
    ),
    (
        Partial(A[j], Z[j]) * Partial(J[()], A[j]),
        r"\frac{\partial J}{\partial h^{(2)}_{j}} \frac{\partial h^{(2)}_{j}}{\partial z^{(2)}_{j}}",
    ),
    (E[j] * Partial(Z[j], W[j, k]), r"\delta^{(2)}_{j} \frac{\partial z^{(2)}_{j}}{\partial W^{(2)}_{jk}}"),
    (x * (1 - x), r"x (1 - x)"),
    (-x * (1 - x), r"-x (1 - x)"),
    (2 * x - 2 * y, r"2 (x - y)"),
    (x - y - 1, r"x - 1 - y"),
    (Rational(1, 2) * x, r"\frac{1}{2} x"),
    (Rational(3, 200) * x, r"0.015 x"),
    (x / (2 * n), r"\frac{x}{2 n}"),
    (1 / (1 + exp(-x)), r"\frac{1}{1 + e^{-x}}"),
    (exp(x / 2), r"\exp\left(\frac{1}{2} x\right)"),
    (tanh(x) ** 2, r"\tanh^{2}(x)"),
    (Apply("sigmoid", 0, x) ** 2, r"\sigma(x)^{2}"),
    (A[j] ** 2, r"(h^{(2)}_{j})^{2}"),
    ((x + y) ** 2, r"(x + y)^{2}"),
    (x**2 * y**3, r"x^{2} y^{3}"),
    (sqrt(2) / 2 * x, r"\frac{x}{\sqrt{2}}"),
    (sqrt(2) / sqrt(pi), r"\sqrt{\frac{2}{\pi}}"),
    (x**-2, r"\frac{1}{x^{2}}"),
    (sqrt(x), r"\sqrt{x}"),
    (3 * 2**x, r"3 \cdot 2^{x}"),
    (log(x) * y, r"y \log(x)"),
    (erf(x / sqrt(2)), r"\mathrm{erf}\left(\frac{x}{\sqrt{2}}\right)"),
    (KroneckerDelta(j, k) * x, r"x \delta_{jk}"),
    (
        Sum(A[j], (j, 1, 2)) * Sum(B[k], (k, 1, 4)),
        r"\left(\sum_{k=1}^{4} h^{(1)}_{k}\right) \sum_{j=1}^{2} h^{(2)}_{j}",
    ),
    (Sum(A[j] + x, (j, 1, 2)), r"\sum_{j=1}^{2} (x + h^{(2)}_{j})"),
    (Sum(-A[j], (j, 1, 2)) / n, r"-\frac{1}{n} \sum_{j=1}^{2} h^{(2)}_{j}"),
    (x + Sum(A[j], (j, 1, 2)), r"\sum_{j=1}^{2} h^{(2)}_{j} + x"),
    (Max(x, 0), r"\max(0, x)"),
    (Abs(x - y), r"|x - y|"),
    (Piecewise((x, x > 0), (0, True)), r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"),
    (
        Piecewise((x, (x > 0) & (y > 0)), (0, True)),
        r"\begin{cases} x & \text{if } x > 0 \text{ and } y > 0 \\ 0 & \text{otherwise} \end{cases}",
    ),
    (A[j + 1], r"h^{(2)}_{j+1}"),
    (Symbol("eta") * x, r"\eta x"),
]


@pytest.mark.parametrize(("expression", "tex"), CASES, ids=[tex for _, tex in CASES])
def test_an_expression_is_written_as_an_author_writes_it(expression: Expr, tex: str) -> None:
    assert WRITER.write(expression) == tex


def test_a_kind_without_a_spelling_is_an_error() -> None:
    with pytest.raises(NotPrintable, match="ImmutableDenseMatrix has no LaTeX here"):
        WRITER.write(Matrix([[1]]).as_immutable())
    with pytest.raises(NotPrintable, match="is not a comparison"):
        WRITER.write(Piecewise((x, (x > 0) | (y > 0)), (0, True)))


def test_an_unknown_function_of_sympy_is_written_by_its_name() -> None:
    assert WRITER.write(Function("phi")(x)) == r"\phi(x)"
