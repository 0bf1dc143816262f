"""An end to training once the loss on data that are held out has not become better for a while (Prechelt 1998)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Parameters
from symbackprop.training.numbers import real, whole


@dataclass(frozen=True)
class EarlyStopping:
    """Stop after ``patience`` epochs in a row whose loss is not at least ``min_delta`` below the best.

    The loss is that of the data held out, or of the training data where none are. With ``restore_best`` the parameters
    are those of the best epoch in the end, else those of the last.
    """

    patience: int = 10
    min_delta: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        # Python's own numbers, so that a checkpoint knows the rule again.
        object.__setattr__(self, "patience", whole("patience", self.patience, 1))
        object.__setattr__(self, "min_delta", real("min_delta", self.min_delta))


@dataclass
class Watch:
    """The best epoch so far, with a copy of its parameters."""

    rule: EarlyStopping
    best: float = inf
    epoch: int = 0
    parameters: Parameters = field(default_factory=dict)

    def see(self, epoch: int, loss: float, parameters: Mapping[str, Array]) -> None:
        """Take note of an epoch."""
        if loss < self.best - self.rule.min_delta or not self.epoch:
            self.best, self.epoch = loss, epoch
            if self.rule.restore_best:
                self.parameters = {label: value.copy() for label, value in parameters.items()}

    def is_over(self, epoch: int) -> bool:
        """Whether the patience has ended with this epoch."""
        return epoch - self.epoch >= self.rule.patience
