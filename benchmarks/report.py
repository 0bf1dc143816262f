"""The tables of ``docs/performance.md`` from what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

#: Whom a kernel has to beat.
OPPONENTS = ("torch eager", "torch.compile", "jax.jit", "NumPy by hand")


def tables(runs: Sequence[dict[str, Any]]) -> str:
    """One table a run: the time of the kernel, and of every side relative to it."""
    return "\n".join(line for run in runs for line in _table(run)) + "\n"


def _table(run: dict[str, Any]) -> Iterator[str]:
    times: dict[str, dict[str, list[float]]] = run["times"]
    threads = f"{run['threads']} thread{'s' * (run['threads'] > 1)}"
    yield f"### {run['dtype']}, {threads}"
    yield ""
    yield f"Ran: {', '.join(run['kernels'])}."
    yield ""
    yield f"| | {' | '.join(times)} |"
    yield f"|---|{'---|' * len(times)}"
    own = (f"{median(found['kernel']):.4g}" for found in times.values())
    yield f"| kernel, µs | {' | '.join(own)} |"
    names = dict.fromkeys(name for found in times.values() for name in found if name != "kernel")
    for name in names:
        cells = (f"{ratio(found[name], found['kernel']):.2f}" if name in found else "–" for found in times.values())
        yield f"| {name} ÷ kernel | {' | '.join(cells)} |"
    if set(names) & set(OPPONENTS):
        for kernel in ["kernel", *(name for name in names if name.startswith("kernel "))]:
            cells = (_best(found, kernel) for found in times.values())
            yield f"| **R of the {kernel}** | {' | '.join(cells)} |"
    yield ""


def _best(found: dict[str, list[float]], kernel: str) -> str:
    """The time of the kernel over that of the best opponent, and who that is."""
    opponents = [name for name in OPPONENTS if name in found]
    if kernel not in found or not opponents:
        return "–"
    value, name = max((ratio(found[kernel], found[name]), name) for name in opponents)
    return f"**{value:.2f}** {name}"


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """The median over the rounds."""
    return median(a / b for a, b in zip(one, other, strict=True))
