"""The files of ``derivations/``: each is a page that is up to date, and claims with the verdicts they expect."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from symbackprop.activations import activations
from symbackprop.commands.pages import outcome, pictures, write_pages
from symbackprop.derivation import Derivation, layer_step
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import initializers
from symbackprop.layers import layers
from symbackprop.losses import losses
from symbackprop.optimizers import optimizers
from symbackprop.rendering import comment_block
from symbackprop.rendering.catalogue import catalogue
from symbackprop.rendering.errata import Erratum, errata, erratum_page, gallery_index
from symbackprop.rendering.markdown import markdown
from symbackprop.rendering.pages import Result, load, results, texts
from symbackprop.rendering.pictures import picture_file
from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings

ROOT = Path(__file__).parents[1]
RESULTS = results(ROOT / "derivations")
GALLERY = errata(ROOT / "derivations" / "errata")
HOW = "run: python -m symbackprop.commands.pages"
DRAW = "run: python docs/pictures.py"

every_result = pytest.mark.parametrize("result", RESULTS, ids=[result.name for result in RESULTS])


def test_the_written_pages_are_what_the_files_give() -> None:
    folder = ROOT / "docs" / "derivations"
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    assert kept == texts(ROOT / "derivations", pictures(ROOT / "docs")), HOW


def test_the_pictures_are_those_that_the_pages_ask_for() -> None:
    """Every activation that can be drawn has one, and depth is shown forward and backward."""
    wanted = {picture_file(result.name, command) for result in RESULTS for command in result.drawn}
    assert set(pictures(ROOT / "docs")) == wanted, DRAW
    commands = {command.partition(" --")[0] for result in RESULTS for command in result.drawn}
    drawable = {f"activation {a.name}" for a in activations.values() if a.elementwise and a.closed_form is not None}
    assert {command for command in commands if command.startswith("activation")} == drawable
    assert {"variance tanh", "gradients tanh", "gradients sigmoid"} <= commands


def test_a_page_shows_its_pictures() -> None:
    """Small files, each on its page."""
    folder = ROOT / "docs" / "derivations"
    for result in RESULTS:
        kept = (folder / f"{result.name}.md").read_text(encoding="utf-8")
        files = [picture_file(result.name, command) for command in result.drawn]
        assert kept.count("](pictures/") == len(files) and all(f"](pictures/{file})" in kept for file in files), HOW
        for path in (folder / "pictures" / file for file in files):
            assert path.stat().st_size < 40_000 and ElementTree.parse(path).getroot().tag.endswith("svg")


def test_the_catalogue_is_what_the_registries_give() -> None:
    kept = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert kept == catalogue(RESULTS, "derivations"), HOW


def test_the_gallery_has_a_page_for_every_mistake() -> None:
    folder = ROOT / "docs" / "derivations" / "errata"
    assert {path.stem for path in folder.glob("*.md")} == {slip.name for slip in GALLERY} | {"index"}, HOW
    assert (folder / "index.md").read_text(encoding="utf-8") == gallery_index(GALLERY), HOW


@pytest.mark.parametrize("slip", GALLERY, ids=[slip.name for slip in GALLERY])
def test_a_mistake_is_refuted_and_its_correction_proved(slip: Erratum) -> None:
    """The counterexample on the page is the one that is found now."""
    found = outcome(slip)
    assert (found.claimed, found.right) == ("refuted", "proved")
    assert found.point or "do not fit" in found.why
    kept = ROOT / "docs" / "derivations" / "errata" / f"{slip.name}.md"
    assert kept.read_text(encoding="utf-8") == markdown(erratum_page(slip, found)), HOW


@every_result
def test_a_result_says_what_is_wrong_as_well(result: Result) -> None:
    assert {verdict for _, verdict in result.claims.values()} == {"proved", "refuted"}
    assert result.words and not result.title.endswith(".")


ENTRIES = {f"{reg.kind} {n}" for reg in (activations, losses, layers, initializers, optimizers) for n in reg}


def test_every_declaration_has_one_page() -> None:
    said = [entry for result in RESULTS for entry in result.entries]
    assert sorted(said) == sorted(ENTRIES)


@every_result
def test_the_page_of_a_layer_derives_what_the_catalogue_holds(result: Result) -> None:
    names = [entry.partition(" ")[2] for entry in result.entries if entry.startswith("layer ")]
    for sample in (layers[name] for name in names if name != "dense"):  # whose page is about any layer of a network
        assert isinstance(result.subject, Derivation)
        assert result.subject.model == layer_step(sample.layer, *sample.shape, batch=sample.batch).model


def test_an_entry_without_a_page_or_with_two_is_an_error() -> None:
    with pytest.raises(InvalidSpec, match="activation identity has no page"):
        catalogue([], "derivations")
    with pytest.raises(InvalidSpec, match="has two pages"):
        catalogue([*RESULTS, *RESULTS], "derivations")


def test_a_page_whose_file_is_gone_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    target.mkdir()
    (target / "gone.md").write_text("old", encoding="utf-8")
    source = tmp_path / "source"
    source.mkdir()
    (source / "bias.py").write_text(
        (ROOT / "derivations" / "bias_gradient_is_the_error.py").read_text("utf-8"), "utf-8"
    )
    write_pages(texts(source), target)
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


def test_a_true_claim_is_no_mistake() -> None:
    found = outcome(replace(GALLERY[0], claimed=GALLERY[0].right, right=GALLERY[0].claimed))
    assert (found.claimed, found.right, found.point) == ("proved", "refuted", {})


def test_a_mistake_without_a_source_is_an_error(tmp_path: Path) -> None:
    text = (ROOT / "derivations" / "errata" / f"{GALLERY[0].name}.py").read_text("utf-8")
    (tmp_path / "wrong.py").write_text(text.replace("source =", "origin ="), encoding="utf-8")
    with pytest.raises(InvalidSpec, match=r"lacks \['source'\]"):
        errata(tmp_path)


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
    note = find_formulas(f"<!-- symbackprop\n{given}-->\n\n${tex}$\n", path="note.md")
    [found] = judge_share(note, Settings(), 0, len(note.formulas), frozenset())  # here, and in no child of its own
    assert found["verdict"] == expected, found["message"]
