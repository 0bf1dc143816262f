"""The page on the architecture names every room there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def rooms(folder: Path) -> set[str]:
    """The public modules and packages of a folder."""
    found = (path for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists())
    return {path.stem for path in found if not path.stem.startswith("_")}


def named(page: str) -> set[str]:
    """The names in the first column of the tables."""
    cells = re.findall(r"^\| (`[^|]*`) \|", page, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_rooms_are_found_in_a_table() -> None:
    assert named("| room | for |\n|---|---|\n| `one`, `two` | `three` |\n") == {"one", "two"}


def test_every_room_of_the_package_is_on_the_page() -> None:
    assert rooms(ROOT / "symbackprop") <= named(PAGE)


def test_every_folder_of_verification_is_on_the_page() -> None:
    folders = {
        path.name for path in (ROOT / "symbackprop" / "verification").iterdir() if (path / "__init__.py").exists()
    }
    assert folders <= named(PAGE)


@pytest.mark.parametrize("name", sorted(named(PAGE)))
def test_every_room_on_the_page_is_there(name: str) -> None:
    assert name in rooms(ROOT / "symbackprop") | rooms(ROOT / "symbackprop" / "verification")
