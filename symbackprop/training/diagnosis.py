"""Where the first value that is not finite came from: an epoch is taken again, with every value seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symbackprop.errors import Diverged
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.lower import output_of
from symbackprop.training.descent import Descent, State

_ADVICE = "take a smaller learning rate, or scale the data"


def diverged(descent: Descent, start: State, number: int, epochs: int) -> Diverged:
    """The error that names the epoch, batch and layer of the first value that is not finite after ``start``."""
    kernels = descent.steps.kernels
    descent.restore(start)
    for batch, samples in enumerate(descent.batches()):
        part = descent.loaded(samples)
        place = f"at step {descent.steps.count + 1} (epoch {number}, batch {batch + 1})"
        loss, gradients = kernels.gradients(descent.parameters, part.X, part.Y, **part.given)
        seen = {**descent.parameters, **kernels.quantities(descent.parameters, part.X, part.Y, **part.given)}
        label = _first(kernels, seen)
        if not np.isfinite(loss) or label is not None:
            return Diverged(f"the loss is {loss} {place}; {_forward(kernels, seen, label)}; {_ADVICE}")
        for label in reversed(gradients):
            if not np.isfinite(gradients[label]).all():
                layer = kernels.model.quantities[label].layer
                return Diverged(
                    f"the gradient by {label} of layer {layer} is not finite {place}, going back from a loss of "
                    f"{loss:.1e}; {_ADVICE}"
                )
        descent.step(number, batch, epochs)
        label = _first(kernels, descent.parameters)
        if label is not None:
            layer = kernels.model.quantities[label].layer
            return Diverged(f"the step of {label} of layer {layer} is not finite {place}; {_ADVICE}")
    return Diverged(f"the loss of a step is not finite in epoch {number}; {_ADVICE}")


def _first(kernels: Kernels, seen: Mapping[str, Array]) -> str | None:
    """The label of the first quantity with a value that is not finite, in the order of the layers."""
    in_order = sorted(seen, key=lambda label: _depth(kernels.model.quantities[label].layer))
    return next((label for label in in_order if not np.isfinite(seen[label]).all()), None)


def _forward(kernels: Kernels, seen: Mapping[str, Array], label: str | None) -> str:
    model = kernels.model
    if label is not None and label != model.objective.label:
        return f"{label} is the first that is not finite, in layer {model.quantities[label].layer}"
    output = output_of(model)
    largest = np.abs(seen[output.label]).max()
    return f"the output {output.label} of layer {output.layer} is finite still, up to {largest:.1e}"


def _depth(layer: object) -> float:
    return float("inf") if layer is None else float(str(layer))
