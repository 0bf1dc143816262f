"""What training asks of its data before the first step: finite numbers, and targets that the loss is made for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import FiniteSet, Indexed, Interval, Reals, Sum

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array
from symbackprop.losses import Loss
from symbackprop.model import Model
from symbackprop.training.metrics import are_classes
from symbackprop.training.samples import Samples

_ROUNDING = 1e-5


def asked_for(kernels: Kernels, samples: Samples, where: str = "") -> Samples:
    """The samples, classes as the loss takes them; an :class:`~symbackprop.errors.InvalidSpec` if they are unfit.

    ``where`` says which samples these are.
    """
    for name, values in {"X": samples.X, "Y": samples.Y, **samples.given}.items():
        check_finite(name + where, values)
    if are_signs(kernels) and are_classes(samples.Y):
        samples = replace(samples, Y=2 * samples.Y - 1)
    if kernels.network is not None and not takes_all(kernels):
        _check_values(kernels.network.loss, samples.Y, where)
    _check_sums(kernels.model, samples.Y, where)
    return samples


def are_signs(kernels: Kernels) -> bool:
    """Whether the loss takes -1 and 1 for the two classes."""
    return kernels.network is not None and kernels.network.loss.targets == FiniteSet(-1, 1)


def takes_all(kernels: Kernels) -> bool:
    """Whether a target may be any number."""
    return kernels.network is None or kernels.network.loss.targets == Reals


def check_finite(name: str, values: Array, of: str = "") -> None:
    """Name the sample, or the place, of the first value that is not finite.

    >>> check_finite("X", np.array([[1.0, 2.0], [3.0, np.nan]]))
    Traceback (most recent call last):
        ...
    symbackprop.errors.InvalidSpec: X has nan in row 2, column 2, which is no finite number; leave it out or repair it
    """
    if np.isfinite(values).all():
        return
    place = np.argwhere(~np.isfinite(values))[0]
    words = [f"row {place[0] + 1}", *(f"column {k + 1}" for k in place[1:])]
    value = values[tuple(place)]
    raise InvalidSpec(
        f"{name} has {value} in {', '.join(words)}, which is no finite number{of}; leave it out or repair it"
    )


def _check_values(loss: Loss, Y: Array, where: str) -> None:
    if isinstance(loss.targets, Interval):
        low, high = float(loss.targets.start), float(loss.targets.end)
        wrong = (low - _ROUNDING > Y) | (high + _ROUNDING < Y)
        known = f"from {low:g} to {high:g}" if high < np.inf else f"from {low:g}"
    else:
        values = sorted(map(float, loss.targets))
        wrong = ~np.isin(Y, values)
        known = " or ".join(f"{value:g}" for value in values)
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        raise InvalidSpec(
            f"the loss {loss.name} takes targets {known}, and sample {place[0] + 1}{where} has {Y[place]:g}"
        )


def _check_sums(model: Model, Y: Array, where: str) -> None:
    for agreed in model.assumptions:
        if not (isinstance(agreed.lhs, Sum) and isinstance(agreed.lhs.function, Indexed)):
            continue
        sums = Y.sum(axis=-1).reshape(len(Y), -1)
        sums = sums[np.arange(len(Y)), abs(sums - float(agreed.rhs)).argmax(axis=1)]
        wrong = np.flatnonzero(abs(sums - float(agreed.rhs)) > _ROUNDING)
        if len(wrong):
            raise InvalidSpec(
                f"the targets of sample {wrong[0] + 1}{where} sum to {sums[wrong[0]]:g}, but the loss assumes "
                f"{agreed.reason}; take another loss, or one output a class"
            )
