"""The measured table names every entry of the registries, and what it says of an entry is what is measured now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symbackprop.commands import kernel_errors, measured
from symbackprop.derivation import derive
from symbackprop.errors import InvalidSpec
from symbackprop.network import Network
from symbackprop.rendering.pages import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
ROWS = measured.read(TEXT)
HOW = "run: python -m symbackprop.commands.measured 'KIND NAME' for what is new"


def test_every_entry_has_its_row() -> None:
    assert set(ROWS) == {f"{registry.kind} {name}" for registry in measured.REGISTRIES for name in registry}, HOW
    assert measured.page(ROWS) == TEXT, HOW


@pytest.mark.parametrize("entry", ROWS)
def test_every_figure_is_as_good_as_is_promised(entry: str) -> None:
    _, derived, claims, steps, latex, error, page = ROWS[entry]
    assert derived and re.fullmatch(r"[1-9]\d* proved, [1-9]\d* refuted", claims) and latex == "5 notations"
    whole = re.match(r"(\d+) of (\d+)\b", steps)
    assert whole is None or whole[1] == whole[2], "a step is not proved"
    link = re.search(r"\]\((.*)\)$", page)
    assert link is not None and (ROOT / "docs" / link[1]).exists()
    assert float(error) <= 1e-12 if entry.partition(" ")[0] in kernel_errors.ERRORS else error == "–"


@pytest.mark.parametrize("entry", ["layer rms_norm", "optimizer adam"])
def test_a_row_is_what_is_measured(entry: str) -> None:
    """The error may be another power of ten on another machine."""
    page = re.search(r"derivations/(.*)\.md\)$", ROWS[entry][-1])
    assert page is not None
    found = measured.measure(entry, load(ROOT / "derivations" / f"{page[1]}.py"))
    assert [*found[:5], found[6]] == [*ROWS[entry][:5], ROWS[entry][6]], HOW


def test_a_wrong_kernel_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One gradient off in the tenth digit."""
    right = kernel_errors.all_gradients

    def wrong(kernels, values):
        loss, found = right(kernels, values)
        return loss, {label: gradient * (1 + 1e-10) for label, gradient in found.items()}

    monkeypatch.setattr(kernel_errors, "all_gradients", wrong)
    net = Network.from_spec("2-2", "tanh")
    assert derive(net) and kernel_errors.of_network(net, 0) > 1e-11


def test_what_is_no_entry() -> None:
    with pytest.raises(InvalidSpec, match="there is no layer densee"):
        measured.main(["layer densee"], ROOT / "derivations", ROOT / "docs")
