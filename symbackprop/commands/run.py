"""``symbackprop run``: train a network and compare its gradients with backpropagation written by hand."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

import numpy as np

from symbackprop.commands.derive import network
from symbackprop.commands.output import deliver
from symbackprop.commands.plotting import check_target, plot_losses
from symbackprop.errors import InvalidSpec
from symbackprop.layers import Dense
from symbackprop.losses import read_penalty
from symbackprop.training import CrossCheck, Result, run, train

_BARS = "▁▂▃▄▅▆▇█"
_COLUMNS = 40


def execute(options: Namespace) -> int:
    """Exit code 1 if the gradients do not agree with those written by hand, else 0."""
    if options.plot:
        check_target(options.plot)
    result = trained(options)
    if options.plot:
        title = f"{options.spec} on {options.data}, {options.optimizer}"
        plot_losses([epoch.loss for epoch in result.history], title, options.plot)
    try:
        check, reason = result.cross_check(), ""
    except InvalidSpec as error:
        check, reason = None, f"not compared with backpropagation by hand: {error}"
    if options.format == "json":
        deliver(as_json(options, result, check), options.output)
    else:
        unicode = (sys.stdout.encoding or "").lower().startswith("utf") or options.output is not None
        deliver(f"{as_text(options, result, unicode)}\n{check or reason}\n", options.output)
    return int(check is not None and not check.passed)


def trained(options: Namespace) -> Result:
    """The result of training the network of the options."""
    settings = {
        "data": options.data,
        "optimizer": options.optimizer,
        "learning_rate": options.lr,
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "seed": options.seed,
    }
    if options.spec.lower().endswith(".toml"):
        return train(network(options.spec, options.activation, options.loss, penalty=options.penalty), **settings)
    penalty = None if options.penalty is None else read_penalty(options.penalty)
    return run(options.spec, activation=options.activation, loss=options.loss, penalty=penalty, **settings)


def _declared(result: Result) -> tuple[list[str], str]:
    """The names of the activations and of the loss, where they were left to the data."""
    net = result.kernels.network
    if net is None:
        return [], ""
    return [layer.activation.name for layer in net.layers if isinstance(layer, Dense)], net.loss.name


def as_text(options: Namespace, result: Result, unicode: bool = True) -> str:
    """What was trained, how the loss went, and how well it does."""
    activations, loss = _declared(result)
    losses = [epoch.loss for epoch in result.history]
    drawn = f"{sparkline(losses)}  " if unicode else ""
    lines = [
        f"{options.spec} ({', '.join(activations)}; {loss}) on {options.data}: {len(result.X)} samples, "
        f"{len(losses)} epochs of {options.optimizer}, seed {options.seed}",
        f"loss      {drawn}{losses[0]:.4g} to {losses[-1]:.4g}",
    ]
    if result.accuracy is not None:
        lines.append(f"accuracy  {result.accuracy:.1%}")
    return "\n".join(lines) + "\n"


def as_json(options: Namespace, result: Result, check: CrossCheck | None) -> str:
    """The same as one JSON object."""
    activations, loss = _declared(result)
    document = {
        "network": options.spec,
        "activations": activations,
        "objective": loss,
        "data": options.data,
        "samples": len(result.X),
        "optimizer": options.optimizer,
        "seed": options.seed,
        "losses": [epoch.loss for epoch in result.history],
        "accuracy": result.accuracy,
        "cross_check": None if check is None else {"passed": check.passed, "errors": dict(check.errors)},
    }
    return json.dumps(document, indent=1) + "\n"


def sparkline(values: list[float]) -> str:
    """The course of some numbers in one line of text.

    >>> sparkline([3.0, 2.0, 1.0])
    '█▅▁'
    """
    step = max(1, -(-len(values) // _COLUMNS))
    means = [float(np.mean(values[start : start + step])) for start in range(0, len(values), step)]
    low, high = min(means), max(means)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[round((mean - low) * scale)] for mean in means)
