"""The tables of ``docs/performance.md`` from what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

#: Whom a kernel has to beat.
OPPONENTS = ("torch eager", "torch.compile", "jax.jit", "NumPy by hand")
BACKENDS = ("numpy", "c")

#: What R, the time of a kernel over that of the best opponent, should be at most, for the problems a to f.
BARS: Mapping[tuple[str, str], tuple[float, ...]] = {
    ("numpy", "float64"): (0.46, 0.62, 0.91, 0.93, 1.00, 0.63),
    ("numpy", "float32"): (0.41, 0.49, 0.95, 0.94, 0.96, 0.53),
    ("c", "float64"): (0.03, 0.46, 0.75, 0.93, 1.01, 0.40),
    ("c", "float32"): (0.03, 0.28, 0.72, 0.93, 0.93, 0.26),
}
MANY, SECONDS = "c, many steps a call", 0.3

Run = Mapping[str, Any]
Found = Mapping[str, Sequence[float]]


def pages(runs: Sequence[Run]) -> dict[str, str]:
    """The text of every part of the page that was measured."""
    sides = [run for run in runs if run["part"] == "sides"]
    parts = {
        "summary": _summary(sides) if sides else [],
        "contenders": [line for run in sides for line in _times(run)],
        "passes": [line for run in runs if run["part"] == "passes" for line in _times(run)],
        "compile": [line for run in runs if run["part"] == "compile" for line in _compile(run)],
    }
    return {mark: text + "\n" for mark, lines in parts.items() if (text := "\n".join(lines))}


def _head(problems: Sequence[str]) -> Iterator[str]:
    yield f"| | {' | '.join(problems)} |"
    yield f"|---|{'---|' * len(problems)}"


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _summary(runs: Sequence[Run]) -> list[str]:
    """R beside its bar and its floor, then what two threads make of it."""
    problems = list(runs[0]["times"])
    lines = list(_head(problems))
    one = {run["dtype"]: run["times"] for run in runs if run["threads"] == 1}
    more = {run["dtype"]: run["times"] for run in runs if run["threads"] > 1}
    for dtype, times in one.items():
        for backend in BACKENDS:
            lines += _bars(backend, dtype, times)
        lines.append(_row(f"{dtype}: floor", [_cell(_floor(found)) for found in times.values()]))
        many = times.get("a", {})
        if MANY in many:
            cell = f"{ratio(many[MANY], many['numpy']):.3f} ≤ 0.03"
            lines.append(_row(f"{dtype}: {MANY} ÷ numpy", [cell if name == "a" else "" for name in problems]))
    for dtype, times in more.items():
        for backend in BACKENDS:
            alone = one.get(dtype, {})
            lines.append(_row(f"{dtype}: {backend}, 2 threads ÷ 1", _against_itself(backend, times, alone)))
            cells = [_cell(_over(found, backend, "jax.jit")) for found in times.values()]
            lines.append(_row(f"{dtype}: {backend} ÷ jax.jit, 2 threads", cells))
    return lines


def _bars(backend: str, dtype: str, times: Mapping[str, Found]) -> Iterator[str]:
    bars = dict(zip("abcdef", BARS[backend, dtype], strict=True))
    cells = []
    for name, found in times.items():
        value = _best(found, backend)
        cells.append(
            "–"
            if value is None
            else f"{'**' if value <= bars[name] else ''}{value:.2f}"
            f"{'**' if value <= bars[name] else ''} ≤ {bars[name]:.2f}"
        )
    yield _row(f"{dtype}: R of {backend}", cells)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _over(found: Found, one: str, other: str) -> float | None:
    return ratio(found[one], found[other]) if one in found and other in found else None


def _against_itself(backend: str, times: Mapping[str, Found], alone: Mapping[str, Found]) -> list[str]:
    pairs = ((found.get(backend), alone.get(name, {}).get(backend)) for name, found in times.items())
    return [_cell(median(two) / median(one) if two and one else None) for two, one in pairs]


def _best(found: Found, side: str) -> float | None:
    """The time of a side over that of the best opponent."""
    opponents = [name for name in OPPONENTS if name in found]
    return max(ratio(found[side], found[name]) for name in opponents) if side in found and opponents else None


def _floor(found: Found) -> float | None:
    """NumPy's products, the better way round, and its functions h, over the best opponent."""
    parts = [_best(found, name) for name in ("products alone", "products alone, samples first", "functions alone")]
    if None in parts:
        return None
    first, second, functions = (part for part in parts if part is not None)
    return min(first, second) + functions


def _times(run: Run) -> Iterator[str]:
    times: Mapping[str, Found] = run["times"]
    yield f"### {run['dtype']}, {run['threads']} thread{'s' * (run['threads'] > 1)}"
    yield ""
    yield f"Ran: {', '.join(run['kernels'])}."
    yield ""
    yield from _head(list(times))
    yield _row("numpy, µs", [f"{median(found['numpy']):.4g}" for found in times.values()])
    for name in dict.fromkeys(name for found in times.values() for name in found if name != "numpy"):
        yield _row(f"{name} ÷ numpy", [_cell(_over(found, name, "numpy")) for found in times.values()])
    yield ""


def _compile(run: Run) -> Iterator[str]:
    seconds: Mapping[str, Mapping[str, float]] = run["seconds"]
    yield from _head(list(seconds))
    for name in dict.fromkeys(name for found in seconds.values() for name in found):
        yield _row(f"{name}, s", [f"{found[name]:.3f}" if name in found else "–" for found in seconds.values()])


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """The median over the rounds."""
    return median(a / b for a, b in zip(one, other, strict=True))
