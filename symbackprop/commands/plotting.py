"""Pictures, drawn by matplotlib, which is imported only here; the same numbers give the same bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symbackprop.commands.output import check_place
from symbackprop.errors import InvalidSpec

SUFFIXES = (".svg", ".png", ".pdf")
#: What a format writes about its maker and the hour, left out.
_SILENT: Mapping[str, dict[str, None]] = {
    ".svg": {"Date": None},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None},
}
#: So many colours are told apart; of more curves a few have their names in the legend.
_COLOURS, _NAMED = 10, 5
#: Characters of a title.
_TITLE = 48


@dataclass(frozen=True)
class Curve:
    """Points, joined by a line; a label, a dashed line for what is not measured, and no line for single samples."""

    x: Sequence[float]
    y: Sequence[float]
    label: str = ""
    dashed: bool = False
    dots: bool = False


@dataclass(frozen=True)
class Picture:
    """Curves over one axis. ``log`` is whether the upright axis counts in powers of ten, ``zero`` whether it has 0."""

    title: str
    across: str
    up: str
    curves: tuple[Curve, ...]
    log: bool = False
    zero: bool = False


@dataclass(frozen=True)
class Regions:
    """Values over the plane, as colours, and points on top of it; ``values`` has a row for each of ``up``.

    A line goes where the values are one of the ``edges``.
    """

    title: str
    across: Sequence[float]
    up: Sequence[float]
    values: Sequence[Sequence[float]]
    points: Sequence[tuple[float, float]]
    classes: Sequence[float]
    edges: Sequence[float] = ()


def draw(panel: Picture | Regions, target: str, *more: Picture | Regions) -> None:
    """Write pictures, side by side, to a file whose suffix says the format."""
    path = check_target(target)
    import matplotlib  # an extra
    from matplotlib.figure import Figure

    panels = (panel, *more)
    # Text stays text: a picture of a few kilobytes, that can be searched.
    with matplotlib.rc_context({"svg.hashsalt": "symbackprop", "svg.fonttype": "none"}):
        figure = Figure(figsize=(6.4 if not more else 4.8 * len(panels), 4.0), layout="constrained")
        for axes, part in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            if isinstance(part, Picture):
                _draw_curves(axes, part)
            else:
                _draw_regions(axes, part)
        try:
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".plot") as folder:
                figure.savefig(Path(folder, path.name), metadata=_SILENT[path.suffix.lower()])
                os.replace(Path(folder, path.name), path)
        except OSError as error:
            raise InvalidSpec(f"{path}: cannot be written: {error.strerror}") from None


def _draw_curves(axes: Any, picture: Picture) -> None:
    many = len(picture.curves) > _COLOURS
    shown = {round(k * (len(picture.curves) - 1) / (_NAMED - 1)) for k in range(_NAMED)}
    for number, curve in enumerate(picture.curves):
        style = "." if curve.dots or len(curve.x) == 1 else "--" if curve.dashed else "-"
        (line,) = axes.plot(curve.x, curve.y, style, label=curve.label if number in shown or not many else None)
        if many:
            line.set_color((number / (len(picture.curves) - 1), 0.3, 0.6))
    scale = "log" if picture.log else "linear"
    axes.set(xlabel=picture.across, ylabel=picture.up, title=_short(picture.title), yscale=scale)
    axes.grid(alpha=0.3)
    if picture.zero and not picture.log:
        axes.set_ylim(bottom=0)
    if all(isinstance(x, int) for curve in picture.curves for x in curve.x):
        axes.locator_params(axis="x", integer=True)
    if any(curve.label for curve in picture.curves):
        axes.legend()


def _short(title: str) -> str:
    """A title that fits above its picture, and is no formula.

    >>> _short("2-1 on a$b$.csv")
    '2-1 on a\\\\$b\\\\$.csv'
    """
    kept = title if len(title) <= _TITLE else f"{title[: _TITLE // 2]}…{title[-(_TITLE // 2) :]}"
    return kept.replace("$", r"\$")


def _draw_regions(axes: Any, regions: Regions) -> None:
    axes.contourf(regions.across, regions.up, regions.values, levels=20, cmap="coolwarm", alpha=0.6)
    low, high = min(map(min, regions.values)), max(map(max, regions.values))
    if edges := [edge for edge in regions.edges if low < edge < high]:
        axes.contour(regions.across, regions.up, regions.values, levels=edges, colors="black", linewidths=1)
    across, up = zip(*regions.points, strict=True)
    axes.scatter(across, up, c=regions.classes, cmap="coolwarm", edgecolors="black", linewidths=0.5, s=16)
    axes.set(xlabel="$x_1$", ylabel="$x_2$", title=regions.title)


def check_target(target: str) -> Path:
    """The file to draw; an error before anything is computed if it cannot be drawn."""
    path = check_place(target)
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidSpec(f"{target}: a plot is written to a file that ends in {', '.join(SUFFIXES)}")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise InvalidSpec("a plot needs matplotlib; install it with: pip install 'symbackprop[plot]'") from None
    return path
