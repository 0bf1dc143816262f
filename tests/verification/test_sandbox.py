"""Whatever happens to one item, the others get their results and the parent stays as it was."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import current_process
from pathlib import Path
from typing import Any

import pytest

from symbackprop.verification import sandbox
from symbackprop.verification.sandbox import Failure, Limits, Task, run_isolated, run_stream, run_tasks

QUICK = Limits(item=0.5, start=5.0, memory=1 << 28, result=10_000)
PATIENT = replace(QUICK, item=30.0)


def grow() -> None:
    blocks = []
    while True:
        blocks.append(bytearray(1 << 24))


def sink() -> None:
    sink()


def fail() -> None:
    raise ValueError("no")


def write(path: Path) -> None:
    path.write_text("x" * 10_000)


ACCIDENTS = {
    "hang": (lambda: time.sleep(60), "time"),
    "busy": (lambda: any(None for _ in iter(int, 1)), "time"),
    "hang that swallows errors": (lambda: os.system("sleep 60"), "time"),
    "memory": (grow, "memory"),
    "depth": (sink, "depth"),
    "error": (fail, "internal"),
    "exit": (lambda: os._exit(3), "crash"),
    "kill": (lambda: os.kill(os.getpid(), signal.SIGKILL), "crash"),
    "segmentation fault": (lambda: os.kill(os.getpid(), signal.SIGSEGV), "crash"),
    "large result": (lambda: "x" * 20_000, "size"),
    "no JSON": (lambda: {1, 2}, "internal"),
}


@pytest.mark.parametrize("what", ACCIDENTS)
def test_an_accident_costs_its_item_only(what: str) -> None:
    act, reason = ACCIDENTS[what]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def work(item: int) -> dict[str, Any]:
        return {"value": act() if item == 1 else item}

    started = time.monotonic()
    first, second, third = run_isolated(work, [0, 1, 2], limits=QUICK if reason == "time" else PATIENT)
    assert (first, third) == ({"value": 0}, {"value": 2})
    assert isinstance(second, Failure) and second.reason == reason, second
    assert time.monotonic() - started < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 100_000


def test_files_cannot_be_written(tmp_path: Path) -> None:
    (result,) = run_isolated(lambda _: {"value": write(tmp_path / "x")}, [0], limits=PATIENT)
    assert isinstance(result, Failure)
    assert not (tmp_path / "x").exists() or (tmp_path / "x").read_text() == ""


def test_what_is_printed_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_isolated(lambda _: {"value": os.system("echo seen; echo seen >&2")}, [0]) == [{"value": 0}]
    assert capfd.readouterr() == ("", "")


def test_a_stream_goes_on_behind_a_failure_and_leaves_it_out() -> None:
    def note(first: int, stop: int, skip: frozenset[int]) -> Iterator[dict[str, Any]]:
        known: list[int] = []
        for item in range(stop):
            if item in (2, 4) and item not in skip:
                os._exit(1)
            if item not in skip:
                known.append(item)
            if item >= first:
                yield {"known": list(known)}

    results = run_stream(note, 6, limits=QUICK)
    assert [isinstance(result, Failure) for result in results] == [False, False, True, False, True, False]
    assert results[5] == {"known": [0, 1, 3, 5]}


def test_jobs_do_not_change_the_results() -> None:
    def note(first: int, stop: int, skip: frozenset[int]) -> Iterator[dict[str, Any]]:
        for item in range(first, stop):
            if item == 3:
                os._exit(1)
            yield {"item": item}

    once = run_stream(note, 8, limits=QUICK)
    assert len(once) == 8
    for jobs in (0, 2, 3, 20):
        assert run_stream(note, 8, limits=QUICK, jobs=jobs) == once


def test_a_task_that_is_late_in_all_ends() -> None:
    def slow(first: int, stop: int, skip: frozenset[int]) -> Iterator[dict[str, Any]]:
        for item in range(first, stop):
            time.sleep(0.2)
            yield {"item": item}

    results = run_stream(slow, 50, limits=Limits(item=1.0, task=0.5))
    late = [result for result in results if isinstance(result, Failure)]
    assert len(results) == 50 and 44 <= len(late) < 50
    assert late[0].detail == "the whole note had 0.5 s"


def test_nothing_to_do() -> None:
    assert run_isolated(lambda _: {}, []) == []
    assert run_tasks([]) == []


def test_progress_counts_items() -> None:
    def note(first: int, stop: int, skip: frozenset[int]) -> Iterator[dict[str, Any]]:
        yield from ({"item": item} for item in range(first, stop))

    told: list[tuple[int, int]] = []
    run_tasks([Task(note, 0, 2), Task(note, 5, 6)], progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3) and told == sorted(told)


def test_no_child_is_left_behind() -> None:
    run_isolated(lambda item: {"value": time.sleep(30) if item else 0}, [0, 1], limits=QUICK)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def spin(seconds: float) -> dict[str, Any]:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return {"done": True}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell the time of a process")
@pytest.mark.parametrize(("known", "slack", "ends"), [(0.0, 1000, True), (1e9, 1000, False), (0.0, 1, False)])
def test_a_child_that_a_busy_machine_keeps_waiting_gets_its_time(
    known: float, slack: int, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a child has worked, not what the clock says, ends it: here the parent is told of another time."""
    monkeypatch.setattr(sandbox, "processor_seconds", lambda process, *, waiting=False: 0.0 if waiting else known)
    monkeypatch.setattr(sandbox, "SLACK", slack)
    results = run_isolated(spin, [0.6], limits=replace(QUICK, item=0.2, start=0.1))
    assert results == [{"done": True} if ends else Failure("time", "stopped after 0.2 s")]


def test_the_time_of_a_process_is_told_while_it_works() -> None:
    assert sandbox.processor_seconds(None) == float("inf")
    assert 0 < sandbox.processor_seconds(current_process()) < 1e6
