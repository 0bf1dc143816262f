"""The files of ``derivations/``: each is a page that is up to date, and claims with the verdicts they expect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symbackprop.activations import activations
from symbackprop.derivation import Derivation
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import initializers
from symbackprop.losses import losses
from symbackprop.optimizers import optimizers
from symbackprop.registry import Registry
from symbackprop.rendering import comment_block
from symbackprop.rendering.pages import Result, load, results, texts, write
from symbackprop.verification.check import check_text
from symbackprop.verification.settings import Settings

ROOT = Path(__file__).parents[1]
RESULTS = results(ROOT / "derivations")

every_result = pytest.mark.parametrize("result", RESULTS, ids=[result.name for result in RESULTS])


def test_the_written_pages_are_what_the_files_give() -> None:
    folder = ROOT / "docs" / "derivations"
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    assert kept == texts(ROOT / "derivations"), (
        "run: python -m symbackprop.rendering.pages derivations docs/derivations"
    )


@every_result
def test_a_result_says_what_is_wrong_as_well(result: Result) -> None:
    assert {verdict for _, verdict in result.claims.values()} == {"proved", "refuted"}
    assert result.words and not result.title.endswith(".")


ENTRIES = [(reg, name) for reg in (activations, losses, initializers, optimizers) for name in reg]


@pytest.mark.parametrize(("registry", "name"), ENTRIES, ids=[f"{reg.kind} {name}" for reg, name in ENTRIES])
def test_every_declaration_has_a_page(registry: Registry[object], name: str) -> None:
    """A file that imports it, or another name of the same declaration."""
    names = [other for other in registry if registry[other] is registry[name]]
    imports = [line for path in (ROOT / "derivations").glob("*.py") for line in path.read_text("utf-8").splitlines()]
    wanted = re.compile(rf"from symbackprop\.{registry.kind}\w* import .*\b({'|'.join(names)})\b")
    plural = re.compile(rf"from symbackprop\.losses import .*\b({'|'.join(names)})\b")
    assert any(wanted.match(line) or (registry is losses and plural.match(line)) for line in imports)


def test_a_page_whose_file_is_gone_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    target.mkdir()
    (target / "gone.md").write_text("old", encoding="utf-8")
    source = tmp_path / "source"
    source.mkdir()
    (source / "bias.py").write_text(
        (ROOT / "derivations" / "bias_gradient_is_the_error.py").read_text("utf-8"), "utf-8"
    )
    write(source, target)
    assert sorted(path.name for path in target.iterdir()) == ["bias.md", "index.md"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('"""Title"""\nnotation = "nielsen"\nclaims = {}\n', "lacks"),
        (
            '"""Title"""\nfrom symbackprop.derivation import general_step\nsubject = general_step()\n'
            'notation = "nielsen"\nshown = ("w^9",)\nclaims = {}\n',
            "no chain for 'w\\^9'; known: a\\^L",
        ),
    ],
)
def test_a_file_that_declares_too_little_is_an_error(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "wrong.py").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSpec, match=complaint):
        texts(tmp_path)


def test_a_file_without_a_docstring_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("subject = notation = claims = None\n", encoding="utf-8")
    with pytest.raises(InvalidSpec, match="needs a docstring"):
        load(tmp_path / "wrong.py")


CLAIMS = [(result, phrase) for result in RESULTS for phrase in result.claims]


@pytest.mark.parametrize(("result", "phrase"), CLAIMS, ids=[f"{result.name}: {phrase}" for result, phrase in CLAIMS])
def test_a_claim_gets_the_verdict_it_expects(result: Result, phrase: str) -> None:
    tex, expected = result.claims[phrase]
    given = result.given or ""
    if result.given is None and isinstance(result.subject, Derivation):
        given = comment_block(result.subject, result.notation)
    report = check_text(f"<!-- symbackprop\n{given}-->\n\n${tex}$\n", Settings(timeout=20.0))
    [finding] = list(report)
    assert finding.verdict.value == expected, finding.message
