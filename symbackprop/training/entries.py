"""J of a model at numbers, entry by entry as its equations stand: an oracle for any index, that sees no derivation.

It is slow, shares nothing with the kernels, and takes complex numbers, so that a complex step differentiates it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special
from sympy import (
    Abs,
    Add,
    And,
    Basic,
    Eq,
    Expr,
    Ge,
    Gt,
    Indexed,
    KroneckerDelta,
    Le,
    Lt,
    Max,
    Min,
    Mod,
    Mul,
    Ne,
    Not,
    Or,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    cosh,
    erf,
    exp,
    floor,
    log,
    sign,
    sin,
    tanh,
)

from symbackprop.model import Model
from symbackprop.quantities import ARGUMENT, Apply, ArgMaximum

Values = Mapping[str, NDArray[Any]]


def objective(model: Model, values: Values, once: Collection[str], over_batch: str) -> complex:
    """J of a batch at ``values`` by label; of a model of one example the mean or the sum over the samples.

    ``once`` names what is the same for all samples; everything else has a first axis of samples.

    >>> from symbackprop.network import Network
    >>> values = {"x^0": np.array([[3.0]]), "w^1": np.array([[2.0]]), "b^1": np.array([1.0]), "y": np.array([[5.0]])}
    >>> objective(Network.from_spec("1-1", "identity").model, values, ("w^1", "b^1"), "sum").real
    2.0
    """
    if model.batch is not None:
        samples = next(len(values[q.label]) for q in model.inputs if q.batched)
        return complex(_Entries(model, values, {model.batch: samples}).value(model.equations[-1].expression, {}))
    each = [label for label in values if label not in once]
    samples = len(values[each[0]])
    total: complex = 0
    for s in range(samples):
        own = {label: value[s] if label in each else value for label, value in values.items()}
        total += _Entries(model, own, {}).value(model.equations[-1].expression, {})
    return complex(total) / (samples if over_batch == "mean" else 1)


class _Entries:
    """The entries found so far; one outside of its axis is 0."""

    def __init__(self, model: Model, values: Values, sizes: Mapping[Expr, int]) -> None:
        self.model, self.values, self.sizes = model, values, sizes
        self.equations = {e.quantity.label: e for e in model.equations}
        self.found: dict[tuple[str, tuple[int, ...]], Any] = {}

    def entry(self, label: str, index: tuple[int, ...]) -> Any:
        if label in self.values:
            array = np.asarray(self.values[label])
            inside = all(1 <= i <= n for i, n in zip(index, array.shape, strict=True))
            return array[tuple(i - 1 for i in index)] if inside else 0
        equation = self.equations[label]
        axes = [int(n.subs(self.sizes)) for n in equation.quantity.axes]
        if not all(1 <= i <= n for i, n in zip(index, axes, strict=True)):
            return 0
        if (label, index) not in self.found:
            here = dict(zip(equation.indices, index, strict=True))
            self.found[label, index] = self.value(equation.expression, here)
        return self.found[label, index]

    def value(self, e: Basic, here: Mapping[Basic, Any]) -> Any:
        if isinstance(e, Symbol):
            if e in here:
                return here[e]
            return self.sizes[e] if e in self.sizes else self.entry(e.name, ())
        if isinstance(e, Indexed):
            return self.entry(str(e.base.label), tuple(_whole(self.value(i, here)) for i in e.indices))
        if isinstance(e, Sum):
            return self._total(e, here)
        if isinstance(e, ArgMaximum):
            body, (k, _, size) = e.args
            last = _whole(self.value(size, here))
            return int(np.argmax([np.real(self.value(body, {**here, k: n})) for n in range(1, last + 1)])) + 1
        if isinstance(e, Piecewise):
            return next(self.value(value, here) for value, condition in e.args if self.value(condition, here))
        if isinstance(e, Apply):
            return self.value(self.model.functions[e.name], {ARGUMENT: self.value(e.argument, here)})
        if not e.args:
            return bool(e) if e.is_Boolean else int(e) if e.is_Integer else float(e)
        return _RULES[e.func](*(self.value(argument, here) for argument in e.args))

    def _total(self, e: Sum, here: Mapping[Basic, Any]) -> Any:
        *inner, (k, low, high) = e.limits
        body = Sum(e.function, *inner) if inner else e.function
        first, last = (_whole(self.value(bound, here)) for bound in (low, high))
        return sum(self.value(body, {**here, k: n}) for n in range(first, last + 1))


def _whole(value: Any) -> int:
    return int(np.real(value))


_RULES: Mapping[type, Callable[..., Any]] = {
    Add: lambda *terms: sum(terms),
    Mul: lambda *factors: np.prod(np.array(factors, dtype=complex)),
    Pow: lambda base, power: complex(base) ** power,
    Max: lambda *values: max(values, key=np.real),
    Min: lambda *values: min(values, key=np.real),
    Abs: lambda value: value if np.real(value) >= 0 else -value,
    sign: lambda value: np.sign(np.real(value)),
    KroneckerDelta: lambda one, other: int(np.real(one) == np.real(other)),
    Mod: lambda one, other: _whole(one) % _whole(other),
    floor: lambda value: int(np.floor(np.real(value) + 1e-9)),
    exp: np.exp,
    log: lambda value: np.log(complex(value)),
    tanh: np.tanh,
    sin: np.sin,
    cosh: np.cosh,
    erf: special.erf,
    And: lambda *parts: all(parts),
    Or: lambda *parts: any(parts),
    Not: lambda part: not part,
    Eq: lambda one, other: np.real(one) == np.real(other),
    Ne: lambda one, other: np.real(one) != np.real(other),
    Le: lambda one, other: np.real(one) <= np.real(other),
    Lt: lambda one, other: np.real(one) < np.real(other),
    Ge: lambda one, other: np.real(one) >= np.real(other),
    Gt: lambda one, other: np.real(one) > np.real(other),
}
