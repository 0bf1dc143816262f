"""Runs work on hostile input in child processes with limits on memory and time; a result that fails costs only itself.

A note is read from top to bottom, and what is defined above holds below, so the unit of work is a stream: a function
that yields one result for each item in order. The parent gives every item its time. When an item hangs or brings the
child down, it becomes a :class:`Failure` and a new child goes on behind it. Results cross as JSON, never as pickles.
"""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeAlias, TypeVar

if sys.platform != "win32":
    import resource

T = TypeVar("T")
SLACK = 10


@dataclass(frozen=True)
class Limits:
    """Seconds for one item, for starting a child, and for a task in all; bytes of memory that a child may take beyond
    its parent's, and of one result.

    A child that a busy machine keeps waiting has its seconds of processor time for an item, where the system tells
    them, within ``SLACK`` times as many by the clock: how busy the machine is makes no verdict another one.
    """

    item: float = 2.0
    start: float = 10.0
    task: float = 60.0
    memory: int = 1 << 30
    result: int = 1 << 20


@dataclass(frozen=True)
class Failure:
    """An item without a result; ``reason`` is time, memory, depth, size, crash or internal."""

    reason: str
    detail: str = ""


Result: TypeAlias = dict[str, Any] | Failure
Work: TypeAlias = Callable[[int, int, frozenset[int]], Iterator[Mapping[str, Any]]]
"""``work(first, stop, skip)`` yields a JSON object for each item from ``first`` to ``stop - 1``, in order.

It may look at items before ``first`` to learn what they define, except those in ``skip``, which brought a child down.
Where processes cannot be forked it must be possible to pickle it (a ``functools.partial`` of a module's function).
"""


@dataclass(frozen=True)
class Task:
    """The items from ``first`` to ``stop - 1`` of a stream."""

    work: Work
    first: int
    stop: int


def run_stream(work: Work, count: int, *, limits: Limits = Limits(), jobs: int = 1) -> list[Result]:
    """The results of items 0 … ``count - 1``; with several jobs each runs a share of the items in a row.

    >>> def square(first, stop, skip):
    ...     for item in range(first, stop):
    ...         yield {"square": item**2}
    >>> run_stream(square, 3)
    [{'square': 0}, {'square': 1}, {'square': 4}]
    """
    shares = min(jobs or os.cpu_count() or 1, count) or 1
    edges = [count * k // shares for k in range(shares + 1)]
    tasks = [Task(work, first, stop) for first, stop in zip(edges, edges[1:], strict=False)]
    return [result for results in run_tasks(tasks, limits=limits, jobs=jobs) for result in results]


def run_isolated(
    work: Callable[[T], Mapping[str, Any]],
    items: Sequence[T],
    *,
    limits: Limits = Limits(),
    jobs: int = 1,
) -> list[Result]:
    """``work`` on each item, where the items have nothing to do with each other."""
    return run_stream(partial(_each, work, items), len(items), limits=limits, jobs=jobs)


def _each(
    work: Callable[[T], Mapping[str, Any]], items: Sequence[T], first: int, stop: int, skip: frozenset[int]
) -> Iterator[Mapping[str, Any]]:
    for item in items[first:stop]:
        yield work(item)


def run_tasks(
    tasks: Sequence[Task],
    *,
    limits: Limits = Limits(),
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[list[Result]]:
    """The results of each task in order, with at most ``jobs`` children at a time (0: one for each processor).

    ``progress`` is told how many items are done, and of how many.
    """
    runs = [_Run(task, limits) for task in tasks]
    waiting = [run for run in runs if not run.done]
    running: list[_Run] = []
    total = sum(task.stop - task.first for task in tasks)
    try:
        while waiting or running:
            while waiting and len(running) < (jobs or os.cpu_count() or 1):
                running.append(waiting.pop(0))
                running[-1].begin()
            soonest = min(run.deadline for run in running) - time.monotonic()
            ready = wait([run.pipe for run in running if run.pipe], max(0.0, soonest))
            for run in running:
                run.step(run.pipe in ready)
            running = [run for run in running if not run.done]
            if progress:
                progress(sum(len(run.results) for run in runs), total)
    finally:
        for run in running:
            run.end()
    return [run.results for run in runs]


@dataclass(eq=False)
class _Run:
    """One task under way: its child, the results so far, and when its patience ends."""

    task: Task
    limits: Limits
    results: list[Result] = field(default_factory=list)
    deadline: float = 0.0
    latest: float = 0.0
    pipe: Connection | None = None
    _process: BaseProcess | None = None
    _skip: frozenset[int] = frozenset()
    _begun: float = 0.0
    _spent: float = 0.0

    @property
    def item(self) -> int:
        """The item that is worked on."""
        return self.task.first + len(self.results)

    @property
    def done(self) -> bool:
        return self.item >= self.task.stop

    def begin(self) -> None:
        """Start a child at the current item."""
        now = time.monotonic()
        self._begun = self._begun or now
        self.deadline = now + self.limits.start + self.limits.item
        self.latest = self.deadline + (SLACK - 1) * self.limits.item
        self._spent = 0.0
        context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
        self.pipe, sender = context.Pipe(duplex=False)
        arguments = (sender, self.task.work, self.item, self.task.stop, self._skip, self.limits)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)  # type: ignore[attr-defined]
        with warnings.catch_warnings():
            # Python warns of threads that hold locks at a fork; the child takes none of them and never returns.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        sender.close()

    def step(self, ready: bool) -> None:
        """Take in a result, or notice that the child is gone or late."""
        if ready:
            self._receive()
        elif time.monotonic() >= self.deadline and not self._kept_waiting():
            self._fail(Failure("time", f"stopped after {self.limits.item:g} s"))

    def _kept_waiting(self) -> bool:
        """Whether the child could not work as long as it may; then it gets the time that it lacks."""
        lacks = self.limits.item - (processor_seconds(self._process) - self._spent)
        self.deadline = min(time.monotonic() + max(lacks, 0.01), self.latest)
        return lacks > 0 and time.monotonic() < self.latest

    def end(self) -> None:
        """Stop the child and what it may have started."""
        if self._process and self._process.pid:
            _kill(self._process)
            self._process.join()
        if self.pipe:
            self.pipe.close()
        self._process = self.pipe = None

    def _receive(self) -> None:
        assert self.pipe is not None
        try:
            message = json.loads(self.pipe.recv_bytes(self.limits.result))
        except EOFError:
            self._fail(self._crash())
        except OSError:
            self._fail(Failure("size", f"the result has more than {self.limits.result} bytes"))
        else:
            if "failure" in message:
                self._fail(Failure(*message["failure"]))
            else:
                self._take(message["result"])

    def _take(self, result: dict[str, Any]) -> None:
        self.results.append(result)
        self.deadline = time.monotonic() + self.limits.item
        self.latest = self.deadline + (SLACK - 1) * self.limits.item
        self._spent = processor_seconds(self._process, waiting=True)
        if self.done:
            self.end()
        else:
            self._watch_total()

    def _fail(self, failure: Failure) -> None:
        self._skip |= {self.item}
        self.results.append(failure)
        self.end()
        self._watch_total()
        if not self.done:
            self.begin()

    def _watch_total(self) -> None:
        if time.monotonic() - self._begun > self.limits.task:
            self.end()
            late = Failure("time", f"the whole note had {self.limits.task:g} s")
            self.results += [late] * (self.task.stop - self.item)

    def _crash(self) -> Failure:
        assert self._process is not None
        self._process.join(1.0)
        code = self._process.exitcode
        name = signal.Signals(-code).name if code and code < 0 else f"exit code {code}"
        return Failure("crash", f"the worker ended with {name}")


def processor_seconds(process: BaseProcess | None, *, waiting: bool = False) -> float:
    """The processor time of a child; without end where the system does not tell, or the child waits for something."""
    try:
        with open(f"/proc/{process.pid if process else 0}/stat", encoding="ascii") as stat:
            state, *numbers = stat.read().rpartition(")")[2].split()
    except OSError:
        return float("inf")
    seconds = (int(numbers[10]) + int(numbers[11])) / os.sysconf("SC_CLK_TCK")
    return seconds if state in "RD" or waiting else float("inf")


def _kill(process: BaseProcess) -> None:
    """The child leads a session of its own; until it does, only itself can be ended."""
    try:
        if hasattr(os, "killpg") and os.getpgid(process.pid or 0) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.kill()


def _serve(sender: Connection, work: Work, first: int, stop: int, skip: frozenset[int], limits: Limits) -> None:
    """In the child: send one message a result, and never return to what the parent was doing."""
    try:
        _confine(limits)
        failure = _send_all(sender, work(first, stop, skip))
        if failure:
            sender.send_bytes(json.dumps({"failure": failure}).encode())
    finally:
        os._exit(0)


def _send_all(sender: Connection, results: Iterator[Mapping[str, Any]]) -> tuple[str, str] | None:
    try:
        for result in results:
            sender.send_bytes(json.dumps({"result": result}).encode())
    except MemoryError:
        return "memory", "the formula takes too much memory"
    except RecursionError:
        return "depth", "the formula is nested too deeply"
    except BrokenPipeError:
        return None
    except Exception as error:  # whatever it is, it must cost one item only
        return "internal", f"{type(error).__name__}: {error}"[:500]
    return None


def _confine(limits: Limits) -> None:
    """Limits that the work cannot lift: memory, processor time, no files written, few opened, a session of its own."""
    if sys.platform == "win32":
        return
    faulthandler.disable()
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    seconds = int(limits.task + limits.start) + 1
    for kind, limit in (
        (resource.RLIMIT_AS, _address_space() + limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(kind, limit)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))


def _address_space() -> int:
    """Bytes of address space in use; large enough to be no limit where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 40
