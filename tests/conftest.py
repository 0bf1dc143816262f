"""Settings for all tests: seeded property tests with no wall-clock deadline, as machines differ in speed."""

from __future__ import annotations

import gc
import os
from itertools import count, product

import pytest
from hypothesis import settings

from symbackprop.verification.reading import adapter

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")

_numbers = count()


#: Token strings of formulas: products of up to six factors, some with a slash, and sums of up to four terms.
STRINGS = [r"\cdot ".join(f"q_{{{k}}}" for k in range(n)) for n in (5, 6)]
STRINGS += [r"\cdot ".join(f"q_{{{k}}}" for k in range(n)) + f"/q_{{{n}}}" for n in (1, 2, 3)]
STRINGS += [
    "".join(f"{sign}q_{{{k}}}" for k, sign in enumerate(signs))
    for n in (2, 3, 4)
    for signs in product(("", "-"), *[("+", "-")] * (n - 1))
]


@pytest.fixture(scope="session", autouse=True)
def warm_worker() -> None:
    """What the parser has read once, every child in which a note is judged finds read; it takes 10 ms a token."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        adapter.warm()
        for text in STRINGS:
            adapter.parse(text)


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end: the collector of garbage need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No verdict is served that another test, or the person who runs the tests, has kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / f"cache{next(_numbers)}"))
