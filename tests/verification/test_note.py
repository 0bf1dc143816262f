"""Formulas are found in every way of writing, at their exact place, and nothing else is taken for one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note import MAX_CHARACTERS, Note, find_formulas, read_note

IMAGE = '<img src="https://render.githubusercontent.com/render/math?math={}">'

WAYS = {
    "dollar": (r"so $a = \sigma(z)$ holds", "dollar", r"a = \sigma(z)"),
    "inner spaces": (r"so $ a_i $ holds", "dollar", "a_i"),
    "one letter": ("the $x$ here", "dollar", "x"),
    "trailing space": ("so $a_1 = $\n", "dollar", "a_1 ="),
    "several lines": ("text\n\n$\na = b \\\\\nc = d\n$\n", "dollar", "a = b \\\\\nc = d"),
    "text inside": (r"$a = 1 \text{ if $x > 0$}$", "dollar", r"a = 1 \text{ if $x > 0$}"),
    "escaped dollar inside": (r"$a = \$5$", "dollar", r"a = \$5"),
    "display": ("$$\na = b\n$$", "display", "a = b"),
    "display inline": ("so $$a = b$$ holds", "display", "a = b"),
    "display with blank line": ("$$\na\n\n= b\n$$", "display", "a\n\n= b"),
    "display with indented row": ("$$\na\n\n    = b\n$$", "display", "a\n\n    = b"),
    "labelled display": ("$$\na = b\n$$ {#eq-one}\n", "display", "a = b"),
    "parentheses": (r"so \(a\) holds", "paren", "a"),
    "double-escaped parentheses": (r"so \\(a = b\\) holds", "paren", "a = b"),
    "brackets": ("\\[\na = b\n\\]", "bracket", "a = b"),
    "double-escaped brackets": ("\\\\[ a = b \\\\]", "bracket", "a = b"),
    "backticks": ("so $`a_i`$ holds", "backtick", "a_i"),
    "math fence": ("```math\na = b\n```", "fence", "a = b"),
    "latex fence": ("~~~latex\na = b\n~~~", "fence", "a = b"),
    "tex fence in a list": ("- one\n\n  ```tex\n  a = b\n  ```", "fence", "a = b"),
    "fence in a quote": ("> ```math\n> a =\n> b\n> ```", "fence", "a =\nb"),
    "delimiters in a fence": ("```latex\n\\[ a = b \\]\n```", "bracket", "a = b"),
    "raw block": (
        "```{=latex}\n\\begin{align}a &= b\\end{align}\n```",
        "environment",
        r"\begin{align}a &= b\end{align}",
    ),
    "role": ("so {math}`a = b` holds", "role", "a = b"),
    "reST role": ("so :math:`a = b` holds", "role", "a = b"),
    "directive": ("```{math}\n:label: one\n\na = b\n```", "directive", "a = b"),
    "colon directive": (":::{math}\n:label: one\na = b\n:::", "directive", "a = b"),
    "inside another directive": (":::{note}\nso $a = b$\n:::", "dollar", "a = b"),
    "callout": ("> [!note] title\n> $$\n> a =\n> b\n> $$", "display", "a =\nb"),
    "nested quote": ("> > $a =\n> > b$", "dollar", "a =\nb"),
    "list": ("- one\n  - $a = b$", "dollar", "a = b"),
    "table": ("| a | b |\n|---|---|\n| $a_1$ | no |", "dollar", "a_1"),
    "heading": ("# The $a_1$", "dollar", "a_1"),
    "image": (IMAGE.format("a%20%2B%20b"), "image", "a + b"),
    "image with dollars": (IMAGE.format(r"$\vec{x}^{\,}$"), "image", r"\vec{x}^{\,}"),
    "image, accented": (IMAGE.format("%E2%88%82J"), "image", "∂J"),
    "image, plus for space": (IMAGE.format("a+%2B+b"), "image", "a + b"),
    "image, plain plus": (IMAGE.format("a%20+b"), "image", "a +b"),
    "image, entity": (IMAGE.format("a%20&lt;%20b"), "image", "a < b"),
    "image, parameter": (IMAGE.format("a=b&mode=inline"), "image", "a=b"),
    "Markdown image": ("![x](https://render.githubusercontent.com/render/math?math=f(x)=a)", "image", "f(x)=a"),
    "codecogs": ('<img src="https://latex.codecogs.com/svg.latex?a%20=%20b"/>', "image", "a = b"),
    "windows line ends": ("one\r\n$a =\r\nb$\r\n", "dollar", "a =\r\nb"),
    "after front matter": ("---\ntitle: $x_1$\n---\n\n$a_1$", "dollar", "a_1"),
    "after code": ("`$x_1$` and ``a ` $x_2$`` and $a_1$", "dollar", "a_1"),
    "after a price": ("$5 and then $a_1$", "dollar", "a_1"),
    "after an HTML block": ("<div align='$x_1$'>$a_1$</div>", "dollar", "a_1"),
    "after a comparison": ("a <b then $a_1$ and c> d", "dollar", "a_1"),
    **{
        f"bare {name}": (f"\\begin{{{name}}}\na &= b\n\\end{{{name}}}", "environment", None)
        for name in ("align", "align*", "equation", "equation*", "gather", "gather*", "multline", "multline*")
    },
}


def only(note: Note) -> tuple[str, str]:
    assert len(note.formulas) == 1, note.formulas
    return note.formulas[0].kind, note.formulas[0].tex


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing(way: str) -> None:
    text, kind, tex = WAYS[way]
    note = find_formulas(text, path="note.md")
    assert only(note) == (kind, text if tex is None else tex)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("before", ["", "é𝔼 one\n\n", "a\r\nb\r\n\r\n"])
def test_the_place_is_exact_in_every_way_of_writing(way: str, before: str) -> None:
    if way == "after front matter" and before:
        pytest.skip("front matter stands at the top")
    text = before + WAYS[way][0]
    note = find_formulas(text, path="note.md")
    formula = note.formulas[-1]
    lines = [line + "\n" for line in text.split("\n")]
    start = sum(map(len, lines[: formula.line - 1])) + formula.col - 1
    end = sum(map(len, lines[: formula.end_line - 1])) + formula.end_col - 1
    assert (start, end) == (formula.start, formula.end)
    assert text[start:end] == formula.raw
    for offset, character in enumerate(formula.tex):
        line, col = formula.place(offset)
        assert lines[line - 1][col - 1] == character or formula.kind == "image" or character in "\r\n"


@pytest.mark.parametrize("way", WAYS)
def test_an_edit_changes_the_formula_and_nothing_else(way: str) -> None:
    text, _, _ = WAYS[way]
    note = find_formulas(text, path="note.md")
    formula = note.formulas[-1]
    offset = [m.start() for m in re.finditer(r"(?<![\\A-Za-z])[a-eJx](?![A-Za-z])", formula.tex)][-1]
    edited = formula.edit(text, [(offset, offset + 1, "q + r")])
    again = find_formulas(edited, path="note.md")
    assert again.formulas[-1].tex == formula.tex[:offset] + "q + r" + formula.tex[offset + 1 :]
    assert edited[: formula.start] == text[: formula.start]
    assert edited.endswith(text[formula.end :])


NOT_FORMULAS = {
    "prices": "costs $5 and $6, or $7",
    "prices with a comma": "$5, $6",
    "escaped": r"\$a_1\$",
    "code": "`$a_1$`",
    "code over lines": "``$a_1\nb$``",
    "fence": "```\n$a_1$\n```",
    "python fence": "```python\nx = '$a_1$'\n```",
    "indented": "text\n\n    $a_1$\n",
    "front matter": "---\ntitle: $a_1$\n---\n",
    "comment": "<!-- $a_1$ -->",
    "comment over blank lines": "<!--\n\n$a_1$\n\n-->",
    "pre": "<pre>\n$a_1$\n</pre>",
    "inline code tag": "see <code>$a_1$</code>",
    "attribute": '<a title="$a_1$">x</a>',
    "another image": '<img src="https://example.org/?math=a">',
    "reference": r"as in \[1\] and \(see below here\)",
    "empty": "$$ $$ and $ $ and \\(\\)",
    "over a paragraph end": "$a_1\n\nb_2$",
    "macro alone": r"$$\newcommand{\R}{\mathbb{R}}$$",
    "shell": "use $HOME and $PATH",
    "price before code": "costs $6, \\$7 escaped, `$code_1$`",
    "escaped price between prices": "costs $5 or \\$6 or $7",
}


@pytest.mark.parametrize("what", NOT_FORMULAS)
def test_what_is_not_a_formula(what: str) -> None:
    assert find_formulas(NOT_FORMULAS[what], path="note.md").formulas == ()


LATEX = r"""\documentclass{article}
\newcommand{\E}[1]{\mathbb{E}[#1]} % $no_1$
\begin{document}
Costs \$5. With $ x $ and \(y_1\), % $no_2$
\begin{equation}\label{one}
  a = b % note
\end{equation}
\begin{verbatim} $no_3$ \end{verbatim}
% symbackprop
%   symbols: {W: "matrix(m, n)"}
\[ c = d \]
\end{document}
"""


def test_latex_files() -> None:
    note = find_formulas(LATEX, path="paper.tex")
    environment = "\\begin{equation}\\label{one}\n  a = b       \n\\end{equation}"
    assert [f.tex for f in note.formulas] == ["x", "y_1", environment, "c = d"]
    assert [(m.name, m.arity, m.body) for m in note.macros] == [("\\E", 1, "\\mathbb{E}[#1]")]
    assert [(b.body, b.line) for b in note.blocks] == [('  symbols: {W: "matrix(m, n)"}', 10)]
    assert note.not_looked_at.code_blocks == 1


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}, indent=1)


def test_notebooks() -> None:
    markdown = {
        "cell_type": "markdown",
        "metadata": {},
        "source": ['# é "q"\n', "so $a = \\sigma(z)$\n", "$b_1\n", "=c$"],
    }
    output = {
        "output_type": "display_data",
        "data": {"text/markdown": "so $d_1$", "text/latex": ["$e_1$"]},
        "metadata": {},
    }
    code = {"cell_type": "code", "metadata": {}, "source": ["x = '$no_1$'"], "outputs": [output], "execution_count": 1}
    text = notebook(markdown, code)
    note = find_formulas(text, path="n.ipynb")
    assert [f.tex for f in note.formulas] == [r"a = \sigma(z)", "b_1\n=c", "d_1", "e_1"]
    for formula in note.formulas:
        assert text.splitlines()[formula.line - 1][formula.col - 1 :].startswith(formula.raw.split("\n")[0])
    first = note.formulas[0]
    edited = json.loads(first.edit(text, [(first.tex.index("("), first.tex.index("("), "'\\!\"")]))
    assert edited["cells"][0]["source"][1] == "so $a = \\sigma'\\!\"(z)$\n"
    assert edited["cells"][1] == json.loads(text)["cells"][1]


def test_a_byte_order_mark_has_no_column_and_is_no_mistake() -> None:
    (formula,) = find_formulas("\ufeff$x_1$", path="n.md").formulas
    assert (formula.line, formula.col, formula.end_col) == (1, 2, 5)
    cell = {"cell_type": "markdown", "metadata": {}, "source": "$x_1$"}
    (formula,) = find_formulas("\ufeff" + notebook(cell), path="n.ipynb").formulas
    assert formula.tex == "x_1"


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_broken_notebook_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpec, match="not a Jupyter notebook"):
        find_formulas(text, path="n.ipynb")


def test_comments() -> None:
    text = """<!-- symbackprop
notation: nielsen
given: [ "z = W x" ]
-->
$a_1$
<!-- symbackprop-expect: refuted -->
$a_2$ $a_3$
<!-- symbackprop-disable -->
$a_4$
<!-- symbackprop-enable -->
<!-- symbackprop-disable-next-line -->
$a_5$
$a_6$
<!-- symbackprop notation: d2l -->
%% symbackprop-expect: undecided %% $a_7$
"""
    note = find_formulas(text, path="note.md")
    assert [(b.body, b.line) for b in note.blocks] == [
        ('notation: nielsen\ngiven: [ "z = W x" ]', 2),
        ("notation: d2l", 14),
    ]
    assert [f.tex[-1] for f in note.formulas if f.disabled] == ["4", "5"]
    assert [(f.tex[-1], f.expect) for f in note.formulas if f.expect] == [("2", "refuted"), ("7", "undecided")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a\n <!-- symbackprop-expect: wrong -->",
            r"n.md:2:6: no verdict named 'wrong' to expect; known: proved, refuted",
        ),
        ("<!-- symbackprop-disabled -->", "n.md:1:5: no comment symbackprop-disabled; known: symbackprop, "),
    ],
)
def test_a_comment_with_a_wrong_word_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidSpec, match=re.escape(message)):
        find_formulas(text, path="n.md")


def test_macros() -> None:
    text = r"""$\newcommand{\R}{\mathbb{R}} x \in \R$ $y \in \R$
$$\newcommand\norm[1]{\|#1\|} \def\pd#1#2{\frac{\partial #1}{\partial #2}} \DeclareMathOperator{\Var}{Var}$$
```math
\renewcommand{\R}[2][n]{\mathbf{R}^{#1}_{#2}}
a = \norm{b}
```"""
    note = find_formulas(text, path="note.md")
    assert [f.tex for f in note.formulas] == [r"x \in \R", r"y \in \R", r"a = \norm{b}"]
    at_end = note.macros_at(len(text))
    assert {m.name: (m.arity, m.body, m.default) for m in at_end.values()} == {
        r"\R": (2, r"\mathbf{R}^{#1}_{#2}", "n"),
        r"\norm": (1, r"\|#1\|", None),
        r"\pd": (2, r"\frac{\partial #1}{\partial #2}", None),
        r"\Var": (0, r"\operatorname{Var}", None),
    }
    assert note.macros_at(note.formulas[1].start)[r"\R"].arity == 0


def test_what_was_not_looked_at_is_counted() -> None:
    text = "∂J/∂w = $∂a$\n\nw<sup>l</sup><sub>j</sub>\n\n```\ncode ∂\n```\n\n    more ∂\n"
    counts = find_formulas(text, path="note.md").not_looked_at
    assert (counts.text_lines, counts.sub_sup_tags, counts.code_blocks) == (1, 2, 2)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="cannot be read: No such file"):
        read_note(str(tmp_path / "none.md"))
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    with pytest.raises(InvalidSpec, match="not UTF-8 at byte 3"):
        read_note(str(tmp_path / "latin.md"))
    with pytest.raises(InvalidSpec, match="a note may have 2000000"):
        find_formulas("x" * 2_000_001, path="n.md")
    with pytest.raises(InvalidSpec, match="10001 formulas"):
        find_formulas("$x$ " * 10_001, path="n.md")


@given(st.text(alphabet="$`\\()[]{}<>!-\n abx_=^%>|0", max_size=60))
def test_any_text_is_read_and_every_place_is_true(text: str) -> None:
    try:
        note = find_formulas(text, path="note.md")
    except InvalidSpec:
        return
    previous = 0
    for formula in note.formulas:
        assert formula.start >= previous
        assert text[formula.start : formula.end] == formula.raw
        assert formula.tex.strip() == formula.tex != ""
        previous = formula.end


HOSTILE = ["$", "$ ", "` ", "\\(", "\\[", "\\begin{align}", "<img ", "<a b='", "<!--", "![x](", "> ", "- ", "$$a\n\n"]
HOSTILE += ["\\newcommand{\\a}{", "$\\text{", "```math\n", "{math}`", "%% symbackprop", "<pre>", "[", ":::{math}\n"]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("path", ["n.md", "n.tex"])
def test_repeated_openings_cost_linear_time(unit: str, path: str) -> None:
    """A quadratic search would take minutes for a twentieth of the largest note; this one takes a second or two."""
    started = time.process_time()
    with contextlib.suppress(InvalidSpec):
        find_formulas(unit * (MAX_CHARACTERS // 20 // len(unit)), path=path)
    assert time.process_time() - started < 10


NOTES = Path(os.environ.get("SYMBACKPROP_NOTES", "/nonexistent"))
GOLDEN = [
    Counter(dollar=13),
    Counter(dollar=24),
    Counter(dollar=103),
    Counter(image=50),
]


@pytest.mark.skipif(not NOTES.is_dir(), reason="SYMBACKPROP_NOTES names no folder of notes")
@pytest.mark.parametrize("number", range(len(GOLDEN)))
def test_real_notes(number: int) -> None:
    path = sorted(NOTES.iterdir())[number]
    note = read_note(str(path))
    assert Counter(f.kind for f in note.formulas) == GOLDEN[number]
    rest = note.text
    for formula in reversed(note.formulas):
        assert note.text[formula.start : formula.end] == formula.raw
        assert formula.tex == (unquote(formula.raw) if formula.kind == "image" else formula.raw)
        before, after = rest[: formula.start].rstrip(), rest[formula.end :].lstrip()
        rest = before.removesuffix("$") + after.removeprefix("$")
    assert "$" not in rest and not re.search(r'math=[^"]', rest)


def test_odd_cells_are_passed_over_and_the_others_read() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["$a$ ", "$b$"]},
        {"cell_type": "markdown"},
        {"cell_type": "markdown", "source": None},
        {"cell_type": "markdown", "source": [1, "$no$"]},
        {},
        5,
        {"cell_type": "code", "source": "x", "outputs": None},
        {"cell_type": "code", "outputs": [{"text": "$no$"}, {"data": None}, 7, {"data": {"text/latex": 5}}]},
        {"cell_type": "code", "outputs": [{"data": {"text/markdown": "$c$"}}]},
        {"cell_type": "raw", "source": "$no$"},
        {"cell_type": "markdown", "source": []},
        {"cell_type": "markdown", "source": "$d$"},
    ]
    text = json.dumps({"nbformat": 4, "cells": cells})
    note = find_formulas(text, path="n.ipynb")
    assert [formula.tex for formula in note.formulas] == ["a", "b", "c", "d"]
    assert all(text[f.start : f.end] == f.tex for f in note.formulas)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not a Jupyter notebook: "),
        ("[]", "format 4"),
        ('{"nbformat": 3, "worksheets": []}', "format 4, which has a list of cells; an older one"),
        ('{"cells": {}}', "list of cells"),
    ],
)
def test_what_is_no_notebook_says_why(text: str, words: str) -> None:
    with pytest.raises(InvalidSpec, match=words):
        find_formulas(text, path="n.ipynb")
