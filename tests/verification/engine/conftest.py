"""Loads the helper modules of these tests (pytest's importlib mode has no package to import them from)."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


def _load(name: str) -> ModuleType:
    full = f"engine_tests_{name}"
    if full not in sys.modules:
        spec = spec_from_file_location(full, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None and spec.loader is not None
        sys.modules[full] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full])
    return sys.modules[full]


def _all_claims() -> list:
    case = _load("claims").Case
    networks = [*_load("networks").network_claims(), *_load("more_networks").more_claims()]
    networks += _load("conditional").conditional_claims()
    networks += [*_load("batched").batched_claims(), *_load("recursive").recursive_claims()]
    networks += [*_load("random_letters").random_claims(), *_load("laws").law_claims()]
    networks += [*_load("structured").structured_claims(), *_load("windowed").window_claims()]
    return [*_load("claims").base_claims(), *(case(*named) for named in networks)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "base_case" in metafunc.fixturenames:
        cases = _all_claims()
        metafunc.parametrize("base_case", cases, ids=[case.name for case in cases])


@pytest.fixture(scope="session")
def base_claims() -> list:
    return _all_claims()


@pytest.fixture(scope="session")
def mutations() -> ModuleType:
    return _load("mutations")


@pytest.fixture(scope="session")
def expressions() -> ModuleType:
    return _load("expressions")


@pytest.fixture(scope="session")
def conditional() -> ModuleType:
    return _load("conditional")


@pytest.fixture(scope="session")
def structured() -> ModuleType:
    return _load("structured")


@pytest.fixture(scope="session")
def laws() -> ModuleType:
    return _load("laws")


@pytest.fixture(scope="session")
def windowed() -> ModuleType:
    return _load("windowed")


@pytest.fixture(scope="session")
def recursive() -> ModuleType:
    return _load("recursive")
