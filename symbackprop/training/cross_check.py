"""The gradients of a kernel beside those found in other ways: by hand, by a complex step, by other libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from symbackprop.activations import Activation, activations
from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Parameters
from symbackprop.kernels.functions import Accuracy
from symbackprop.layers import Dense
from symbackprop.network import Network
from symbackprop.reference import ACTIVATIONS, LOSSES, ReferenceLayer, gradients
from symbackprop.training.oracles import Case, Compared, oracles
from symbackprop.training.samples import samples_of

Against: TypeAlias = Literal["reference", "complex_step", "torch", "jax", "autograd"]

#: What may be lost to rounding where the gradients of the samples cancel, as they do near a minimum.
TOLERANCE = {"float64": 1e-8, "float32": 1e-2}


@dataclass(frozen=True)
class CrossCheck:
    """The largest error of each gradient, relative to its largest entry, against ``against``.

    >>> print(CrossCheck({"w^1": 3e-16, "b^1": 2e-3}, 1e-8, "the reference"))
    gradient   relative error, against the reference
    w^1        3.0e-16
    b^1        2.0e-03  more than 1e-08
    """

    errors: Mapping[str, float]
    tolerance: float
    against: str

    @property
    def passed(self) -> bool:
        """Whether every error is within the tolerance."""
        return all(error <= self.tolerance for error in self.errors.values())

    def __str__(self) -> str:
        width = max(8, *map(len, self.errors))
        lines = [f"{'gradient':{width}}   relative error, against {self.against}"]
        for label, error in self.errors.items():
            verdict = "" if error <= self.tolerance else f"  more than {self.tolerance:.0e}"
            lines.append(f"{label:{width}}   {error:.1e}{verdict}")
        return "\n".join(lines)


def cross_check(
    kernels: Kernels,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    against: Against = "reference",
    seed: int = 0,
    accuracy: Accuracy = "accurate",
    **given: Array,
) -> CrossCheck:
    """The kernel's gradients at ``parameters`` on the batch (X, Y) against those found in another way, in float64.

    Compared are the gradients of the kernels as they are and of the same kernels with ``accuracy``; the larger error
    counts. What the model is ``given`` besides goes by name, as in :meth:`Kernels.gradients`.

    ``reference`` is backpropagation written by hand, for dense layers. ``torch``, ``jax`` and ``autograd``
    differentiate the forward equations of the model in those libraries, and ``complex_step`` in NumPy, at some
    entries of each parameter and along a direction drawn with the seed; none of them sees the derivation or the emitted
    code. They take any network whose indices are plain letters. What an oracle does not take is an
    :class:`~symbackprop.errors.InvalidSpec`.

    >>> from symbackprop.kernels import compile_kernels
    >>> kernels = compile_kernels(Network.from_spec("2-3-1", "tanh,sigmoid"))
    >>> X, Y = np.array([[0.0, 1.0]]), np.array([[1.0]])
    >>> cross_check(kernels, kernels.init(0), X, Y, against="complex_step").passed
    True
    """
    if kernels.derivation.counted:
        raise InvalidSpec("these kernels cut backpropagation through time, so that their gradients are not those of J")
    batch = samples_of(kernels.model, np.asarray(X), np.asarray(Y), given)
    oracle = oracles[against]
    # An overflow on the way to a 0 is no error; a gradient that is not finite fails below.
    with np.errstate(all="ignore"):
        modes = (kernels, kernels.in_mode(accuracy)) if accuracy != kernels.accuracy else (kernels,)
        found = [one.gradients(parameters, X, Y, **given)[1] for one in modes]
        derived = {label: tuple(gradients[label] for gradients in found) for label in kernels.labels}
        compared = oracle(Case(kernels, parameters, batch, derived, seed))
        errors = {k: max(relative_error(one, wanted) for one in own) for k, (own, wanted) in compared.items()}
    return CrossCheck(errors, TOLERANCE[kernels.dtype], f"the {against}" if against == "reference" else against)


def reference(case: Case) -> Compared:
    """The gradients of backpropagation written by hand."""
    kernels, parameters, batch = case.kernels, case.parameters, case.batch
    if kernels.network is None or kernels.network.loss.name not in LOSSES:
        raise InvalidSpec(f"the reference knows networks with the losses {', '.join(sorted(LOSSES))}")
    layers = reference_layers(kernels.network, parameters)
    _, found, _ = gradients(layers, np.asarray(batch.X, float), np.asarray(batch.Y, float), kernels.network.loss.name)
    wanted: Parameters = {}
    for number, gradient in enumerate(found, start=1):
        for letter in ("weight", "bias", "slope"):
            value = getattr(gradient, letter)
            if value is not None:
                wanted[f"{_LABELS[letter]}^{number}"] = value
    first, second = _strengths(kernels.network)
    for label in wanted:
        if label.startswith("w"):
            weight = np.asarray(parameters[label], float)
            wanted[label] = wanted[label] + first * np.sign(weight) + second * weight
    return {label: (derived, wanted[label]) for label, derived in case.derived.items()}


oracles.register("reference", reference)


def _strengths(network: Network) -> tuple[float, float]:
    """λ₁ and λ₂ of the penalty λ₁ |w| + λ₂/2 w², 0 without one."""
    if network.penalty is None:
        return 0.0, 0.0
    if network.penalty.strengths is None:
        raise InvalidSpec(f"the reference knows the penalties l1, l2 and elastic_net, not {network.penalty.name}")
    first, second = network.penalty.strengths
    return float(first), float(second)


_LABELS = {"weight": "w", "bias": "b", "slope": "slope"}


def relative_error(value: Array, reference: Array) -> float:
    """max |value - reference| / max |reference|; the absolute error where the reference is 0 throughout."""
    error = float(np.max(np.abs(np.asarray(value, float) - reference)))
    scale = float(np.max(np.abs(reference)))
    return error / (scale or 1.0) if np.isfinite(error) else float("inf")


def reference_layers(network: Network, parameters: Mapping[str, Array]) -> list[ReferenceLayer]:
    """The layers of a dense network with these parameters, as the reference takes them."""
    layers = []
    for number, layer in enumerate(network.layers, start=1):
        if not (isinstance(layer, Dense) and _is_built_in(layer.activation)):
            raise InvalidSpec(f"layer {number}: the reference knows dense layers with the built-in activations only")
        own = {letter: parameters.get(f"{letter}^{number}") for letter in ("w", "b", "slope")}
        arrays = {letter: None if a is None else np.asarray(a, dtype=float) for letter, a in own.items()}
        weight = arrays["w"]
        if weight is None:
            raise InvalidSpec(f"the parameter w^{number} is missing")
        layers.append(ReferenceLayer(weight, arrays["b"], layer.activation.name, arrays["slope"]))
    return layers


def _is_built_in(activation: Activation) -> bool:
    """Whether the reference knows this very function; one of the same name may be another."""
    return (
        activation.name in {*ACTIVATIONS, "prelu", "softmax", "log_softmax"}
        and activations.get(activation.name) == activation
    )
