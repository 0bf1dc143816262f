"""The equations of a model taken at their word, in the arrays of any library: no derivation, no emitted code.

What differentiates it (PyTorch, JAX, autograd, a complex step) is an oracle for the derived gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import Any, Literal

import numpy as np
from sympy import (
    Abs,
    Add,
    And,
    Expr,
    Ge,
    Gt,
    Indexed,
    Le,
    Lt,
    Max,
    Min,
    Mul,
    Number,
    NumberSymbol,
    Or,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    cosh,
    erf,
    exp,
    log,
    sign,
    sin,
    tanh,
)
from sympy.logic.boolalg import BooleanTrue

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.arguments import entrance
from symbackprop.model import Equation, Model
from symbackprop.quantities import ARGUMENT, PARAMETER_ROLES, Apply

#: The axis of samples of a model that states one example.
SAMPLES = "samples"


@dataclass(frozen=True)
class Arrays:
    """The operations that a library must offer; ``real`` is the real part, the same where all numbers are real."""

    array: Callable[[Any], Any]
    einsum: Callable[..., Any]
    where: Callable[..., Any]
    real: Callable[[Any], Any]
    functions: Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class _Term:
    """A value with the names of its axes, in order."""

    value: Any
    axes: tuple[str, ...] = ()


def objective(model: Model, values: Mapping[str, Any], arrays: Arrays, over_batch: Literal["mean", "sum"]) -> Any:
    """J over the samples; ``values`` holds every input of the model by its label, with one sample a row.

    Raises :class:`~symbackprop.errors.InvalidSpec` where an index is more than a letter (a convolution, a recurrence).
    """
    walk = _Evaluation(model, values, arrays)
    for equation in model.equations:
        walk.define(equation)
    total = walk.known[model.objective.label]
    if SAMPLES not in total.axes:
        return total.value
    return total.value.sum(0) / (walk.samples if over_batch == "mean" else 1)


class _Evaluation:
    """The values of the quantities so far, by label; each has its axes in the order of the model."""

    def __init__(self, model: Model, values: Mapping[str, Any], arrays: Arrays) -> None:
        self.arrays, self.functions = arrays, model.functions
        self.known: dict[str, _Term] = {}
        self.sizes: dict[str, int] = {}
        self.samples = 0
        for q in model.inputs:
            if q.label not in values:
                raise InvalidSpec(f"{q.label} is missing; hand it over as {q.name or q.label}=…")
            sampled = q.role not in PARAMETER_ROLES and model.batch is None
            value = values[q.label]
            own = tuple(map(str, q.axes))
            self.known[q.label] = _Term(value, (SAMPLES, *own) if sampled else own)
            self.sizes.update(zip(own, value.shape[sampled:], strict=True))
            self.samples = value.shape[0] if q == entrance(model) else self.samples

    def define(self, equation: Equation) -> None:
        """Put the value of an equation among the known ones."""
        found = self._value(equation.expression, {})
        lead = (SAMPLES,) if SAMPLES in found.axes else ()
        wanted = (*lead, *(index.name for index in equation.indices))
        if set(found.axes) != set(wanted):
            raise InvalidSpec(f"{equation.quantity.label} has an index that its equation does not use")
        self.known[equation.quantity.label] = _Term(
            self._ordered(found, wanted), (*lead, *map(str, equation.quantity.axes))
        )

    def _value(self, node: Expr, bound: Mapping[Symbol, _Term]) -> _Term:
        if isinstance(node, Number | NumberSymbol):
            return _Term(float(node))
        if isinstance(node, Symbol):
            return self._symbol(node, bound)
        if isinstance(node, Indexed):
            return self._entry(node)
        if isinstance(node, Sum):
            return self._sum(node, bound)
        if isinstance(node, Apply) and not node.order and self.functions.get(node.name) is not None:
            return self._value(self.functions[node.name], {**bound, ARGUMENT: self._value(node.argument, bound)})
        if isinstance(node, Piecewise):
            return self._piecewise(node, bound)
        combined = _COMBINED.get(type(node))
        if combined is None:
            raise InvalidSpec(f"no oracle evaluates {type(node).__name__}, which stands in the equations")
        parts, axes = self._aligned([self._value(part, bound) for part in node.args])
        return _Term(combined(self.arrays, parts), axes)

    def _symbol(self, node: Symbol, bound: Mapping[Symbol, _Term]) -> _Term:
        if node in bound:
            return bound[node]
        if node.name in self.sizes:
            return _Term(float(self.sizes[node.name]))
        if node.name in self.known:
            return self.known[node.name]
        raise InvalidSpec(f"no oracle knows {node.name}")

    def _entry(self, node: Indexed) -> _Term:
        term = self.known.get(str(node.base))
        positions = {k: self._entry(i) for k, i in enumerate(node.indices) if isinstance(i, Indexed)}
        letters = tuple(f"place {k}" if k in positions else str(i) for k, i in enumerate(node.indices))
        plain = all(isinstance(index, Symbol | Indexed) for index in node.indices)
        if term is None or not plain or len(set(letters)) < len(letters):
            raise InvalidSpec(f"no oracle evaluates {node}: an index of it is more than a letter")
        if any(letter in self.known for letter in letters):
            raise InvalidSpec(f"no oracle evaluates {node}: an index of it depends on data")
        lead = (SAMPLES,) if SAMPLES in term.axes else ()
        found = _Term(term.value, (*lead, *letters))
        for k, position in positions.items():
            found = self._looked_up(found, letters[k], term.value.shape[len(lead) + k], position)
        return found

    def _looked_up(self, term: _Term, axis: str, size: int, position: _Term) -> _Term:
        """The entries of an axis at positions from 1, as a sum over it; one that is not there is 0."""
        array, real = self.arrays.array, self.arrays.real
        at = real(position.value).reshape((*position.value.shape, 1))
        there = self.arrays.where(at == real(array(np.arange(1.0, size + 1))), array(1.0), array(0.0))
        axes = tuple(dict.fromkeys((*position.axes, *(a for a in term.axes if a != axis))))
        lead = tuple(a for a in axes if a == SAMPLES)
        axes = (*lead, *(a for a in axes if a != SAMPLES))
        return _Term(self._einsum([term, _Term(there, (*position.axes, axis))], axes), axes)

    def _sum(self, node: Sum, bound: Mapping[Symbol, _Term]) -> _Term:
        ranges: dict[str, int] = {}
        for index, low, high in node.limits:
            size = int(high) if high.is_Integer else self.sizes.get(str(high))
            if low != 1 or size is None:
                raise InvalidSpec(f"no oracle evaluates a sum over {index} from {low} to {high}")
            ranges[index.name] = size
        terms = node.function.args if isinstance(node.function, Add) else (node.function,)
        parts, axes = self._aligned([self._contracted(term, ranges, bound) for term in terms])
        return _Term(sum(parts[1:], start=parts[0]), axes)

    def _contracted(self, node: Expr, ranges: Mapping[str, int], bound: Mapping[Symbol, _Term]) -> _Term:
        """Σ of a product, as one contraction."""
        factors = [self._value(f, bound) for f in (node.args if isinstance(node, Mul) else (node,))]
        number = 1.0
        for factor in factors:
            number = number if factor.axes else number * factor.value
        factors = [factor for factor in factors if factor.axes]
        seen = {axis: None for factor in factors for axis in factor.axes}
        for axis, size in ranges.items():
            number = number if axis in seen else number * size
        left = tuple(axis for axis in seen if axis not in ranges)
        return _Term(number * self._einsum(factors, left) if factors else number, left)

    def _einsum(self, factors: Sequence[_Term], axes: tuple[str, ...]) -> Any:
        names: dict[str, str] = {}
        words = ["".join(names.setdefault(a, ascii_letters[len(names)]) for a in factor.axes) for factor in factors]
        target = "".join(names[axis] for axis in axes)
        return self.arrays.einsum(f"{','.join(words)}->{target}", *(factor.value for factor in factors))

    def _ordered(self, term: _Term, axes: tuple[str, ...]) -> Any:
        return term.value if term.axes == axes else self._einsum([term], axes)

    def _aligned(self, terms: Sequence[_Term]) -> tuple[list[Any], tuple[str, ...]]:
        """Values that broadcast against each other, and the axes of what comes of it."""
        axes = tuple({axis: None for term in terms for axis in term.axes})
        values = []
        for term in terms:
            if term.axes and term.axes != axes:
                own = tuple(axis for axis in axes if axis in term.axes)
                value = self._ordered(term, own)
                sizes = dict(zip(own, value.shape, strict=True))
                values.append(value.reshape(tuple(sizes.get(axis, 1) for axis in axes)))
            else:
                values.append(term.value)
        return values, axes

    def _piecewise(self, node: Piecewise, bound: Mapping[Symbol, _Term]) -> _Term:
        found = self._value(node.args[-1].expr, bound)
        if not isinstance(node.args[-1].cond, BooleanTrue):
            raise InvalidSpec("no oracle evaluates a function that is not defined everywhere")
        for value, condition in reversed(node.args[:-1]):
            parts, axes = self._aligned([self._condition(condition, bound), self._value(value, bound), found])
            found = _Term(self.arrays.where(parts[0], *map(self.arrays.array, parts[1:])), axes)
        return found

    def _condition(self, node: Expr, bound: Mapping[Symbol, _Term]) -> _Term:
        joined = isinstance(node, And | Or)
        inner = [self._condition(p, bound) if joined else self._value(p, bound) for p in node.args]
        parts, axes = self._aligned(inner)
        if isinstance(node, And | Or):
            value = parts[0]
            for part in parts[1:]:
                value = value & part if isinstance(node, And) else value | part
            return _Term(value, axes)
        left, right = (part if isinstance(part, float) else self.arrays.real(part) for part in parts)
        return _Term(_RELATIONS[type(node)](left, right), axes)


_RELATIONS: Mapping[type, Callable[[Any, Any], Any]] = {
    Gt: lambda a, b: a > b,
    Ge: lambda a, b: a >= b,
    Lt: lambda a, b: a < b,
    Le: lambda a, b: a <= b,
}


def _extreme(arrays: Arrays, parts: list[Any], largest: bool) -> Any:
    found = parts[0]
    for part in parts[1:]:
        a, b = (p if isinstance(p, float) else arrays.real(p) for p in (found, part))
        found = arrays.where(a > b if largest else a < b, found, part)
    return found


def _product(parts: list[Any]) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = found * part
    return found


def _sign(arrays: Arrays, z: Any) -> Any:
    real, (one, zero) = arrays.real(z), map(arrays.array, (1.0, 0.0))
    return arrays.where(real > 0, one, arrays.where(real < 0, -one, zero))


def _called(name: str) -> Callable[[Arrays, list[Any]], Any]:
    return lambda arrays, parts: arrays.functions[name](arrays.array(parts[0]))


_COMBINED: Mapping[type, Callable[[Arrays, list[Any]], Any]] = {
    Add: lambda arrays, parts: sum(parts[1:], start=parts[0]),
    Mul: lambda arrays, parts: _product(parts),
    Pow: lambda arrays, parts: parts[0] ** parts[1],
    Max: lambda arrays, parts: _extreme(arrays, parts, True),
    Min: lambda arrays, parts: _extreme(arrays, parts, False),
    Abs: lambda arrays, parts: arrays.where(arrays.real(parts[0]) > 0, parts[0], -parts[0]),
    sign: lambda arrays, parts: _sign(arrays, parts[0]),
    **{function: _called(function.__name__) for function in (exp, log, tanh, cosh, sin, erf)},
}
