"""How long to train, and by what rules: what is asked for, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sympy import Symbol, nan, zoo

from symbackprop.errors import InvalidSpec
from symbackprop.optimizers import STEP, Optimizer, optimizers
from symbackprop.training.checkpoints import Checkpoint
from symbackprop.training.early_stopping import EarlyStopping
from symbackprop.training.history import Epoch
from symbackprop.training.numbers import real, whole
from symbackprop.training.schedules import Schedule, read_schedule

#: Samples a step, where none are asked for.
BATCH_SIZE = 50

Callback = Callable[[Epoch], object]


@dataclass(frozen=True)
class Plan:
    """How long to train, and by what rules."""

    epochs: int
    batch_size: int
    seed: int
    schedule: Schedule
    early_stopping: EarlyStopping | None
    checkpoint: Checkpoint | None
    callback: Callback | None
    quiet: bool

    def __post_init__(self) -> None:
        for name, kind in (("schedule", Schedule), ("early_stopping", EarlyStopping), ("checkpoint", Checkpoint)):
            value = getattr(self, name)
            if not isinstance(value, kind) and (value is not None or name == "schedule"):
                raise InvalidSpec(f"{name} is of the kind {kind.__name__}, or what train makes one of, not {value!r}")
        if self.callback is not None and not callable(self.callback):
            raise InvalidSpec(f"a callback is a function of an Epoch, not {self.callback!r}")
        if self.checkpoint is not None:
            self.checkpoint.check()


def planned(
    epochs: int,
    batch_size: int | None,
    seed: int,
    schedule: str | Schedule,
    early_stopping: int | EarlyStopping | None,
    checkpoint: str | Path | Checkpoint | None,
    callback: Callback | None,
    quiet: bool,
) -> Plan:
    """The plan of what is asked for; an :class:`~symbackprop.errors.InvalidSpec` where it cannot be followed."""
    return Plan(
        whole("epochs", epochs, 1),
        whole("batch_size", BATCH_SIZE if batch_size is None else batch_size, 1),
        whole("seed", seed, 0),
        read_schedule(schedule) if isinstance(schedule, str) else schedule,
        EarlyStopping(early_stopping) if isinstance(early_stopping, int | np.integer) else early_stopping,
        Checkpoint(checkpoint) if isinstance(checkpoint, str | Path) else checkpoint,
        callback,
        quiet,
    )


def chosen(optimizer: str | Optimizer, settings: Mapping[str, float] | None, rate: float | None) -> dict[str, float]:
    """The settings of the optimizer that are given, each within what its symbol may be.

    >>> chosen("momentum", {"mu": 0.5}, 0.1)
    {'mu': 0.5, 'eta': 0.1}
    """
    rule = optimizers[optimizer] if isinstance(optimizer, str) else optimizer
    if not isinstance(rule, Optimizer):
        raise InvalidSpec(f"an optimizer is an Optimizer or the name of one, not {optimizer!r}")
    if not isinstance(settings, Mapping | None):
        raise InvalidSpec(f"settings go by name, such as {{'mu': 0.5}}, not {settings!r}")
    given = {**(settings or {}), **({} if rate is None else {"eta": rate})}
    values: dict[Symbol, float] = {}
    for symbol in rule.settings:
        if symbol.name in given and symbol.is_nonnegative:
            what = "the learning rate" if symbol.name == "eta" else f"the setting {symbol.name} of {rule.name}"
            values[symbol] = given[symbol.name] = real(what, given[symbol.name], positive=symbol.name == "eta")
    _check_first_step(rule, values)
    return given


def _check_first_step(rule: Optimizer, values: Mapping[Symbol, float]) -> None:
    for update in (rule.parameter, *rule.memory.values()) if values else ():
        if update.subs(STEP, 1).subs(values).has(zoo, nan):
            named = ", ".join(f"{symbol} = {value:g}" for symbol, value in values.items())
            raise InvalidSpec(f"the first step of {rule.name} divides by 0 at {named}")
