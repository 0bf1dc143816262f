"""The functions of one variable that the engine knows: a few primitives, and everything else defined over them."""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.terms.build import add, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.nodes import Const, Term

#: The variable in which the definitions of this table are written.
X = entry("x")

#: Functions with an evaluation rule of their own. ``step`` is 1 right of 0 and 0 left of it, not defined at 0.
PRIMITIVE = ("exp", "log", "sin", "cos", "arctan", "erf", "step")

_HALF = Fraction(1, 2)


def _phi(argument: Term) -> Term:
    return mul(_HALF, add(1, fn("erf", mul(argument, power(2, -_HALF)))))


def _sigmoid(argument: Term) -> Term:
    return power(add(1, fn("exp", neg(argument))), -1)


#: name -> the function as a term in ``X`` over primitives and names above it; no derivative is written by hand.
KNOWN: dict[str, Term] = {
    "sigmoid": _sigmoid(X),
    "sinh": mul(_HALF, sub(fn("exp", X), fn("exp", neg(X)))),
    "cosh": mul(_HALF, add(fn("exp", X), fn("exp", neg(X)))),
    "tanh": div(sub(fn("exp", X), fn("exp", neg(X))), add(fn("exp", X), fn("exp", neg(X)))),
    "sech": div(2, add(fn("exp", X), fn("exp", neg(X)))),
    "tan": div(fn("sin", X), fn("cos", X)),
    "cot": div(fn("cos", X), fn("sin", X)),
    "sec": power(fn("cos", X), -1),
    "csc": power(fn("sin", X), -1),
    "coth": div(add(fn("exp", X), fn("exp", neg(X))), sub(fn("exp", X), fn("exp", neg(X)))),
    "csch": div(2, sub(fn("exp", X), fn("exp", neg(X)))),
    "arcsin": fn("arctan", mul(X, power(sub(1, mul(X, X)), -_HALF))),
    "arccos": sub(mul(_HALF, Const("pi")), fn("arctan", mul(X, power(sub(1, mul(X, X)), -_HALF)))),
    "arsinh": fn("log", add(X, power(add(mul(X, X), 1), _HALF))),
    "arcosh": fn("log", add(X, mul(power(sub(X, 1), _HALF), power(add(X, 1), _HALF)))),
    "logit": fn("log", div(X, sub(1, X))),
    "artanh": mul(_HALF, sub(fn("log", add(1, X)), fn("log", sub(1, X)))),
    "relu": mul(X, fn("step", X)),
    "relu6": add(mul(X, fn("step", X)), mul(sub(6, X), fn("step", sub(X, 6)))),
    "abs": mul(X, sub(mul(2, fn("step", X)), 1)),
    "sign": sub(mul(2, fn("step", X)), 1),
    "softplus": fn("log", add(1, fn("exp", X))),
    "softsign": div(X, add(1, mul(X, sub(mul(2, fn("step", X)), 1)))),
    "swish": mul(X, _sigmoid(X)),
    "silu": mul(X, _sigmoid(X)),
    "elu": add(mul(X, fn("step", X)), mul(sub(fn("exp", X), 1), sub(1, fn("step", X)))),
    "normal_pdf": mul(power(mul(2, Const("pi")), -_HALF), fn("exp", mul(-_HALF, X, X))),
    "normal_cdf": _phi(X),
    "gelu": mul(X, _phi(X)),
    "logsigmoid": neg(fn("log", add(1, fn("exp", neg(X))))),
    "erfc": sub(1, fn("erf", X)),
    "sqrt": power(X, _HALF),
    "identity": X,
    "log2": div(fn("log", X), fn("log", num(2))),
    "log10": div(fn("log", X), fn("log", num(10))),
}
KNOWN["mish"] = mul(X, fn("tanh", fn("softplus", X)))


def is_known(name: str) -> bool:
    """Whether the engine has a meaning for the function of this name.

    >>> is_known("gelu"), is_known("h")
    (True, False)
    """
    return name in KNOWN or name in PRIMITIVE


#: Derivatives of the primitives, as terms in ``X`` (the step has none at 0, and 0 elsewhere).
PRIMITIVE_DERIVATIVE: dict[str, Term] = {
    "exp": fn("exp", X),
    "log": power(X, -1),
    "sin": fn("cos", X),
    "cos": neg(fn("sin", X)),
    "arctan": power(add(1, mul(X, X)), -1),
    "erf": mul(2, power(Const("pi"), -_HALF), fn("exp", neg(mul(X, X)))),
    "step": num(0),
}


#: Derivatives of functions of the table in terms of themselves and each other; the tests prove each from the table.
SLOPES: dict[str, Term] = {
    "sigmoid": mul(fn("sigmoid", X), sub(1, fn("sigmoid", X))),
    "tanh": sub(1, power(fn("tanh", X), 2)),
    "softplus": fn("sigmoid", X),
    "logsigmoid": sub(1, fn("sigmoid", X)),
    "sinh": fn("cosh", X),
    "cosh": fn("sinh", X),
    "tan": add(1, power(fn("tan", X), 2)),
    "normal_cdf": fn("normal_pdf", X),
    "normal_pdf": neg(mul(X, fn("normal_pdf", X))),
    "relu": fn("step", X),
}
