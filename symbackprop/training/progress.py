"""A line that shows how far training is: a bar where rich is installed, on a terminal only; silence in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from symbackprop.training.history import Epoch

#: Seconds between two pictures of the same line.
PAUSE = 0.1


@contextmanager
def progress(epochs: int, quiet: bool = False) -> Iterator[Callable[[Epoch], None]]:
    """What to call with each epoch of so many."""
    if quiet or not sys.stderr.isatty():
        yield lambda epoch: None
        return
    try:
        import rich.progress as bars  # noqa: PLC0415 (an extra)
    except ImportError:
        with _line(epochs) as show:
            yield show
        return
    with _bar(bars, epochs) as show:
        yield show


@contextmanager
def _line(epochs: int) -> Iterator[Callable[[Epoch], None]]:
    last, width = 0.0, 0

    def show(epoch: Epoch) -> None:
        nonlocal last, width
        if epoch.number == epochs or monotonic() - last > PAUSE:
            last, line = monotonic(), f"epoch {epoch.number}/{epochs}  {measured(epoch)}"
            # A line that is shorter than the one before covers all of it.
            sys.stderr.write(f"\r{line:{width}}")
            sys.stderr.flush()
            width = len(line)

    try:
        yield show
    finally:
        sys.stderr.write("\n")
        sys.stderr.flush()


@contextmanager
def _bar(bars: Any, epochs: int) -> Iterator[Callable[[Epoch], None]]:
    columns = (
        bars.TextColumn("epoch"),
        bars.MofNCompleteColumn(),
        bars.BarColumn(),
        bars.TextColumn("{task.fields[told]}"),
    )
    console = bars.Console(file=sys.stderr)
    # What a callback prints goes where it was sent: through the bar only where both are on the terminal.
    together = sys.stdout.isatty()
    with bars.Progress(*columns, bars.TimeRemainingColumn(), console=console, redirect_stdout=together) as bar:
        task = bar.add_task("", total=epochs, told="")
        yield lambda epoch: bar.update(task, completed=epoch.number, told=measured(epoch))


def measured(epoch: Epoch) -> str:
    """The loss of an epoch, and the metric there is.

    >>> measured(Epoch(1, 0.25, accuracy=0.5, validation_accuracy=0.75))
    'loss 0.25  accuracy 50.00%  held out 75.00%'
    """
    words = [f"loss {epoch.loss:.4g}"]
    for name, value in (("accuracy", epoch.accuracy), ("held out", epoch.validation_accuracy)):
        words += [] if value is None else [f"{name} {value:.2%}"]
    for name, value in (("R²", epoch.r2), ("held out", epoch.validation_r2)):
        words += [] if value is None else [f"{name} {value:.4f}"]
    return "  ".join(words)
