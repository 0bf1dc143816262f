"""From a network to kernels that run: derive, lower, optimise, emit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special
from sympy import Expr, Symbol, lambdify

from symbackprop.activations import Activation
from symbackprop.derivation import Derivation, derive
from symbackprop.errors import InvalidSpec, NotDerivable, ShapeMismatch
from symbackprop.kernels.backend import Compiled, Routine, backends
from symbackprop.kernels.functions import Accuracy, with_closed_forms
from symbackprop.kernels.lower import OverBatch, lower
from symbackprop.kernels.masks import masked
from symbackprop.kernels.passes import optimised, without_dead_code
from symbackprop.kernels.printing import KernelPrinter
from symbackprop.kernels.program import Program
from symbackprop.kernels.stable import stable
from symbackprop.model import Model
from symbackprop.network import Network
from symbackprop.quantities import ARGUMENT, Quantity, Role, as_size

_DATA = (Role.INPUT, Role.TARGET)
_MODULES = {"np": np, "special": special}

Array: TypeAlias = NDArray[np.floating[Any]]
Parameters: TypeAlias = dict[str, Array]


@dataclass(frozen=True)
class Kernels:
    """The forward and backward pass of a model, compiled.

    Parameters are a dictionary of arrays by label (``w^1``, ``b^1``); X (samples, inputs) and Y (samples, outputs).
    ``lowered`` is the program as derived, ``over_batch`` what J does with the samples of a batch.
    """

    model: Model
    dtype: str
    accuracy: Accuracy
    backend: str
    over_batch: OverBatch
    lowered: Program
    compiled: Compiled
    network: Network | None = None

    @property
    def source(self) -> str:
        """The emitted source text."""
        return self.compiled.source

    def save(self, path: str | Path) -> None:
        """Write the source to a file that runs with NumPy and SciPy alone."""
        Path(path).write_text(self.source, encoding="utf-8")

    def forward(self, parameters: Mapping[str, Array], X: Array) -> Array:
        """The output of the network, (samples, outputs)."""
        output: Array = self.compiled.functions["forward"](*self._arguments(parameters, X=X))
        return output

    def gradients(self, parameters: Mapping[str, Array], X: Array, Y: Array) -> tuple[float, Parameters]:
        """J over the batch and its derivative by every parameter, by label."""
        loss, *found = self.compiled.functions["gradients"](*self._arguments(parameters, X=X, Y=Y))
        return float(loss), {q.label: g for q, g in zip(self.model.parameters, found, strict=True)}

    def quantities(self, parameters: Mapping[str, Array], X: Array, Y: Array) -> dict[str, Array]:
        """Every computed quantity by label, forward (``z^1``, ``a^1``, …, ``J``); samples are rows."""
        computed = [equation.quantity.label for equation in self.model.equations]
        routine = _routine("quantities", self.lowered, computed, "Every quantity.", self.model, self.accuracy)
        values = backends[self.backend]((routine,), self.dtype).functions["quantities"](
            *self._arguments(parameters, X=X, Y=Y)
        )
        return dict(zip(computed, values, strict=True))

    def init(self, seed: int = 0) -> Parameters:
        """Parameters drawn from a seed.

        Weights are uniform in ±sqrt(6/(fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16), biases 0, learnt slopes 1/4
        (He et al. 2015, section 2.1).
        """
        rng = np.random.default_rng(seed)
        return {q.label: np.asarray(_drawn(q, rng), dtype=self.dtype) for q in self.model.parameters}

    def _arguments(self, parameters: Mapping[str, Array], **data: Array) -> list[Array]:
        given = {Role.INPUT: data.get("X"), Role.TARGET: data.get("Y")}
        arguments = []
        for quantity in self.model.inputs:
            if quantity.role in given:
                value = given[quantity.role]
                if value is None:
                    continue
                arguments.append(_fitting(value, _over_samples(quantity), self.dtype))
            elif quantity.label in parameters:
                arguments.append(_fitting(parameters[quantity.label], quantity, self.dtype))
            else:
                raise InvalidSpec(f"the parameter {quantity.label} is missing; given: {', '.join(sorted(parameters))}")
        return arguments


def compile_kernels(
    source: Network | Model | Derivation,
    dtype: Literal["float32", "float64"] = "float64",
    accuracy: Accuracy = "fast",
    backend: str = "numpy",
    over_batch: OverBatch | None = None,
) -> Kernels:
    """Kernels for J and its gradients over a batch of any size.

    J is the sum over the samples where ``over_batch`` or the network's loss says so (``Loss.over_batch``), else a mean.
    ``accuracy="fast"`` takes h′ from the stored activation (a(1 - a)), ``"accurate"`` keeps all digits on the tails.

    >>> from symbackprop.network import Network
    >>> kernels = compile_kernels(Network.from_spec("2-3-1", "tanh,sigmoid", "binary_cross_entropy"))
    >>> sorted(kernels.init(seed=0))
    ['b^1', 'b^2', 'w^1', 'w^2']
    """
    if dtype not in ("float32", "float64"):
        raise InvalidSpec(f"a kernel is float32 or float64, not {dtype!r}")
    if over_batch is None:
        over_batch = "sum" if isinstance(source, Network) and source.loss.over_batch == "sum" else "mean"
    derivation = source if isinstance(source, Derivation) else derive(source)
    lowered, model = lower(derivation, over_batch), derivation.model
    network = source if isinstance(source, Network) else None
    gradients = ["J", *(f"dJ/d{q.label}" for q in model.parameters)]
    routines = (
        _routine("forward", lowered, ["output"], "The output of the network.", model, accuracy),
        _routine("gradients", lowered, gradients, "J and its derivative by each parameter.", model, accuracy),
    )
    compiled = backends[backend](routines, dtype)
    return Kernels(model, dtype, accuracy, backend, over_batch, lowered, compiled, network)


def _routine(
    name: str, lowered: Program, outputs: list[str], summary: str, model: Model, accuracy: Accuracy
) -> Routine:
    """A function for these outputs alone, with only the inputs that they need."""
    part = without_dead_code(replace(lowered, outputs={wanted: lowered.outputs[wanted] for wanted in outputs}))
    read = {name for statement in part.statements for name in statement.reads} | set(part.outputs.values())
    inputs = tuple(array for array in part.inputs if array.name in read)
    sizes = {size: place for size, place in part.sizes.items() if place[0] in read}
    program = optimised(
        replace(part, inputs=inputs, sizes=sizes), lambda p: with_closed_forms(p, model.functions, accuracy)
    )
    sampled = [key for key in outputs if lowered.outputs[key] in lowered.sampled]
    return Routine(name, program, summary, frozenset({*lowered.sampled & {array.name for array in inputs}, *sampled}))


def lambdify_elementwise(
    activation: Activation, dtype: str = "float64"
) -> tuple[Callable[..., Array], Callable[..., Array]]:
    """The vectorised pair (h, h′) of an elementwise activation, in stable forms; learnt parameters follow z.

    >>> from symbackprop.activations import tanh
    >>> h, slope = lambdify_elementwise(tanh)
    >>> float(slope(np.array([0.0]))[0])
    1.0
    """
    form = activation_form(activation)
    letters = (ARGUMENT, *_letters(activation))
    printer = KernelPrinter({letter: letter.name for letter in letters}, dtype)
    value, slope = (
        lambdify(letters, masked(stable(part)), modules=[_MODULES], printer=printer, cse=True)
        for part in (form, form.diff(ARGUMENT))
    )
    return _elementwise(value, dtype), _elementwise(slope, dtype)


def activation_form(activation: Activation) -> Expr:
    """The stable closed form of an elementwise activation in ``ARGUMENT`` and its parameters p1, p2, …"""
    if activation.closed_form is None or not activation.elementwise:
        raise NotDerivable(f"{activation.name} has no closed form in one variable; compile a network with it instead")
    return stable(activation.closed_form(ARGUMENT, *_letters(activation)))


def _letters(activation: Activation) -> list[Symbol]:
    return [Symbol(f"p{k}", real=True) for k, _ in enumerate(activation.parameters, start=1)]


def _elementwise(function: Callable[..., Any], dtype: str) -> Callable[..., Array]:
    def apply(z: Array, *parameters: float) -> Array:
        z = np.asarray(z, dtype=dtype)
        values = function(z, *(np.asarray(p, dtype=dtype) for p in parameters))
        return np.array(np.broadcast_to(values, z.shape), dtype=dtype)

    return apply


def _drawn(quantity: Quantity, rng: np.random.Generator) -> Array | float:
    if not all(size.is_Integer for size in quantity.axes):
        raise InvalidSpec(f"{quantity.label} has the symbolic shape {quantity.axes}; give the widths as numbers")
    shape = tuple(int(size) for size in quantity.axes)
    if quantity.role is Role.WEIGHT:
        limit = (6 / (shape[0] + shape[-1])) ** 0.5
        return rng.uniform(-limit, limit, shape)
    return np.full(shape, 0.25 if quantity.role is Role.PARAMETER else 0.0)


def _over_samples(quantity: Quantity) -> Quantity:
    """The input or target with the axis of samples in front."""
    return quantity if quantity.batched else replace(quantity, axes=(as_size("samples"), *quantity.axes), batched=True)


def _fitting(value: Array, quantity: Quantity, dtype: str) -> Array:
    """``value`` as an array of the kernel's dtype, checked against the axes of the quantity."""
    array = np.asarray(value, dtype=dtype)
    axes = quantity.axes
    fits = array.ndim == len(axes) and all(
        not size.is_Integer or int(size) == length for size, length in zip(axes, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(map(str, axes))
        raise ShapeMismatch(f"{quantity.label} has shape {array.shape}, expected ({wanted})")
    return array
