"""Pictures, drawn by matplotlib, which is imported only here; the same numbers give the same bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from symbackprop.errors import InvalidSpec

SUFFIXES = (".svg", ".png", ".pdf")
#: What a format writes about its maker and the hour, left out.
_SILENT: Mapping[str, dict[str, None]] = {
    ".svg": {"Date": None},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None},
}


@dataclass(frozen=True)
class Curve:
    """Points, joined by a line; a label, and a dashed line for what is not measured."""

    x: Sequence[float]
    y: Sequence[float]
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Picture:
    """Curves over one axis. ``log`` is whether the upright axis counts in powers of ten."""

    title: str
    across: str
    up: str
    curves: tuple[Curve, ...]
    log: bool = False


def plot_losses(losses: Sequence[float], title: str, target: str) -> None:
    """Write the mean loss of each epoch to the file ``target``, whose suffix says the format."""
    curve = Curve(range(1, len(losses) + 1), losses)
    draw(Picture(title, "epoch", "mean loss of a sample", (curve,), log=min(losses) > 0), target)


def draw(picture: Picture, target: str) -> None:
    """Write a picture to a file whose suffix says the format."""
    path = check_target(target)
    import matplotlib  # an extra
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "symbackprop"}):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        axes = figure.add_subplot()
        for curve in picture.curves:
            axes.plot(curve.x, curve.y, "--" if curve.dashed else "-", label=curve.label or None)
        axes.set(
            xlabel=picture.across, ylabel=picture.up, title=picture.title, yscale="log" if picture.log else "linear"
        )
        axes.grid(alpha=0.3)
        if any(curve.label for curve in picture.curves):
            axes.legend()
        try:
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".plot") as folder:
                figure.savefig(Path(folder, path.name), metadata=_SILENT[path.suffix.lower()])
                os.replace(Path(folder, path.name), path)
        except OSError as error:
            raise InvalidSpec(f"{path}: cannot be written: {error.strerror}") from None


def check_target(target: str) -> Path:
    """The file to draw; an error before anything is computed if it cannot be drawn."""
    path = Path(target)
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidSpec(f"{target}: a plot is written to a file that ends in {', '.join(SUFFIXES)}")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise InvalidSpec("a plot needs matplotlib; install it with: pip install 'symbackprop[plot]'") from None
    return path
