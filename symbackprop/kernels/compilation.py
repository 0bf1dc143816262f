"""From a network to kernels that run: derive, lower, optimise, emit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from symbackprop.derivation import Derivation, cut, derive
from symbackprop.errors import InvalidSpec, NotDerivable
from symbackprop.kernels.arguments import Argument, Array, bound, signature
from symbackprop.kernels.backend import Compiled, Routine, backends, write_source
from symbackprop.kernels.collector import Uncollected
from symbackprop.kernels.fans import Uses, fans, uses_of_weights
from symbackprop.kernels.functions import Accuracy, with_closed_forms
from symbackprop.kernels.lower import OverBatch, lower, unscaled
from symbackprop.kernels.passes import letter_axes, optimised, with_reused_memory, without_copies
from symbackprop.kernels.program import Program
from symbackprop.kernels.rewriting import without_dead_code, without_unread
from symbackprop.model import Model
from symbackprop.network import Network
from symbackprop.quantities import Quantity, Role

Parameters: TypeAlias = dict[str, Array]
#: What a model is handed besides its input and target: masks, and tokens or other positions.
OUTSIDE = (Role.GIVEN, Role.POSITION)
Precision = Literal["float32", "float64"]


@dataclass(frozen=True, repr=False)
class Kernels:
    """The forward and backward pass of a model, compiled.

    Parameters are a dictionary of arrays by label (``w^1``, ``b^1``); X is (samples, inputs) and Y (samples, outputs),
    or has as many axes after the samples as an input has. What a model is given besides (a mask, token numbers) goes by
    its label or name, with a first axis of samples or the same for all of them; positions count from 1.
    ``lowered`` is the program as derived, ``optimised`` that of J and the gradients after all passes but the last, with
    the scale in it that a step has; ``over_batch`` says what J does with the samples of a batch,
    ``signatures`` the arguments of each routine, ``labels`` those of the parameters in order;
    ``derivation`` is what all of it was made from.
    """

    model: Model
    dtype: Precision
    accuracy: Accuracy
    backend: str
    over_batch: OverBatch
    lowered: Program
    optimised: Program
    compiled: Compiled
    signatures: Mapping[str, tuple[Argument, ...]]
    labels: tuple[str, ...]
    derivation: Derivation
    network: Network | None = None

    def __repr__(self) -> str:
        return f"Kernels(parameters={', '.join(self.labels)}; dtype={self.dtype}, backend={self.backend})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Kernels are pickled and copied as what they were made from, and compiled again where they arrive."""
        made_from = (self.derivation, self.dtype, self.accuracy, self.backend, self.over_batch)
        return _again, (made_from, self.network)

    @property
    def source(self) -> str:
        """The emitted source text."""
        return self.compiled.source

    def save(self, path: str | Path) -> None:
        """Write the source to a file that runs without symbackprop, with NumPy and SciPy or the backend's library."""
        write_source(self.source, path)

    def in_mode(self, accuracy: Accuracy) -> Kernels:
        """The same kernels with ``accuracy`` ``"fast"`` or ``"accurate"``."""
        if accuracy == self.accuracy:
            return self
        return _again((self.derivation, self.dtype, accuracy, self.backend, self.over_batch), self.network)

    def forward(self, parameters: Mapping[str, Array], X: Array, **given: Array) -> Array:
        """The output of the network, (samples, outputs)."""
        output: Array = self._call("forward", parameters, given, X=X)
        return output

    def gradients(
        self, parameters: Mapping[str, Array], X: Array, Y: Array, **given: Array
    ) -> tuple[float, Parameters]:
        """J over the batch and its derivative by every parameter, by label.

        They hold for targets that keep to what the model assumes: rows that sum to 1 for a cross-entropy.
        """
        result = self._call("gradients", parameters, given, X=X, Y=Y)
        loss, *found = result if self.labels else (result,)
        return float(loss), dict(zip(self.labels, found, strict=True))

    def quantities(self, parameters: Mapping[str, Array], X: Array, Y: Array, **given: Array) -> dict[str, Array]:
        """Every computed quantity by label, forward (``z^1``, ``a^1``, …, ``J``); samples are rows."""
        arguments, compiled = self._quantities
        self._check_names(given)
        arrays = bound(arguments, parameters, {**given, "X": X, "Y": Y}, np.dtype(self.dtype))
        return dict(zip(self._computed, compiled.functions["quantities"](*arrays), strict=True))

    @property
    def _computed(self) -> list[str]:
        return [equation.quantity.label for equation in self.model.equations]

    @cached_property
    def _quantities(self) -> tuple[tuple[Argument, ...], Compiled]:
        """The routine that gives every quantity, compiled when it is first asked for."""
        routine = _routine("quantities", self.lowered, self._computed, "Every quantity.", self.model, self.accuracy)
        routine = replace(routine, wide=self.accuracy == "accurate" and self.dtype == "float32")
        return signature(self.model, self.lowered, routine.program), backends[self.backend]((routine,), self.dtype)

    def init(self, seed: int = 0) -> Parameters:
        """Parameters drawn from a seed.

        Weights are uniform in ±sqrt(6/(fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16), see
        :func:`~symbackprop.kernels.fans.fans`; biases are 0, learnt slopes 1/4 (He et al. 2015, section 2.1). What a
        layer states the start of (``Model.starts``) begins there.
        """
        rng = np.random.default_rng(seed)
        uses = uses_of_weights(self.model)
        return {q.label: _drawn(q, rng, self.dtype, self.model, uses) for q in self.model.parameters}

    def _call(self, name: str, parameters: Mapping[str, Array], given: Mapping[str, Array], **data: Array) -> Any:
        if given:
            self._check_names(given)
        arrays = bound(self.signatures[name], parameters, {**given, **data}, np.dtype(self.dtype))
        return self.compiled.functions[name](*arrays)

    def _check_names(self, given: Mapping[str, Array]) -> None:
        known = {word for q in self.model.inputs if q.role in OUTSIDE for word in (q.label, q.name) if word}
        for name in sorted(set(given) - known):
            raise InvalidSpec(f"nothing is called {name!r} here; given are: {', '.join(sorted(known)) or 'no arrays'}")


def _check_constants(model: Model) -> None:
    """A constant without a value, such as the strength of a penalty, can be derived with and not computed with."""
    known = {*model.quantities}
    for equation in model.equations:
        letters = {s for s in equation.letters if s.name not in known and not s.is_integer}
        strange = sorted(s.name for s in (letters and letters & equation.expression.free_symbols))
        if strange:
            raise InvalidSpec(f"{strange[0]} in the equation of {equation.quantity.label} is a name; give it a number")


def compile_kernels(
    source: Network | Model | Derivation,
    dtype: Precision = "float64",
    accuracy: Accuracy = "fast",
    backend: str = "numpy",
    over_batch: OverBatch | None = None,
    truncate: int | None = None,
) -> Kernels:
    """Kernels for J and its gradients over a batch of any size.

    J is the sum over the samples where ``over_batch`` or the network's loss says so (``Loss.over_batch``), else a mean.
    ``accuracy="fast"`` takes h′ from the stored activation (a(1 - a)), ``"accurate"`` keeps all digits on the tails,
    where float32 is computed in float64 by the backends ``numpy`` and ``c`` and rounded once at the end.
    With ``truncate`` backpropagation through time is cut: each loss reaches that many steps, its own among them.

    >>> from symbackprop.network import Network
    >>> kernels = compile_kernels(Network.from_spec("2-3-1", "tanh,sigmoid", "binary_cross_entropy"))
    >>> sorted(kernels.init(seed=0))
    ['b^1', 'b^2', 'w^1', 'w^2']
    """
    for value, choices in ((dtype, Precision), (accuracy, Accuracy), (over_batch or "mean", OverBatch)):
        if value not in get_args(choices):
            raise InvalidSpec(f"a kernel is {' or '.join(get_args(choices))}, not {value!r}")
    if over_batch is None:
        over_batch = "sum" if isinstance(source, Network) and source.loss.over_batch == "sum" else "mean"
    if isinstance(source, Network) and source.penalty is not None and source.batch is None and over_batch == "sum":
        source = source.over_samples("N")  # a sum over the samples of one example each would count the penalty N times
    network = source if isinstance(source, Network) else None
    with Uncollected():
        derivation = source if isinstance(source, Derivation) else derive(source)
        derivation = derivation if truncate is None else cut(derivation, truncate)
        _check_constants(derivation.model)
        for quantity in derivation.model.given:
            raise NotDerivable(f"no kernel for a step whose {quantity.label} is given; declare the whole network")
        return _compiled(derivation, network, dtype, accuracy, backend, over_batch)


def _compiled(
    derivation: Derivation,
    network: Network | None,
    dtype: Precision,
    accuracy: Accuracy,
    backend: str,
    over_batch: OverBatch,
) -> Kernels:
    model = derivation.model
    scaled = letter_axes(lower(derivation, over_batch, model.batch is None, accuracy == "accurate"))
    lowered = unscaled(scaled, over_batch)
    labels = tuple(q.label for q in model.parameters)
    shared = optimised_for(scaled, ["J", *(f"dJ/d{label}" for label in labels)], model, accuracy)
    # What was multiplied by the scale may be a copy now, and memory is reused only of what no other name stands for.
    plain = without_copies(unscaled(shared, over_batch))
    routines = (
        _routine("forward", lowered, ["output"], "The output of the network.", model, accuracy),
        _finished("gradients", plain, lowered, "J and its derivative by each parameter."),
    )
    wide = accuracy == "accurate" and dtype == "float32"
    compiled = backends[backend](tuple(replace(routine, wide=wide) for routine in routines), dtype)
    signatures = {routine.name: signature(model, lowered, routine.program) for routine in routines}
    return Kernels(
        model, dtype, accuracy, backend, over_batch, lowered, shared, compiled, signatures, labels, derivation, network
    )


def _again(made_from: tuple[Derivation, Precision, Accuracy, str, OverBatch], network: Network | None) -> Kernels:
    return replace(compile_kernels(*made_from), network=network)


def optimised_for(
    lowered: Program, outputs: list[str], model: Model, accuracy: Accuracy, without: Collection[str] = ()
) -> Program:
    """The program for these outputs alone, after all passes but the one that reuses memory."""
    part = without_dead_code(replace(lowered, outputs={wanted: lowered.outputs[wanted] for wanted in outputs}))
    expand = partial(with_closed_forms, functions=model.functions, accuracy=accuracy)
    return optimised(without_unread(part), expand, {*without, "reuse"})


def _routine(
    name: str, lowered: Program, outputs: list[str], summary: str, model: Model, accuracy: Accuracy
) -> Routine:
    """A function for these outputs alone, with only the inputs that they need."""
    return _finished(name, optimised_for(lowered, outputs, model, accuracy), lowered, summary)


def _finished(name: str, program: Program, lowered: Program, summary: str) -> Routine:
    inputs = {array.name for array in program.inputs}
    sampled = [key for key in program.outputs if lowered.outputs[key] in lowered.sampled]
    return Routine(name, with_reused_memory(program), summary, frozenset({*lowered.sampled & inputs, *sampled}))


def _drawn(quantity: Quantity, rng: np.random.Generator, dtype: str, model: Model, uses: Uses) -> Array:
    if not all(size.is_Integer for size in quantity.axes):
        raise InvalidSpec(f"{quantity.label} has the symbolic shape {quantity.axes}; give the widths as numbers")
    shape = tuple(int(size) for size in quantity.axes)
    try:
        if quantity.label in model.starts:
            return np.full(shape, float(model.starts[quantity.label]), dtype)
        if quantity.role is not Role.WEIGHT:
            return np.full(shape, 0.25 if quantity.role is Role.PARAMETER else 0.0, dtype)
        limit = float(6 / sum(fans(quantity, model, uses))) ** 0.5
        return rng.uniform(-limit, limit, shape).astype(dtype)
    except (MemoryError, ValueError):
        raise InvalidSpec(f"{quantity.label} of shape {shape} does not fit into memory; take smaller widths") from None
