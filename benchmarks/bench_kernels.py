"""A training step (all gradients and one SGD update) of emitted kernels beside what a user would pick instead.

Run ``python benchmarks/bench_kernels.py --write`` on a machine with nothing else to do: it takes some minutes and puts
its tables into ``docs/performance.md``. For every number of threads and dtype some processes measure all sides in turn,
round after round; a ratio is the median over the rounds of the time of one over that of another in the same round. One
thread: CPU time on one core; more: wall time. The environment's OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are unset for
it; the kernels that ran are said in the table. ``--problems``, ``--threads``, ``--dtypes`` and ``--parts`` take less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from report import pages

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
PARTS = ("sides", "passes", "compile")
Times = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--problems", default="abcdef")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--dtypes", nargs="+", default=["float64", "float32"])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=3, help="how often all sides are measured beside each other")
    parser.add_argument("--block", type=float, default=0.05, help="seconds of a block of steps")
    parser.add_argument("--only", nargs="*", default=[], help="contenders besides the kernels; all when left out")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        part, dtype, threads = options.child.split("/")
        print(json.dumps(seconds(options) if part == "compile" else measured(options, part, dtype, int(threads))))
        return
    sides = [(dtype, n) for n in options.threads for dtype in options.dtypes if "sides" in options.parts]
    runs = [joined([run("sides", dtype, n) for _ in range(options.processes)]) for dtype, n in sides]
    runs += [run("passes", dtype, 1) for dtype in options.dtypes if "passes" in options.parts]
    runs += [run("compile", "float64", 1)] if "compile" in options.parts else []
    for mark, text in pages(runs).items():
        print(text)
        if options.write:
            write(mark, text)


def write(part: str, text: str) -> None:
    """The tables put between the two marks of a part of the page."""
    page, mark = PAGE.read_text(encoding="utf-8"), f"<!-- {part} -->"
    before, _, rest = page.partition(mark)
    _, _, after = rest.partition(mark)
    PAGE.write_text(f"{before}{mark}\n\n{text}\n{mark}{after}", encoding="utf-8")


def joined(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The rounds of several processes: where memory lies, and how a library has begun, is another in each."""
    first = runs[0]
    for problem, times in first["times"].items():
        found = [other["times"][problem] for other in runs]
        shared = [name for name in times if all(name in other for other in found)]
        first["times"][problem] = {name: [time for other in found for time in other[name]] for name in shared}
    return first


def run(part: str, dtype: str, threads: int) -> dict[str, Any]:
    """One process with so many threads; its findings."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    environment |= dict.fromkeys(names, str(threads)) | {"PYTHONPATH": str(ROOT)}
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    command = [sys.executable, __file__, *arguments, "--child", f"{part}/{dtype}/{threads}"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{part} {dtype} {threads} failed")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"part": part, "dtype": dtype, "threads": threads, **found}


def measured(options: argparse.Namespace, part: str, dtype: str, threads: int) -> dict[str, Any]:
    """The times of every side of every problem, in microseconds by round, and what ran."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:threads]))
    # Only now: what is imported looks at the cores that it may use.
    from sides import PROBLEMS, kernel_names, sides, without_passes  # noqa: PLC0415

    clock = time.process_time if threads == 1 else time.perf_counter
    found: dict[str, Times] = {}
    for problem in PROBLEMS:
        if problem.name in options.problems:
            every = part == "passes"
            timed = without_passes(problem, dtype) if every else sides(problem, dtype, threads, options.only)
            found[problem.name] = rounds(timed, options.rounds, options.block, clock)
            line = "  ".join(f"{name} {median(times):.4g}" for name, times in found[problem.name].items())
            print(part, problem.name, dtype, threads, line, file=sys.stderr, flush=True)
    return {"kernels": kernel_names(), "times": found}


def rounds(timed: dict[str, Callable[[], object]], number: int, target: float, clock: Callable[[], float]) -> Times:
    """The time of a step of each side in every round, the sides taking turns."""
    calls: dict[str, int] = {}
    for name, work in timed.items():
        work()
        first = block(work, 1, clock)
        calls[name] = max(1, int(target / max(1e-7, first if first > target else block(work, 3, clock))))
    found: Times = {name: [] for name in timed}
    for _ in range(number):
        for name, work in timed.items():
            found[name].append(1e6 * block(work, calls[name], clock) / getattr(work, "steps", 1))
    return found


def block(work: Callable[[], object], calls: int, clock: Callable[[], float]) -> float:
    """Seconds of one call, over a block of calls."""
    start = clock()
    for _ in range(calls):
        work()
    getattr(work, "wait", lambda: None)()
    return (clock() - start) / calls


def seconds(options: argparse.Namespace) -> dict[str, Any]:
    """From a network to kernels and to a training step, each in a process of its own; nothing compiled is kept."""
    found: dict[str, dict[str, float]] = {}
    for name in options.problems:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(Path(__file__).with_name("compiling.py")), name]
            environment = {**os.environ, "XDG_CACHE_HOME": folder}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found[name] = json.loads(done.stdout)
        print("compile", name, found[name], file=sys.stderr, flush=True)
    return {"seconds": found}


if __name__ == "__main__":
    main()
