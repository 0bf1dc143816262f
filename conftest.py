"""What the doctests leave out: modules of extras that are not installed."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

collect_ignore = [] if find_spec("sklearn") else ["symbackprop/sklearn.py"]

#: Pages whose examples need libraries of extras.
PAGES = {"distribution.md": ("jax", "torch")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the examples of a page where a library is missing, with the reason."""
    for item in items:
        missing = [name for name in PAGES.get(item.path.name, ()) if find_spec(name) is None]
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"the extra {missing[0]!r} is not installed"))
