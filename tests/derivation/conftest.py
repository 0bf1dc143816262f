"""A tiny interpreter of index form and of matrix form, and an independent forward pass for complex steps."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
from scipy.special import erf

from symbackprop.derivation import matrices as m
from symbackprop.quantities import ARGUMENT, Apply, Partial

_STEP = 1e-30


class Interpreter:
    """Values of index-form expressions: ``arrays`` by label, ``gradients`` of J by label, ``sizes`` by symbol."""

    def __init__(self, arrays, sizes, functions, model=None):
        self.arrays, self.sizes, self.functions, self.gradients = arrays, sizes, functions, {}
        self.model = model

    def value(self, e, at):
        if e in at:
            return at[e]
        if e.is_Number or e in (sympy.pi, sympy.E):
            return float(e)
        for kind, rule in RULES:
            if isinstance(e, kind):
                return rule(self, e, at)
        return NUMERIC[e.func.__name__](*(self.value(a, at) for a in e.args))

    def _symbol(self, e, at):
        return self.sizes[e] if e in self.sizes else self.arrays[e.name]

    def _entry(self, e, at):
        return self.arrays[str(e.base.label)][self._place(e, at)]

    def _gradient(self, e, at):
        if e.numerator != sympy.Symbol("J", real=True):
            return self._jacobian(e, at)
        leaf = e.denominator
        if isinstance(leaf, sympy.Symbol):
            return self.gradients[leaf.name]
        return self.gradients[str(leaf.base.label)][self._place(leaf, at)]

    def _jacobian(self, e, at):
        """∂c/∂q by a complex step of the one equation that defines c."""
        label, place = str(e.numerator.base.label), _label_and_place(self, e.denominator, at)
        equation = next(q for q in self.model.equations if q.quantity.label == label)
        inside = dict(zip(equation.indices, (self.value(i, at) for i in e.numerator.indices), strict=True))
        kept, moved = self.arrays, np.array(self.arrays[place[0]], dtype=complex)
        moved[place[1]] += 1j * _STEP
        self.arrays = {**kept, place[0]: moved}
        value = self.value(equation.expression, inside)
        self.arrays = kept
        return np.imag(value) / _STEP

    def _apply(self, e, at):
        form = self.functions[e.name].diff(ARGUMENT, e.order)
        return self.value(form, {ARGUMENT: self.value(e.argument, at)})

    def _branches(self, e, at):
        return next(self.value(v, at) for v, c in e.args if self._holds(c, at))

    def _delta(self, e, at):
        return float(self.value(e.args[0], at) == self.value(e.args[1], at))

    def size(self, size):
        return int(size) if size.is_number else int(self.value(size, {}))

    def array(self, e, indices, axes):
        """All entries of an expression over its free indices."""
        shape = tuple(self.size(n) for n in axes)
        out = np.empty(shape)
        for place in itertools.product(*(range(n) for n in shape)):
            out[place] = self.value(e, {i: p + 1 for i, p in zip(indices, place, strict=True)})
        return out

    def _holds(self, condition, at):
        if condition == sympy.true or condition == sympy.false:
            return bool(condition)
        if isinstance(condition, sympy.And):
            return all(self._holds(c, at) for c in condition.args)
        one, other = (np.real(self.value(a, at)) for a in condition.args)
        return {">": one > other, ">=": one >= other, "<=": one <= other, "<": one < other}[condition.rel_op]

    def _place(self, e, at):
        return tuple(int(self.value(i, at)) - 1 for i in e.indices)

    def _sum(self, e, at):
        (index, low, high), rest = e.limits[-1], e.limits[:-1]
        inner = sympy.Sum(e.function, *rest) if rest else e.function
        span = range(int(self.value(low, at)), int(self.value(high, at)) + 1)
        return sum(self.value(inner, {**at, index: k}) for k in span)

    def matrix(self, term):
        """The value of a matrix term; a vector is a column."""
        match term:
            case m.Array(q):
                return self._column(self.arrays[q.label])
            case m.Gradient(q):
                return self._column(self.gradients[q.label])
            case m.Ones(n):
                return np.ones((self.size(n), 1))
            case m.Transposed(operand):
                return self.matrix(operand).T
            case m.Product(factors):
                return np.linalg.multi_dot([*map(self.matrix, factors)])
            case m.Hadamard(factors):
                values = [*map(self.matrix, factors)]
                assert len({v.shape for v in values}) == 1
                return math.prod(values[1:], start=values[0])
            case m.Added(terms):
                values = [*map(self.matrix, terms)]
                assert len({v.shape for v in values}) == 1
                return sum(values)
            case m.Scaled(factor, operand):
                return self.value(factor, {}) * self.matrix(operand)
            case m.Applied(name, order, operand):
                return np.vectorize(lambda v: self._applied(name, order, v))(self.matrix(operand))

    def _applied(self, name, order, v):
        form = self.functions.get(name)
        return self.value(getattr(sympy, name)(ARGUMENT) if form is None else form.diff(ARGUMENT, order), {ARGUMENT: v})

    @staticmethod
    def _column(value):
        array = np.asarray(value, dtype=float)
        return array.reshape(-1, 1) if array.ndim < 2 else array


def _label_and_place(machine, leaf, at):
    if isinstance(leaf, sympy.Symbol):
        return leaf.name, ()
    return str(leaf.base.label), machine._place(leaf, at)


RULES = (
    (sympy.Symbol, Interpreter._symbol),
    (sympy.Indexed, Interpreter._entry),
    (Partial, Interpreter._gradient),
    (sympy.Sum, Interpreter._sum),
    (Apply, Interpreter._apply),
    (sympy.Piecewise, Interpreter._branches),
    (sympy.KroneckerDelta, Interpreter._delta),
)

NUMERIC = {
    "Add": lambda *terms: sum(terms),
    "Mul": lambda *factors: math.prod(factors),
    "Pow": pow,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "erf": erf,
    "sin": np.sin,
    "cos": np.cos,
    "cosh": np.cosh,
    "Abs": lambda u: _size(np.asarray(u))[()],
    "sign": lambda u: np.sign(np.real(u)),
}


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _erf(z):
    return erf(z.real) + 1j * z.imag * 2 / math.sqrt(math.pi) * np.exp(-(z.real**2))


def _softmax(z):
    e = np.exp(z - z.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _size(z):
    return np.where(z.real > 0, z, -z)


def _clip(z, inside, low, high, below=None, above=None):
    below, above = (low, high) if below is None else (below, above)
    return np.where(z.real <= low, below, np.where(z.real >= high, above, inside))


#: Each activation written again, in NumPy, for complex numbers whose imaginary part is infinitesimal.
FORWARD = {
    "identity": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "leaky_relu": lambda z: np.where(z.real > 0, z, z / 100),
    "prelu": lambda z, slope: np.where(z.real > 0, z, slope * z),
    "elu": lambda z: np.where(z.real > 0, z, np.exp(z) - 1),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "swish": lambda z: z * _sigmoid(z),
    "silu": lambda z: z * _sigmoid(z),
    "gelu": lambda z: z * (1 + _erf(z / math.sqrt(2))) / 2,
    "gelu_tanh": lambda z: z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))) / 2,
    "softmax": _softmax,
    "log_softmax": lambda z: z - np.log(np.exp(z).sum(axis=-1, keepdims=True)),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "log_sigmoid": lambda z: -np.log(1 + np.exp(-z)),
    "gaussian": lambda z: np.exp(-(z**2)),
    "sine": np.sin,
    "softsign": lambda z: z / (1 + _size(z)),
    "celu": lambda z: np.where(z.real > 0, z, np.exp(z) - 1),
    "selu": lambda z: 1.0507009873554804934 * np.where(z.real > 0, z, 1.6732632423543772848 * (np.exp(z) - 1)),
    "rrelu": lambda z: np.where(z.real > 0, z, (1 / 8 + 1 / 3) / 2 * z),
    "relu6": lambda z: _clip(z, z, 0, 6),
    "hard_sigmoid": lambda z: _clip(z, z / 6 + 0.5, -3, 3, 0, 1),
    "hard_swish": lambda z: z * _clip(z, z / 6 + 0.5, -3, 3, 0, 1),
    "hard_tanh": lambda z: _clip(z, z, -1, 1),
    "step": lambda z: np.where(z.real > 0, 1.0, 0.0),
}

#: Each loss written again for one row a sample; the second entry says whether samples are averaged.
LOSSES = {
    "squared_error": (lambda a, y: ((a - y) ** 2).sum(axis=-1), False),
    "half_squared_error": (lambda a, y: ((a - y) ** 2).sum(axis=-1) / 2, False),
    "quadratic_cost": (lambda a, y: ((a - y) ** 2).sum(axis=-1) / 2, True),
    "binary_cross_entropy": (lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=-1), True),
    "cross_entropy": (lambda a, y: -(y * np.log(a)).sum(axis=-1), True),
    "mean_squared_error": (lambda a, y: ((a - y) ** 2).mean(axis=-1), True),
    "absolute_error": (lambda a, y: _size(a - y).sum(axis=-1), False),
    "huber": (
        lambda a, y: np.where(abs((a - y).real) <= 1, (a - y) ** 2 / 2, _size(a - y) - 1 / 2).sum(axis=-1),
        False,
    ),
    "log_cosh": (lambda a, y: np.log(np.cosh(a - y)).sum(axis=-1), False),
    "binary_cross_entropy_from_logits": (lambda a, y: (np.log(1 + np.exp(a)) - y * a).sum(axis=-1), True),
    "cross_entropy_from_logits": (lambda a, y: -(y * np.log(_softmax(a))).sum(axis=-1), True),
    "negative_log_likelihood": (lambda a, y: -(y * a).sum(axis=-1), True),
    "kl_divergence": (lambda a, y: (y * np.log(y / a)).sum(axis=-1), True),
    "focal": (lambda a, y: -(y * (1 - a) ** 2 * np.log(a)).sum(axis=-1), True),
    "hinge": (lambda a, y: np.where((y * a).real < 1, 1 - y * a, 0).sum(axis=-1), False),
    "poisson": (lambda a, y: (a - y * np.log(a)).sum(axis=-1), True),
    "cosine": (
        lambda a, y: 1 - (a * y).sum(axis=-1) / np.sqrt((a * a).sum(axis=-1) * (y * y).sum(axis=-1)),
        True,
    ),
}


def forward(values, names, loss):
    """J of plain arrays; weights of layer l under ``w^l``, rows are samples where x has two axes."""
    a, kept = values["x^0"], {}
    for layer, name in enumerate(names, start=1):
        z = a @ values[f"w^{layer}"].T + values.get(f"b^{layer}", 0)
        slopes = [values[f"slope^{layer}"]] if name == "prelu" else []
        a = FORWARD[name](z, *slopes)
        kept[f"z^{layer}"], kept[f"a^{layer}"] = z, a
    per_example, averaged = LOSSES[loss]
    j = per_example(a, values["y"])
    return (j.mean() if averaged else j.sum()), kept


def draw(net, sizes, seed=0):
    """Random values for the inputs of a network's model; the target is a distribution, so any loss takes it."""
    rng, values = np.random.default_rng(seed), {}
    for q in net.model.inputs:
        shape = tuple(int(n) if n.is_number else sizes[n] for n in q.axes)
        values[q.label] = rng.normal(size=shape) if shape else np.float64(rng.uniform(0.1, 0.5))
        if q.label.startswith("b^"):
            values[q.label] = rng.uniform(0.2, 1.2, size=shape)  # keeps some rectified units alive
        if q.label == "y":
            values["y"] = rng.dirichlet(np.ones(shape[-1]), size=shape[:-1])
    return values


def complex_step(values, names, loss, label):
    """dJ/d(label), one entry at a time, along the imaginary axis."""
    base = {key: np.asarray(value, dtype=complex) for key, value in values.items()}
    out = np.empty(base[label].shape)
    for place in np.ndindex(out.shape):
        moved = {**base, label: base[label].copy()}
        moved[label][place] += 1j * _STEP
        out[place] = forward(moved, names, loss)[0].imag / _STEP
    return out


def interpret(derivation, net, names, values, sizes, loss):
    """The interpreter after all results of a derivation have been worked out in order."""
    j, kept = forward({k: np.asarray(v, dtype=complex) for k, v in values.items()}, names, loss)
    arrays = {**values, **{k: v.real for k, v in kept.items()}, "J": j.real}
    machine = Interpreter(arrays, sizes, net.model.functions, net.model)
    for lhs, rhs in derivation.results.items():
        leaf = lhs.denominator if isinstance(lhs, Partial) else lhs
        indices = leaf.indices if isinstance(leaf, sympy.Indexed) else ()
        label = str(leaf.base.label) if indices else leaf.name
        value = machine.array(rhs, indices, derivation.quantities[label].axes)
        (machine.gradients if isinstance(lhs, Partial) else machine.arrays)[label] = value
        if label.startswith("epsilon"):
            machine.gradients[label.replace("epsilon", "z")] = value
    return machine


@pytest.fixture(scope="session")
def numeric():
    """The functions above, for tests (which cannot import each other)."""
    return SimpleNamespace(
        Interpreter=Interpreter,
        FORWARD=FORWARD,
        LOSSES=LOSSES,
        forward=forward,
        draw=draw,
        complex_step=complex_step,
        interpret=interpret,
    )
