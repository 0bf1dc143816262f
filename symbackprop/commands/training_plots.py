"""What ``run --plot`` draws: losses, the gradient of each layer, and what the network makes of a line or a plane."""

from __future__ import annotations

import numpy as np

from symbackprop.commands.plotting import Curve, Picture, Regions, draw
from symbackprop.training import Result
from symbackprop.training.metrics import threshold

_SAMPLES = 400
_GRID = 120


def plot_training(result: Result, title: str, target: str) -> None:
    """Write the pictures of a training to the file ``target``, whose suffix says the format."""
    learnt = boundary(result) or fit(result)
    draw(losses(result, title), target, gradient_norms(result), *([learnt] if learnt else []))


def losses(result: Result, title: str) -> Picture:
    """The mean loss of a sample in each epoch, of the data held out too."""
    epochs = [epoch.number for epoch in result.history]
    trained = [epoch.loss for epoch in result.history]
    held = [epoch.validation_loss for epoch in result.history if epoch.validation_loss is not None]
    curves = [Curve(epochs, trained, "training" if held else "")]
    curves += [Curve(epochs, held, "held out", dashed=True)] if held else []
    return Picture(title, "epoch", "mean loss of a sample", tuple(curves), log=min([*trained, *held]) > 0)


def gradient_norms(result: Result) -> Picture:
    """The length of the gradient of each layer in each epoch."""
    epochs = [epoch.number for epoch in result.history]
    norms = {
        layer: [epoch.gradient_norms[layer] for epoch in result.history] for layer in result.history[0].gradient_norms
    }
    curves = tuple(Curve(epochs, values, f"layer {layer}") for layer, values in norms.items())
    positive = all(min(values) > 0 for values in norms.values())
    return Picture("gradients", "epoch", "length of the gradient", curves, log=positive)


def boundary(result: Result) -> Regions | None:
    """The class (or its probability) over the plane, where there are two inputs and classes."""
    if result.X.shape[1:] != (2,) or result.accuracy is None:
        return None
    points = result.scaling.inputs_back(result.X)
    margin = 0.1 * (points.max(axis=0) - points.min(axis=0)) + 1e-9
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    across, up = (np.linspace(low[k], high[k], _GRID) for k in (0, 1))
    plane = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    output = result.predict(plane)
    alone = output.shape[1] == 1
    values = output[:, 0] if alone else output.argmax(axis=1)
    edges = [threshold(result.kernels.network)] if alone else [k + 0.5 for k in range(output.shape[1] - 1)]
    classes = result.Y[:, 0] if result.Y.shape[1] == 1 else result.Y.argmax(axis=1)
    chosen = slice(None, None, max(1, len(points) // _SAMPLES))
    return Regions(
        "decision boundary",
        across.tolist(),
        up.tolist(),
        values.reshape(_GRID, _GRID).tolist(),
        [(float(x), float(y)) for x, y in points[chosen]],
        classes[chosen].tolist(),
        edges,
    )


def fit(result: Result) -> Picture | None:
    """The output over the line with the samples, where there is one input and one target."""
    if result.X.shape[1:] != (1,) or result.Y.shape[1:] != (1,):
        return None
    chosen = slice(None, None, max(1, len(result.X) // _SAMPLES))
    x = result.scaling.inputs_back(result.X)[chosen, 0]
    y = result.scaling.targets_back(result.Y)[chosen, 0]
    line = np.linspace(x.min(), x.max(), _GRID)
    output = result.predict(line[:, None])[:, 0]
    curves = (Curve(x.tolist(), y.tolist(), "samples", dots=True), Curve(line.tolist(), output.tolist(), "network"))
    return Picture("what is learnt", "x", "y", curves)
