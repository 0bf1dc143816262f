"""Every format in the registry writes every page; the same bytes in every run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from symbackprop.activations import activations, sigmoid, tanh
from symbackprop.derivation import Derivation, derive
from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.layers import Dense
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.rendering import formats, render
from symbackprop.rendering.page import Formula, Page, Row, Section
from symbackprop.rendering.tex import document


@pytest.fixture(scope="module")
def small() -> Derivation:
    return derive(Network(3, Dense(4, tanh), Dense(2, sigmoid)))


@pytest.mark.parametrize("to", [name for name in formats if name != "html"])
@pytest.mark.parametrize("notation", list(notations))
def test_every_format_writes_every_derivation(derivation: Derivation, to: str, notation: str) -> None:
    text = render(derivation, notation, to)
    assert text.endswith("\n") and notations[notation].derivative.split("{")[0] in json.dumps(text) + text


@pytest.mark.parametrize("notation", list(notations))
@pytest.mark.parametrize("activation", activations.values(), ids=list(activations))
def test_every_activation_has_a_page(activation: object, notation: str) -> None:
    assert "## Definition" in render(activation, notation)  # type: ignore[arg-type]


def test_markdown_sets_every_formula_between_dollars(small: Derivation) -> None:
    text = render(small)
    assert text.count("$$") == 2 * text.count(r"\begin{aligned}")
    assert not any("\n\n" in formula for formula in text.split("$$")[1::2])


def test_tex_is_a_document_that_needs_amsmath_only(small: Derivation) -> None:
    text = render(small, to="tex")
    assert re.findall(r"\\usepackage(?:\[.*\])?\{(\w+)\}", text) == ["fontenc", "amsmath"]
    assert text.count(r"\[") == text.count(r"\]") == text.count(r"\begin{aligned}")
    assert text.isascii()


def test_what_cannot_be_rendered_is_refused(small: Derivation) -> None:
    with pytest.raises(InvalidSpec, match="a page is in index or matrix, not 'tensor'"):
        render(small, form="tensor")
    with pytest.raises(InvalidSpec, match="a page is in steps or result, not 'all'"):
        render(small, detail="all")
    with pytest.raises(InvalidSpec, match="a derivation or an activation is rendered, not 'tanh'"):
        render("tanh")


def test_tex_breaks_long_reasons_into_lines_and_leaves_short_ones() -> None:
    step = Formula("a", (Row("b", "chain rule"), Row("c", "only $i = j$ survives", ("the target is a distribution",))))
    long, short = (document(Page("T", (Section("S", (chain,)),))) for chain in (step, Formula("a", step.rows[:1])))
    assert r"&= b && \text{\parbox[t]{13em}{\raggedright chain rule}} \\" in long
    assert r"\raggedright only $i = j$ survives (the target is a distribution)}}" in long
    assert r"&= b && \text{chain rule}" in short


def test_html_is_one_file_without_scripts_and_without_the_network(small: Derivation) -> None:
    text = render(small, "d2l", "html", form="matrix", detail="result")
    assert text.count("<figure><svg") == text.count('role="img" aria-label=') == text.count("</figure>") > 3
    glyphs = re.findall(r'<symbol id="([^"]+)"', text)
    assert len(set(glyphs)) == len(glyphs)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(glyphs)
    assert "<script" not in text
    assert set(re.findall(r"https?://[^\"]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    page = ElementTree.fromstring(re.sub(r"<!DOCTYPE html>|<meta [^>]*>", "", text))
    assert len(page.findall(".//{*}symbol")) == len(glyphs) == len(page.findall("./body/{*}svg/{*}symbol"))
    heights = [float(h) for h in re.findall(r'<svg [^>]*height="([\d.]+)"', text)]
    assert max(heights) < 400, "a bracket has grown out of proportion"


def test_shared_glyphs_draw_what_each_drawing_drew_alone(small: Derivation) -> None:
    apart, together = small._repr_html_() or "", render(small, "nielsen", "html")
    assert re.findall("<use [^>]*>", apart) == re.findall("<use [^>]*>", together)
    assert set(re.findall(r'd="[^"]+"', apart)) == set(re.findall(r'd="[^"]+"', together))


def test_json_keeps_its_shape(small: Derivation) -> None:
    content = json.loads(render(small, to="json"))
    assert list(content) == ["schema", "title", "words", "sections"]
    assert content["schema"] == 1
    section = content["sections"][1]
    assert list(section) == ["heading", "words", "formulas"]
    formula = section["formulas"][-1]
    assert list(formula) == ["tex", "lhs", "rows"]
    assert list(formula["rows"][0]) == ["rhs", "because", "provided"]
    assert formula["tex"] == " = ".join([formula["lhs"], *(row["rhs"] for row in formula["rows"])])


def test_a_derivation_shows_itself_in_a_notebook(small: Derivation) -> None:
    assert (small._repr_latex_() or "").startswith("$$\n\\begin{aligned}")
    assert "<svg" in (small._repr_html_() or "")


def test_what_the_public_package_derives_shows_itself() -> None:
    program = "import symbackprop as s; print(s.derive(s.Network(2, s.Dense(1, s.tanh)))._repr_latex_())"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert shown.startswith("$$\n\\begin{aligned}")


@pytest.mark.parametrize(("option", "known"), [("notation", "backward_epsilon, bracket"), ("to", "html, json")])
def test_an_unknown_name_is_an_error_that_lists_the_known(small: Derivation, option: str, known: str) -> None:
    with pytest.raises(UnknownName, match=f"named 'nonsense'; known: {known}"):
        render(small, **{option: "nonsense"})  # type: ignore[arg-type]


def test_the_same_bytes_under_every_hash_seed() -> None:
    program = (
        "import sys; from symbackprop.rendering import render; from symbackprop.derivation import general_step; "
        "from symbackprop.activations import gelu; from symbackprop.derivation import derive; "
        "from symbackprop.losses import binary_cross_entropy; from symbackprop.layers import Dense; "
        "from symbackprop.network import Network; from symbackprop.activations import sigmoid, prelu; "
        "net = Network(3, Dense(4, prelu), Dense(2, sigmoid), loss=binary_cross_entropy, batch='N'); "
        "sys.stdout.write(render(derive(net)) + render(general_step(), 'd2l', form='matrix') + render(gelu))"
    )
    written = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1", "2")
    ]
    assert len(set(written)) == 1 and b"aligned" in written[0]
