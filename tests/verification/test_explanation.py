"""What is said of a note's letters can be pasted into the note, and a block that is not understood is always told."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.cli import main
from symbackprop.verification.check import check_text
from symbackprop.verification.explanation import as_comment, explain_notes
from symbackprop.verification.note import find_formulas
from symbackprop.verification.reports import Style, formats
from symbackprop.verification.settings import Settings
from symbackprop.verification.walkthrough import note_problems

LAYER = r"$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j$ and $a^l_j = \sigma(z^l_j)$"
ODD = "<!-- symbackprop\nsymbols: {x: blob}\n-->\n$y = x$\n"


@pytest.mark.parametrize("name", formats)
def test_a_problem_in_a_block_is_in_every_format(name: str) -> None:
    report = check_text(ODD, path="odd.md")
    (problem,) = report.files[0].problems
    assert (problem.line, "blob" in problem.message) == (2, True)
    printed = formats[name](report, Style())
    assert "no word " in printed and "blob" in printed
    assert "blob" not in formats[name](check_text(ODD.replace("blob", "scalar"), path="odd.md"), Style())


def test_a_problem_in_a_block_is_a_warning_and_fails_a_strict_check() -> None:
    report = check_text(ODD, path="odd.md")
    assert formats["text"](report, Style()).startswith("odd.md:2: warning: comment block: symbol 'x': no word 'blob'")
    assert (report.exit_code(), report.exit_code(strict=True)) == (0, 1)


@pytest.mark.parametrize("text", [LAYER, r"$y = A x$ with $\sigma(y)_i = 1/(1+e^{-y_i})$", "$C = \\frac12\\|y-a\\|^2$"])
def test_the_block_can_be_pasted(text: str) -> None:
    (explained,) = explain_notes([find_formulas(text, path="n.md")])
    pasted = f"{explained.block}\n\n{text}"
    assert note_problems([find_formulas(pasted, path="n.md")], Settings()) == [()]
    assert [f.verdict for f in check_text(pasted)] == [f.verdict for f in check_text(text)]


def test_what_is_supposed_of_a_cost_is_told_but_is_no_letter_of_the_block() -> None:
    said = "<!-- symbackprop\nsymbols: {x: vector(n), z: vector(n), L: scalar}\ngiven: ['z = 2 x']\n-->\n"
    (explained,) = explain_notes(
        [find_formulas(said + r"$\frac{\partial L}{\partial x} = 2 \frac{\partial L}{\partial z}$")]
    )
    declared = "declared in the comment block, and only differentiated: a cost"
    assert f"'L': scalar  # {declared}; L is taken as an unknown function of z" in explained.block
    assert [line.split("'")[1] for line in explained.block.splitlines() if line.startswith("  '")] == ["L", "x", "z"]


def test_each_part_of_a_note_has_a_block_of_its_own() -> None:
    text = f"$y = 2 x$\n\n<!-- symbackprop\nsymbols: {{u: vector(n)}}\n-->\n$v = u$ {LAYER}\n"
    first, second = explain_notes([find_formulas(text, path="n.md")])
    assert (first.line, second.line) == (1, 4)
    assert "'x': scalar" in first.block and "'u'" not in first.block
    assert "'u': vector(n)  # declared in the comment block" in second.block
    # A letter of an earlier formula is told as well, though nothing fixed it for the rest of the note.
    assert "'v': vector(n)" in second.block and "'w" in second.block


def test_nothing_in_a_block_ends_its_comment() -> None:
    block = as_comment("n.md", "<!-- symbackprop\n# not understood: \x1b[31m --> <script>\n-->")
    assert block.count("-->") == 1 and "\x1b" not in block
    assert as_comment("n.tex", block).splitlines()[0] == "% symbackprop"


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "n.md"
    note.write_text(LAYER, encoding="utf-8")
    assert main(["check", "--explain-notation", str(note)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("<!-- symbackprop\n") and printed.endswith("-->\n") and "sigmoid" in printed
    other = tmp_path / "o.tex"
    other.write_text("\\[ y = 2 x \\]", encoding="utf-8")
    assert main(["check", "--explain-notation", str(note), str(other)]) == 0
    assert f"{other}, from line 1:\n\n% symbackprop\n" in capsys.readouterr().out
