"""The course of a training as a picture, drawn by matplotlib, which is imported only here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from symbackprop.errors import InvalidSpec

SUFFIXES = (".svg", ".png", ".pdf")


def plot_losses(losses: Sequence[float], title: str, target: str) -> None:
    """Write the mean loss of each epoch to the file ``target``, whose suffix says the format."""
    path = check_target(target)
    from matplotlib.figure import Figure  # an extra

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(range(1, len(losses) + 1), losses)
    axes.set(xlabel="epoch", ylabel="mean loss of a sample", title=title, yscale="log" if min(losses) > 0 else "linear")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".plot") as folder:
            figure.savefig(Path(folder, path.name))
            os.replace(Path(folder, path.name), path)
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be written: {error.strerror}") from None


def check_target(target: str) -> Path:
    """The file to draw; an error before anything is trained if it cannot be drawn."""
    path = Path(target)
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidSpec(f"{target}: a plot is written to a file that ends in {', '.join(SUFFIXES)}")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise InvalidSpec("--plot needs matplotlib; install it with: pip install 'symbackprop[plot]'") from None
    return path
