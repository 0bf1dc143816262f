"""Gradient descent on minibatches with derived kernels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

import numpy as np

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels, Steps, compile_kernels, compile_steps
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Precision
from symbackprop.network import Network
from symbackprop.optimizers import Optimizer
from symbackprop.training.checkpoints import Checkpoint, fingerprint, load, save
from symbackprop.training.descent import Descent, State
from symbackprop.training.diagnosis import diverged
from symbackprop.training.early_stopping import EarlyStopping, Watch
from symbackprop.training.history import Epoch, Result
from symbackprop.training.monitoring import Monitor
from symbackprop.training.plans import Callback, Plan, chosen, planned
from symbackprop.training.preparation import Data, Pair, Prepared, Triple, prepared
from symbackprop.training.progress import progress
from symbackprop.training.schedules import CONSTANT, Schedule
from symbackprop.training.tables import Table


class Settings(TypedDict, total=False):
    """What :func:`train` takes by name beside data and validation."""

    optimizer: str | Optimizer
    learning_rate: float | None
    batch_size: int | None
    settings: Mapping[str, float] | None
    callback: Callback | None
    schedule: str | Schedule
    early_stopping: int | EarlyStopping | None
    checkpoint: str | Path | Checkpoint | None
    parameters: Mapping[str, Array] | None
    quiet: bool
    backend: str | None
    dtype: Precision | None


def train(
    kernels: Kernels | Network,
    data: Data = "xor",
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | None = None,
    epochs: int = 1000,
    batch_size: int | None = None,
    seed: int = 0,
    settings: Mapping[str, float] | None = None,
    callback: Callback | None = None,
    *,
    schedule: str | Schedule = CONSTANT,
    validation: float | Table | Pair | Triple | None = None,
    early_stopping: int | EarlyStopping | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
    standardise: bool = False,
    parameters: Mapping[str, Array] | None = None,
    quiet: bool = False,
    backend: str | None = None,
    dtype: Precision | None = None,
) -> Result:
    """Train on a named data set, a file, a table, (X, Y) or (X, Y, given), from ``parameters`` or a seed.

    A step takes ``batch_size`` samples (50 when left out; all where there are no more), in an order drawn anew in each
    epoch. ``settings`` belong to the optimizer (``{"mu": 0.5}``), and ``schedule`` multiplies its learning rate.
    ``validation`` is a share of the samples to hold out, drawn with the seed, or data of its own; ``early_stopping``
    looks at it. ``standardise`` brings inputs (and targets that are no classes) to mean 0 and variance 1 by the
    training part. ``callback`` gets every :class:`Epoch`, and ends training by returning ``True``. A ``checkpoint`` is
    written after every epoch; with ``Checkpoint(path, resume=True)`` training goes on from it, bit for bit.
    On a terminal one line shows progress, unless ``quiet``. A network is compiled in fast mode for the ``backend``
    (``numpy`` and ``float64`` where nothing is said); kernels are taken as they are.
    Raises :class:`~symbackprop.errors.Diverged` at the first value that is not finite.

    >>> net = Network.from_spec("2-4-1", "tanh,sigmoid", "binary_cross_entropy")
    >>> result = train(net, data="xor", seed=0)
    >>> result.accuracy, result.cross_check().passed
    (1.0, True)
    """
    kernels = _compiled(kernels, dtype, backend)
    plan = planned(epochs, batch_size, seed, schedule, early_stopping, checkpoint, callback, quiet)
    parts = prepared(kernels, data, plan.seed, validation, standardise)
    given = chosen(optimizer, settings, learning_rate)
    steps = compile_steps(kernels, optimizer, given, parameters, plan.seed, backend=backend)
    return _Training(steps, parts, plan).run()


def _compiled(kernels: Kernels | Network, dtype: Precision | None, backend: str | None) -> Kernels:
    if isinstance(kernels, Network):
        return compile_kernels(kernels, dtype or "float64", "fast", backend or "numpy")
    if not isinstance(kernels, Kernels):
        raise InvalidSpec(f"a Network or its kernels are trained, not {kernels!r}; Network.from_spec reads a spec")
    if dtype not in (None, kernels.dtype):
        raise InvalidSpec(
            f"these kernels are compiled in {kernels.dtype}, not {dtype}; compile others, or train a Network"
        )
    return kernels


class _Training:
    """One training: the descent, what is measured of it, and what is kept."""

    def __init__(self, steps: Steps, parts: Prepared, plan: Plan) -> None:
        self.kernels, self.parts, self.plan = steps.kernels, parts, plan
        names = [symbol.name for symbol in steps.program.optimizer.settings]
        rate = dict(zip(names, steps.settings, strict=True)).get("eta")
        if rate is None and plan.schedule != CONSTANT:
            raise InvalidSpec(f"a schedule changes eta, which the optimizer {steps.program.optimizer.name} has not")
        rng = np.random.default_rng(plan.seed)
        self.descent = Descent(steps, parts.trained, plan.batch_size, rng, plan.schedule, rate or 0.0)
        self.monitor = Monitor(steps.kernels, parts.graded)
        self.watch = None if plan.early_stopping is None else Watch(plan.early_stopping)
        self.history: list[Epoch] = []
        self.stopped = ""
        self.marks = {} if plan.checkpoint is None else self._marks(steps)

    def run(self) -> Result:
        """All epochs that are left, or fewer."""
        file = self.plan.checkpoint
        if file is not None and file.resume:
            state, self.history = load(file.path, self.marks, self.descent.state(), self.watch)
            self._agree(file)
            self.descent.restore(state)
        # A loss that is not finite is an error of its own, with a better message than NumPy's warning.
        with progress(self.plan.epochs, self.plan.quiet) as show, np.errstate(all="ignore"):
            while not self._is_over():
                self._epoch(len(self.history) + 1)
                show(self.history[-1])
                if self.plan.callback is not None and self.plan.callback(self.history[-1]) is True:
                    self.stopped = "the callback ended it"
                if file is not None and (len(self.history) % file.every == 0 or self._is_over()):
                    save(file.path, self.marks, self.descent.state(), self.history, self.watch)
        return self._result()

    def _agree(self, file: Checkpoint) -> None:
        """Raise if the schedule has other rates in as many epochs as are asked for now."""
        for epoch in self.history[: self.plan.epochs]:
            if self.descent.last_rate(epoch.number, self.plan.epochs) != epoch.learning_rate:
                raise InvalidSpec(
                    f"{file.path}: with {self.plan.epochs} epochs the schedule would have had another learning rate in "
                    f"epoch {epoch.number}; give as many as it was begun with"
                )

    def _is_over(self) -> bool:
        number = len(self.history)
        if self.watch is not None and number and self.watch.is_over(number):
            self.stopped = f"no better than epoch {self.watch.epoch} for {self.watch.rule.patience} epochs"
        return number >= self.plan.epochs or bool(self.stopped)

    def _epoch(self, number: int) -> None:
        start: State = self.descent.state()
        loss = self.descent.epoch(number, self.plan.epochs)
        parameters = self.descent.parameters
        if loss is None or not all(np.isfinite(value).all() for value in parameters.values()):
            raise diverged(self.descent, start, number, self.plan.epochs)
        parts = self.parts
        seen = self.monitor.measure(parameters, parts.trained)
        held = None if parts.held is None else self.monitor.measure(parameters, parts.held)
        self.history.append(
            Epoch(
                number,
                loss,
                seen.accuracy,
                seen.r2,
                held.loss if held else None,
                held.accuracy if held else None,
                held.r2 if held else None,
                self.descent.rate,
                self.monitor.gradient_norms(self.descent.steps.gradients),
                seen.dead_units,
            )
        )
        if self.watch is not None:
            self.watch.see(number, loss if held is None else held.loss, parameters)

    def _result(self) -> Result:
        kept = self.watch.parameters if self.watch is not None and self.watch.parameters else self.descent.parameters
        best = self.watch.epoch if self.watch is not None and self.watch.parameters else len(self.history)
        own = {label: value.copy() for label, value in kept.items()}
        parts = self.parts
        return Result(
            self.kernels,
            own,
            tuple(self.history),
            parts.trained,
            parts.held,
            parts.scaling,
            self.stopped,
            best,
            parts.classes,
            parts.graded,
        )

    def _marks(self, steps: Steps) -> dict[str, str]:
        model, optimizer, plan = self.kernels.model, steps.program.optimizer, self.plan
        return fingerprint(
            {
                "network": (str(model.equations), str(model.functions), self.kernels.dtype, self.kernels.accuracy),
                "data": tuple(array for part in (self.parts.trained, self.parts.held) if part for array in part.all),
                "optimizer": (str(optimizer.parameter), str(optimizer.memory), str(steps.settings)),
                "batch size and seed": (plan.batch_size, plan.seed),
                "schedule": str(plan.schedule),
                "early stopping": str(plan.early_stopping),
            }
        )
