"""How the learning rate changes while a network trains: a factor of it, as a function of the epochs that are done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from math import cos, inf, pi

from symbackprop.errors import InvalidSpec
from symbackprop.registry import Registry


class Schedule(ABC):
    """``factor(done, epochs)`` multiplies the learning rate after ``done`` of ``epochs`` epochs.

    ``done`` counts parts of an epoch too.
    """

    @abstractmethod
    def factor(self, done: float, epochs: int) -> float:
        """The factor, 1 for the learning rate as given."""

    def _check(self, name: str, low: float, high: float = inf) -> None:
        value = getattr(self, name)
        if not low < value <= high:
            limits = f"more than {low:g}" + (f", at most {high:g}" if high < inf else "")
            raise InvalidSpec(f"{name} of a schedule is a number {limits}, not {value!r}")


@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate throughout."""

    def factor(self, done: float, epochs: int) -> float:
        """Always 1."""
        return 1.0


CONSTANT = Constant()


@dataclass(frozen=True)
class Step(Schedule):
    """``times`` the rate after each ``every`` epochs.

    >>> [Step(10, 0.5).factor(done, 100) for done in (0, 9.9, 10, 25)]
    [1.0, 1.0, 0.5, 0.25]
    """

    every: float = 100
    times: float = 0.1

    def __post_init__(self) -> None:
        self._check("every", 0)
        self._check("times", 0, 1)

    def factor(self, done: float, epochs: int) -> float:
        """times^⌊done/every⌋."""
        return float(self.times ** (done // self.every))


@dataclass(frozen=True)
class Exponential(Schedule):
    """``times`` the rate in each epoch, a little in each step."""

    times: float = 0.99

    def __post_init__(self) -> None:
        self._check("times", 0, 1)

    def factor(self, done: float, epochs: int) -> float:
        """times^done."""
        return float(self.times**done)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from the rate down to ``least`` of it at the last epoch (Loshchilov and Hutter 2017, eq. 5).

    >>> [round(Cosine(0.1).factor(done, 10), 3) for done in (0, 5, 10)]
    [1.0, 0.55, 0.1]
    """

    least: float = 0.0

    def __post_init__(self) -> None:
        self._check("least", -1e-300, 1)

    def factor(self, done: float, epochs: int) -> float:
        """least + (1 - least)(1 + cos(π done/epochs))/2."""
        return self.least + (1 - self.least) * (1 + cos(pi * min(done / epochs, 1.0))) / 2


@dataclass(frozen=True)
class WarmUp(Schedule):
    """The rate in a straight line up over the first ``epochs``, and then as ``after`` says for the others.

    >>> schedule = WarmUp(4, Step(10, 0.5))
    >>> [schedule.factor(done, 100) for done in (0, 2, 4, 14)]
    [0.0, 0.5, 1.0, 0.5]
    """

    epochs: float = 5
    after: Schedule = CONSTANT

    def __post_init__(self) -> None:
        self._check("epochs", 0)

    def factor(self, done: float, epochs: int) -> float:
        """done/epochs of the warm-up, then the factor of ``after`` from its own beginning on."""
        if done < self.epochs:
            return done / self.epochs
        return self.after.factor(done - self.epochs, max(1, round(epochs - self.epochs)))


schedules: Registry[type[Schedule]] = Registry("schedule")
for _name, _kind in (
    ("constant", Constant),
    ("step", Step),
    ("exponential", Exponential),
    ("cosine", Cosine),
    ("warm_up", WarmUp),
):
    schedules.register(_name, _kind)


def read_schedule(text: str) -> Schedule:
    """A schedule from its name and numbers; a warm-up is followed by what comes after a plus.

    >>> read_schedule("warm_up=5+step=100,1/2")
    WarmUp(epochs=5.0, after=Step(every=100.0, times=0.5))
    """
    first, plus, rest = text.partition("+")
    name, _, words = first.strip().partition("=")
    kind = schedules[name]
    numbers = [_number(word, text) for word in words.split(",")] if words else []
    most = [entry for entry in fields(kind) if entry.type == "float"]  # type: ignore[arg-type]
    if len(numbers) > len(most):
        raise InvalidSpec(f"{first!r} has {len(numbers)} numbers; {name} takes at most {len(most)}")
    if plus and kind is not WarmUp:
        raise InvalidSpec(f"{text!r}: only a warm_up is followed by another schedule")
    schedule = kind(*numbers)
    return replace(schedule, after=read_schedule(rest)) if isinstance(schedule, WarmUp) and plus else schedule


def _number(word: str, text: str) -> float:
    try:
        return float(Fraction(word.strip()))
    except (ValueError, ZeroDivisionError):
        raise InvalidSpec(f"{word!r} in the schedule {text!r} is not a number such as 100, 0.5 or 1/2") from None
