"""``symbackprop run``: train a network and compare its gradients with those found in another way."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from importlib import import_module

import numpy as np

from symbackprop.commands.derive import network
from symbackprop.commands.output import check_place, deliver
from symbackprop.commands.plotting import check_target
from symbackprop.commands.training_plots import plot_training
from symbackprop.errors import InvalidSpec
from symbackprop.kernels.backend import backends
from symbackprop.layers import Dense
from symbackprop.losses import read_penalty
from symbackprop.training import Checkpoint, CrossCheck, EarlyStopping, Result, run
from symbackprop.training.oracles import check_library

_BARS = "▁▂▃▄▅▆▇█"
_COLUMNS = 40


def execute(options: Namespace) -> int:
    """Exit code 1 if the gradients do not agree with those found in another way, else 0."""
    if options.plot:
        check_target(options.plot)
    if options.output not in (None, "-"):
        check_place(options.output)
    if options.resume and options.checkpoint is None:
        raise InvalidSpec("--resume goes on from a checkpoint; name it with --checkpoint FILE")
    # An error before anything is computed.
    check_library(options.against)
    backends[options.backend]
    if options.backend == "jax" and options.dtype == "float64":
        _widen_jax()
    result = trained(options)
    if options.plot:
        plot_training(result, f"{options.spec} on {options.data}, {options.optimizer}", options.plot)
    try:
        check, reason = result.cross_check(options.against), ""
    except InvalidSpec as error:
        if options.against != "reference":
            raise
        check, reason = None, f"not compared with backpropagation by hand: {error}"
    if options.format == "json":
        deliver(as_json(options, result, check), options.output)
    else:
        unicode = (sys.stdout.encoding or "").lower().startswith("utf") or options.output is not None
        deliver(f"{as_text(options, result, unicode)}\n{check or reason}\n", options.output)
    return int(check is not None and not check.passed)


def _widen_jax() -> None:
    """JAX has float64 switched off by itself; here nobody else uses it. Without it the kernel says what to install."""
    try:
        jax = import_module("jax")
    except ImportError:
        return
    jax.config.update("jax_enable_x64", True)


def trained(options: Namespace) -> Result:
    """The result of training the network of the options."""
    of_a_file = options.spec.lower().endswith(".toml")
    declared = network(options.spec, options.activation, options.loss, penalty=options.penalty) if of_a_file else None
    return run(
        declared or options.spec,
        options.data,
        None if declared else options.activation,
        None if declared else options.loss,
        optimizer=options.optimizer,
        learning_rate=options.lr,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        penalty=None if declared or options.penalty is None else read_penalty(options.penalty),
        target=options.target,
        schedule=options.schedule,
        validation=options.validation,
        early_stopping=None if options.early_stopping is None else EarlyStopping(*options.early_stopping),
        checkpoint=None if options.checkpoint is None else Checkpoint(options.checkpoint, resume=options.resume),
        standardise=options.standardise,
        backend=options.backend,
        dtype=options.dtype,
    )


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
    held = "" if result.held_out is None else f" and {len(result.held_out[0])} held out"
    lines = [
        f"{options.spec} ({', '.join(activations)}; {loss}) on {options.data}: {len(result.X)} samples{held}, "
        f"{len(losses)} epochs of {options.optimizer}, seed {options.seed}",
        f"loss      {drawn}{losses[0]:.4g} to {losses[-1]:.4g}",
    ]
    lines += _scores("accuracy", result.accuracy, result.validation_accuracy, ".1%")
    lines += _scores("R²" if unicode else "R^2", result.r2, result.validation_r2, ".4f")
    dead = {layer: count for layer, count in result.history[-1].dead_units.items() if count}
    lines += [f"dead      {count} units of layer {layer}" for layer, count in dead.items()]
    if result.stopped:
        kept = "" if result.best_epoch == len(losses) else f"; these are the parameters of epoch {result.best_epoch}"
        lines.append(f"stopped   {result.stopped}{kept}")
    return "\n".join(lines) + "\n"


def _scores(name: str, trained: float | None, held_out: float | None, form: str) -> list[str]:
    if trained is None:
        return []
    return [f"{name:8}  {trained:{form}}" + ("" if held_out is None else f", held out {held_out:{form}}")]


def as_json(options: Namespace, result: Result, check: CrossCheck | None) -> str:
    """The same as one JSON object, with the history by epoch."""
    activations, loss = _declared(result)
    document = {
        "network": options.spec,
        "activations": activations,
        "objective": loss,
        "data": options.data,
        "samples": len(result.X),
        "held_out": 0 if result.held_out is None else len(result.held_out[0]),
        "optimizer": options.optimizer,
        "backend": result.kernels.backend,
        "dtype": result.kernels.dtype,
        "schedule": options.schedule,
        "seed": options.seed,
        "losses": [epoch.loss for epoch in result.history],
        "accuracy": result.accuracy,
        "r2": result.r2,
        "validation_accuracy": result.validation_accuracy,
        "validation_r2": result.validation_r2,
        "stopped": result.stopped,
        "best_epoch": result.best_epoch,
        "history": [epoch.as_dict() for epoch in result.history],
        "cross_check": None
        if check is None
        else {"against": check.against, "passed": check.passed, "errors": dict(check.errors)},
    }
    return json.dumps(_finite(document), indent=1, allow_nan=False) + "\n"


def _finite(value: object) -> object:
    """What is no finite number is null: JSON has no word for it.

    >>> _finite({"r2": float("-inf"), "losses": [1.0]})
    {'r2': None, 'losses': [1.0]}
    """
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


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
