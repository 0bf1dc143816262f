"""What is measured after an epoch, beside the loss of its steps: outputs, dead units, norms of gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from symbackprop.activations import Activation
from symbackprop.kernels import Kernels, lambdify_elementwise
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.lower import output_of
from symbackprop.model import Model
from symbackprop.quantities import ARGUMENT, Apply
from symbackprop.training.metrics import accuracy, r2, threshold
from symbackprop.training.samples import Samples

#: Samples at a time, so that the quantities of all of the data need not fit into memory.
CHUNK = 4096
_GRID = np.linspace(-10, 10, 2001)


@dataclass(frozen=True)
class Measured:
    """The mean loss, the metrics that suit the targets, and the units that are dead on all of the samples, by layer."""

    loss: float
    accuracy: float | None
    r2: float | None
    dead_units: Mapping[str, int]


class Monitor:
    """Measures a network on data, in pieces; they are ``graded`` where the targets are classes."""

    def __init__(self, kernels: Kernels, graded: bool) -> None:
        self.kernels, self.graded = kernels, graded
        self._output = output_of(kernels.model).label
        self._slopes = slopes_with_dead_parts(kernels.model)
        self._layers = {q.label: str(q.layer) for q in kernels.model.parameters}
        self._threshold = threshold(kernels.network)

    def measure(self, parameters: Mapping[str, Array], samples: Samples) -> Measured:
        """Loss, metrics and dead units of ``parameters`` on some samples."""
        total, outputs, dead = 0.0, [], dict.fromkeys(self._slopes, np.True_)
        for start in range(0, len(samples), CHUNK):
            part = samples.rows(slice(start, start + CHUNK))
            seen = self.kernels.quantities(parameters, part.X, part.Y, **part.given)
            total += float(seen["J"]) * (1 if self.kernels.over_batch == "sum" else len(part))
            outputs.append(seen[self._output])
            for label, (_, slope) in self._slopes.items():
                dead[label] = dead[label] & (slope(seen[label]) == 0).all(axis=0)
        output = np.concatenate(outputs)
        counts: dict[str, int] = {}
        for label, (layer, _) in self._slopes.items():
            counts[layer] = counts.get(layer, 0) + int(np.sum(dead[label]))
        Y = samples.Y
        share = accuracy(output, Y, self._threshold) if self.graded else None
        return Measured(total / len(samples), share, None if self.graded else r2(output, Y), counts)

    def gradient_norms(self, gradients: Mapping[str, Array]) -> dict[str, float]:
        """The length of the gradient by all parameters of each layer, by the layer's number."""
        squares: dict[str, float] = {}
        for label, gradient in gradients.items():
            layer = self._layers[label]
            squares[layer] = squares.get(layer, 0.0) + float(np.vdot(gradient, gradient))
        return {layer: float(np.sqrt(square)) for layer, square in squares.items()}


def slopes_with_dead_parts(model: Model) -> Mapping[str, tuple[str, Callable[..., Array]]]:
    """The layer and h′ by the label of each pre-activation whose h is flat on a part of the line, and not everywhere.

    A unit that stays in that part for every sample learns nothing more.

    >>> from symbackprop.network import Network
    >>> sorted(slopes_with_dead_parts(Network.from_spec("2-5-5-1", "relu,tanh,identity").model))
    ['z^1']
    """
    found: dict[str, tuple[str, Callable[..., Array]]] = {}
    for equation in model.equations:
        node = equation.expression
        if not isinstance(node, Apply) or node.order or model.functions.get(node.name) is None:
            continue
        form = model.functions[node.name]
        alone = Activation(node.name, lambda z, form=form: form.xreplace({ARGUMENT: z}))
        slope = lambdify_elementwise(alone, accuracy="fast")[1]
        flat = slope(_GRID) == 0
        label = str(getattr(node.argument, "base", node.argument))
        # A single zero is a turning point, such as that of a sine.
        if label in model.quantities and flat.sum() > len(_GRID) // 20 and not flat.all():
            found[label] = str(equation.quantity.layer), slope
    return found
