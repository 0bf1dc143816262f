"""Terms of J that keep weights small: L2 (weight decay), L1, and both (elastic net)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import sympy
from sympy import Abs, Add, Expr, Integer, Rational, Sum, Symbol

from symbackprop.errors import InvalidSpec
from symbackprop.model import Equation, Model
from symbackprop.quantities import TAKEN, Role, as_index

_LETTERS = ("i", "j", "k", "m")


@dataclass(frozen=True)
class Penalty:
    """A term of J: the sum of ``per_weight`` over every entry of every weight; biases are left alone.

    ``strengths`` are λ₁ and λ₂ where it is λ₁ |w| + λ₂/2 w².
    """

    name: str
    per_weight: Callable[[Expr], Expr] = field(repr=False)
    strengths: tuple[Expr, Expr] | None = None


def l2(strength: Expr | int | str) -> Penalty:
    """λ/2 Σ w², whose gradient is λ w: weight decay (Krogh and Hertz 1991, eq. 3).

    The strength is exact: a number from 0, or ``"1/10"`` or ``"0.1"``; a name stands for a positive constant.

    >>> l2("1/10").per_weight(Symbol("w"))
    w**2/20
    """
    factor = _strength(strength)
    return Penalty("l2", lambda w: factor * Rational(1, 2) * w**2, (Integer(0), factor))


def l1(strength: Expr | int | str) -> Penalty:
    """λ Σ |w|, whose gradient is λ sign(w) (Tibshirani 1996)."""
    factor = _strength(strength)
    return Penalty("l1", lambda w: factor * Abs(w), (factor, Integer(0)))


def elastic_net(first: Expr | int | str, second: Expr | int | str) -> Penalty:
    """λ₁ Σ |w| + λ₂/2 Σ w² (Zou and Hastie 2005)."""
    one, two = l1(first), l2(second)
    both = _strength(first), _strength(second)
    return Penalty("elastic_net", lambda w: one.per_weight(w) + two.per_weight(w), both)


def read_penalty(text: str) -> Penalty:
    """A penalty from ``"l2=1/100"``, ``"l1=lamda"`` or both, with a comma between.

    >>> read_penalty("l1=1/5,l2=0.1").per_weight(Symbol("w", real=True))
    w**2/20 + Abs(w)/5
    """
    pairs = [part.partition("=") for part in text.split(",")]
    strengths = {name.strip(): strength.strip() for name, _, strength in pairs}
    if len(strengths) < len(pairs) or not set(strengths) <= {"l1", "l2"} or "" in strengths.values():
        raise InvalidSpec(f"a penalty is written l2=1/100, l1=1/100 or l1=1/100,l2=1/100, not {text!r}")
    if len(strengths) == 2:
        return elastic_net(strengths["l1"], strengths["l2"])
    return l1(strengths["l1"]) if "l1" in strengths else l2(strengths["l2"])


def penalised(model: Model, penalty: Penalty) -> Model:
    """The model whose J has the penalty added once, however many samples a batch has.

    >>> from symbackprop.layers import Dense
    >>> from symbackprop.network import Network
    >>> print(penalised(Network(3, Dense(2)).model, l1(2)).equations[-1].expression)
    Sum((a^1[i] - y[i])**2, (i, 1, 2))/2 + 2*Sum(Abs(w^1[i, j]), (j, 1, 3), (i, 1, 2))
    """
    terms = []
    for weight in (q for q in model.parameters if q.role is Role.WEIGHT):
        indices = [as_index(letter) for letter in _LETTERS[: len(weight.axes)]]
        limits = [(index, 1, size) for index, size in zip(indices, weight.axes, strict=True)][::-1]
        for term in Add.make_args(penalty.per_weight(weight[tuple(indices)])):
            constant, rest = term.as_independent(*indices, as_Add=False)
            terms.append(constant * Sum(rest, *limits))
    if not terms:
        raise InvalidSpec("the model has no weights to penalise")
    *others, last = model.equations
    objective = Equation(last.quantity, last.indices, sum(terms, last.expression))
    return replace(model, equations=(*others, objective))


def _strength(strength: Expr | int | str) -> Expr:
    """An exact number, or a positive constant by its name: such a model is derived and printed, not compiled."""
    if not isinstance(strength, str):
        return _from_zero(sympy.sympify(strength, strict=True))
    if strength in TAKEN:
        raise InvalidSpec(f"the strength of a penalty cannot be called {strength}; take another name, such as lamda")
    if strength.isidentifier():
        return Symbol(strength, positive=True)
    try:
        number = Fraction(strength)
    except (ValueError, ZeroDivisionError):
        raise InvalidSpec(f"the strength of a penalty is a number or the name of one, not {strength!r}") from None
    return _from_zero(Rational(number.numerator, number.denominator))


def _from_zero(strength: Expr) -> Expr:
    if strength.is_negative or not strength.is_finite and strength.is_number:
        raise InvalidSpec(f"the strength of a penalty is a number from 0, not {strength}: J would fall without an end")
    return strength
