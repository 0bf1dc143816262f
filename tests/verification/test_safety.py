"""Hostile notes: each ends within its budget, none executes or writes anything, and none acts on who reads the report.

``SYMBACKPROP_LONG=1`` also runs seeded mutations of every hostile note (see ``test_mutations_of_hostile_notes``).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from symbackprop.errors import SymbackpropError
from symbackprop.verification.check import check_text, judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.reading.adapter import warm
from symbackprop.verification.reports import Style, formats
from symbackprop.verification.sandbox import Failure, Limits, run_isolated
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict
from symbackprop.verification.walkthrough import note_problems

CANARY = "canary-of-a-hostile-note"
SETTINGS = Settings(plain_text=True)
#: Seconds for a whole hostile note on a slow machine; a formula has 2.
PATIENCE = 20.0


def block(yaml: str, formula: str = "x = x") -> str:
    return f"<!-- symbackprop\n{yaml}\n-->\n${formula}$\n"


def doubling(levels: int) -> str:
    """Definitions that are small as written and huge when written out."""
    lines = [rf"  - 'x_{{{n + 1}}} = x_{{{n}}} x_{{{n}}} + x_{{{n}}}'" for n in range(levels)]
    return block("given:\n" + "\n".join(lines), rf"x_{{{levels}}} = x_{{0}}")


NUMBERS = [
    "1" * 5000 + " = 1",
    "x = 0." + "0" * 4000 + "1",
    "1E99999999 = 1",
    "x = 1e999999999",
    "9^{9^{9}} = 1",
    "9^{9^{9^{9}}} = x",
    "100000000! = 1",
    "((x!)!)! = x!!!",
    "2^{2^{2^{2^{2^{2}}}}} = 1",
    "x^{999999999} = x",
    "x^{-999999999} = x",
    r"\sqrt[999999]{x} = x",
    "(x+y+z+1)^{200} = 1",
    "(x+y)^{64}(x-y)^{64} = (x^2-y^2)^{63}",
    r"\binom{1000000000}{500} = 1",
    r"\gcd(10^{10^{9}}, 2) = 2",
    r"\sum_{i=1}^{10000000} i = 1",
    r"\sum_{i=1}^{n}\sum_{j=1}^{n}\sum_{k=1}^{n}\sum_{l=1}^{n}\sum_{m=1}^{n} x_{ijklm} = 1",
    r"\prod_{i=1}^{10^{12}} i = 1",
    r"\prod_{i=1}^{n} (x_i + y_i) = 1",
    r"\int_0^{10^{99}} x^{50} dx = 1",
    r"\lim_{n\to\infty} (1+1/n)^{n^{n}} = e",
    "e^{e^{e^{e^{e}}}} = x",
    r"\sin(\exp(\exp(20))) = 0",
    r"\tan(10^{60}) = x",
    r"\frac{1}{10^{60}}\ln(1 + 10^{-60}) = 0",
    r"\frac{d^{50}}{dx^{50}} \tanh(x) = 0",
    r"\frac{d^{99999}y}{dx^{99999}} = 0",
    "1/0 = 1",
    "0^0 = 0/0",
    r"x \bmod 10^{99} = 1",
    r"\tanh^{(60)}(x) = \tanh(x)",
]
NESTING = [
    "(" * 200 + "x" + ")" * 200 + " = x",
    "{" * 2000 + "x" + "}" * 2000,
    "-" * 1000 + "x = x",
    "x" + "'" * 500 + " = x",
    r"\frac{1}{" * 60 + "x" + "}" * 60 + " = x",
    "x^{" * 90 + "x" + "}" * 90 + " = x",
    r"\sqrt{" * 90 + "x" + "}" * 90,
    r"\left(" * 300 + "x" + r"\right)" * 300,
    "x+" * 900 + "x = 1",
    "x+" * 500_000 + "x",
    "x " * 800 + "= 1",
    "a = " * 300 + "a",
    "a_" * 300 + "a = 1",
    "a_{" * 90 + "a" + "}" * 90 + " = 1",
    r"\sigma(" * 35 + "x" + ")" * 35 + " = x",
    r"\frac{d}{dx}\sigma(\sigma(\sigma(\sigma(\sigma(\sigma(x)))))) = x",
    r"\text{" * 50 + "a" + "}" * 50 + " = 1",
    r"\begin{aligned}" + r"a &= b \\" * 400 + r"\end{aligned}",
    r"\begin{aligned}" * 50 + "x = y" + r"\end{aligned}" * 50,
    r"\begin{cases}" + r"x & x>0 \\" * 300 + r"\end{cases} = x",
    "(" * 500,
    ")" * 500,
    "|" * 501,
    "[" * 200 + "=" + "]" * 200,
    r"\left| " * 100 + "x",
    r"\partial" * 300 + " = 1",
    r"\nabla" * 300 + "f = 1",
    r"\sum" * 200 + "x = 1",
    "^" * 100,
    "_" * 100,
]
MATRICES = [
    r"\begin{pmatrix}" + r" & ".join("x" * 60) + r"\end{pmatrix} = A",
    r"A = \begin{pmatrix}" + r" \\ ".join([" & ".join(["x"] * 20)] * 20) + r"\end{pmatrix}",
    r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix} = A",
    r"W^{1000} = W",
    r"\det(A^{999}) = 1",
    r"(A B)^{-1^{-1^{-1}}} = A",
    r"\|x\|_{99999}^{99999} = 1",
    r"\mathrm{diag}(\mathrm{diag}(\mathrm{diag}(x))) = x",
    r"A^T" * 60 + " = A",
]
CODE = [
    f"__import__('os').system('touch {CANARY}') = 1",
    rf"\text{{__import__('os').system('touch {CANARY}')}} = x",
    rf"x_{{__import__('os').system('touch {CANARY}')}} = x",
    rf"\operatorname{{eval}}(open('{CANARY}','w')) = 1",
    r"r_{+eval(chr(95)+chr(95))} = x",
    r"\mathrm{exec}(x) = x",
    "x.__class__.__base__.__subclasses__() = x",
    r"\operatorname{__import__}(x) = x",
    "lambda: 1 = x",
    r"q_{0} = q_{1}",
    r"q_{999999999} \cdot q_{-1} = q_{0}",
    r"\variable{x} = \variable{y}",
    "{{7*7}} = x",
    "%s%n%x = 1",
    f"$(touch {CANARY}) = x",
    f"`touch {CANARY}`",
    r"\input{/etc/passwd} = 1",
    rf"\write18{{touch {CANARY}}} = 1",
    rf"\immediate\write18{{touch {CANARY}}}",
    r"\csname x\endcsname = 1",
    r"\def\x{\x\x}\x = 1",
    r"\catcode`\%=12 x = 1",
    r"\href{javascript:alert(1)}{x} = 1",
    r"\unicode{x3C} = 1",
    r"\htmlData{a=b}{x} = 1",
    r"\require{html} x = 1",
    r"\special{x} = 1",
    r"\openout1=x.tex = 1",
    r"I = E",
    r"S(x) = N(x)",
    r"\pi = Q",
    r"x = \mathrm{Symbol}(y)",
    r"\mathrm{os.system}(x) = 1",
    "import os = x",
]
NOTES = [
    r"\newcommand{\a}{\a\a} $\a = \a$",
    r"\newcommand{\a}{\b}\newcommand{\b}{\a} $\a = 1$",
    "".join(
        rf"\newcommand{{\{c}}}{{\{d}\{d}}}" for c, d in zip("abcdefghijklmnopqrst", "bcdefghijklmnopqrstu", strict=True)
    )
    + "$\\a = 1$",
    r"\newcommand{\frac}{\frac\frac} $\frac{1}{2} = x$",
    r"\newcommand{\a}[9]{#9#8#1} $\a{1}{2} = 3$",
    r"\newcommand{\a}[99]{#99} $\a = 1$",
    r"\newcommand{\a}{" * 500 + "$\\a$",
    r"\def\a#1{\a{#1#1}} $\a{x} = 1$",
    block("a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\ngiven: [*c, *c]"),
    block("given: !!python/object/apply:os.system ['touch x']"),
    block("given: !!python/name:os.system x"),
    block("given: " + "[" * 3000),
    block("? " * 3000),
    block("<<: {<<: {<<: 1}}"),
    block("x" * 25_000),
    block("given: ['a = a + 1']", "a = a + 1"),
    block("given: ['a = b', 'b = c', 'c = a']", "a = c"),
    block("given: ['f(x) = f(f(x))']", "f(1) = 2"),
    block("given: ['f(x) = f(x+1) + f(x-1)']", "f'(x) = 2"),
    block(r"given: ['a^l = \sigma(a^{l+1})', 'a^{l} = a^{l-1}']", "a^3 = a^2"),
    doubling(20),
    doubling(60),
    block("model: 99999999-99999999-99999999"),
    block("model: " + "-".join(["2"] * 3000)),
    block("model: /etc/passwd.toml"),
    block("model: ../../x.toml sigmoid"),
    block("notation: ../../../etc/passwd"),
    block("notation: [1, 2"),
    block("layout: 7"),
    block("symbols: {x: 'tensor(" + ", ".join("abcdefghijklmno") + ")'}"),
    block("symbols: {x: 'vector(10000000000)'}", r"\sum_i x_i = 1"),
    block("symbols: {x: 'matrix(n, n, n, n)'}"),
    block(r"symbols: {x: 'random(x, x)', y: 'random(y^2, 1)'}", r"\mathrm{Var}(x) = 1"),
    block("symbols: {'" + "x" * 3000 + "': scalar}"),
    block("symbols: {1: 2, null: 3, true: no}"),
    block("assume: ['0 = 1']", "1 = 2"),
    block("assume: ['x < y', 'y < x']", "x = y"),
    block("given: .inf\nassume: 2001-01-01"),
    block("\0\x01"),
    block("\tgiven: x"),
    "$" * 100_001,
    "$x$" * 10_001,
    "\\[" * 50_000,
    r"\begin{align}" * 10_000,
    "`" * 100_000,
    "<!--" * 50_000,
    "| " * 50_000,
    "> " * 3_000 + "$x=1$",
    "- " * 2_000 + "$x=1$",
    "[" * 20_000,
    "---\n" * 20_000,
    "*" * 50_000,
    "\\" * 100_001,
    "$$" * 50_001,
    '<img src="x?math=' + "%" * 5_000 + '">',
    '<img src="x?math=x=%FF%FE%00">',
    "\ufeff$x = 1$\u202e\u2066",
    "$\x00 = \x1b[31m$",
    "$" + "\u0301" * 500 + " = x$",
    "$x\u200b_\u200bi = x_i$",
    "$\uff11 + \uff11 = \u00b2$",
    "$" + "\u00b2" * 1000 + " = 1$",
    "$\ud835\udc65$".encode("utf-16", "surrogatepass").decode("utf-16") + "$𝐱 = 𝒙$",
    "$x = \\text{-->}</script><script>alert(1)</script>$",
    "∂" * 3000 + " = 1",
    "x_i = " * 2000,
    "∑_i " * 500 + "= x_i",
]
HOSTILE = [*(f"${formula}$\n" for formula in (*NUMBERS, *NESTING, *MATRICES, *CODE)), *NOTES]


def judged(text: str) -> Mapping[str, Any]:
    """The verdicts and codes on a note, judged here and now; an objection to the note as a whole is one as well."""
    try:
        note = find_formulas(text, path="hostile.md", plain_text=True)
        findings = list(judge_share(note, SETTINGS, 0, len(note.formulas), frozenset()))
    except SymbackpropError as error:
        return {"error": str(error)}
    return {"verdicts": [[found["verdict"], found["code"], found["message"]] for found in findings]}


SEEN: list[str] = []


def listen(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: note every compilation, execution, process, socket and file that is opened to write."""
    writes = event == "open" and isinstance(arguments[1], str) and bool(set(arguments[1]) & set("wax+"))
    acts = event in ("compile", "exec") or event.split(".")[0] in ("subprocess", "socket", "os", "shutil", "ctypes")
    if writes or acts and event not in ("os.listdir", "os.scandir"):
        SEEN.append(f"{event} {str(arguments)[:200]}")


def audited(work: Callable[[str], Mapping[str, Any]], text: str) -> Mapping[str, Any]:
    """In a child, which ends with its hook: what ``work`` finds, and what was seen meanwhile."""
    if not HOOKED:
        HOOKED.append(os.getpid())
        sys.addaudithook(listen)
    SEEN.clear()
    return {**work(text), "seen": list(SEEN)}


HOOKED: list[int] = []
#: What the first judgement imports is loaded before anybody listens, and so is what the first model needs.
WARM = r"""<!-- symbackprop
symbols: {u: "random(0, v)", W: "matrix(m, n)"}
given: ['s = \tanh(3 r)']
-->
$\sinh'(x) = 2 - \cosh(x)$ $z = \text{some}(1)$ $x =$ $\frac{ds}{dr} = 3 - 3 s^2$ $\mathrm{Var}(u) = v$
$\int_0^1 x^2 dx = 1/3$ $\lim_{x \to 0} \sin(x)/x = 1$"""


def warmed() -> None:
    warm()
    judged(WARM)
    judged("<!-- symbackprop\nmodel: 3-2 sigmoid half_squared_error\n-->\n$x = x$")


def test_hostile_notes_end_within_their_budget_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of them is compiled, executed or written either."""
    monkeypatch.chdir(tmp_path)
    assert len(HOSTILE) >= 100
    warmed()
    results = run_isolated(partial(audited, judged), HOSTILE, limits=Limits(item=PATIENCE, task=600.0))
    assert list(tmp_path.iterdir()) == []
    for text, result in zip(HOSTILE, results, strict=True):
        assert not isinstance(result, Failure), (text[:80], result)
        assert not any(code == "SBP090" for _, code, _ in result.get("verdicts", ())), (text[:80], result)
        assert result["seen"] == [], text[:80]


def acting(act: Callable[[], object], text: str) -> Mapping[str, Any]:
    act()
    return judged(text)


@pytest.mark.parametrize(
    "act",
    [
        lambda: compile("1", "note", "eval"),
        lambda: open("x", "w").close(),
        lambda: os.system("true"),
        lambda: subprocess.run(["true"], check=True),
    ],
    ids=["compile", "write", "system", "process"],
)
def test_the_audit_sees_what_is_done(
    act: Callable[[], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    warmed()
    calm, caught = (run_isolated(partial(audited, work), ["$x = 1$"])[0] for work in (judged, partial(acting, act)))
    assert not isinstance(calm, Failure) and calm["seen"] == []
    assert not isinstance(caught, Failure) and caught["seen"]


FALSE = [
    "1/0 = 1",
    "2^{2^{2^{2^{2^{2}}}}} = 1",
    "9^{9^{9}} = 1",
    r"\sum_{i=1}^{10000000} i = 1",
    "e^{e^{e^{e^{e}}}} = 0",
]


@pytest.mark.parametrize("formula", FALSE)
def test_what_costs_too_much_is_not_proved(formula: str) -> None:
    assert all(verdict != "proved" for verdict, _, _ in judged(f"${formula}$")["verdicts"])


ODDEST = [NUMBERS[3], NESTING[9], NESTING[7], CODE[0], CODE[2], NOTES[0], NOTES[20], NOTES[40], NOTES[61]]


@pytest.mark.parametrize("text", ODDEST, ids=range(len(ODDEST)))
def test_the_rest_of_a_note_is_judged_and_the_parent_lives(text: str) -> None:
    good = "\n\n$\\tanh'(z) = 1 - \\tanh(z)^2$\n"
    try:
        report = check_text(f"${text}$\n" + good if "$" not in text else text + good, SETTINGS, path="n.md")
    except SymbackpropError as error:
        assert str(error).startswith("n.md:")
    else:
        assert report[-1].verdict is Verdict.PROVED or "$" * 99 in text, text[:80]


def test_blocks_are_read_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs in a comment block is an error about the block, in time."""
    monkeypatch.setattr("symbackprop.verification.walkthrough.BLOCK_SECONDS", 0.3)
    monkeypatch.setattr("symbackprop.verification.walkthrough.enter", lambda *_: time.sleep(60))
    (error,) = note_problems([find_formulas(block("symbols: {x: scalar}"), path="n.md")], SETTINGS)
    assert str(error).startswith("n.md:2: comment block: stopped after 0.3 s")


@pytest.mark.parametrize("name", formats)
def test_nothing_of_a_note_acts_in_a_report(name: str) -> None:
    marks = [
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\x1b[31m",
        "\u202e",
        "]]>",
        "::error::x",
    ]
    bodies = [f"$y = \\text{{{mark}}} {mark}$\n" for mark in marks] + [block(f"symbols: {{'{marks[1]}': '\\x1b[31m'}}")]
    report = check_text("\n".join(bodies), path='::error "<b>.md')
    printed = formats[name](report, Style(verbose=True))
    assert "\x1b" not in printed and "\u202e" not in printed
    assert not any(line.startswith("::error::x") for line in printed.splitlines())
    if name in ("html", "junit"):
        assert "<script" not in printed.lower() and "<img" not in printed and "<b>.md" not in printed
        assert "]]>" not in printed


@pytest.mark.skipif(not os.environ.get("SYMBACKPROP_LONG"), reason="SYMBACKPROP_LONG=1 runs it, in about ten minutes")
def test_mutations_of_hostile_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """5,000 notes made of pieces of the hostile ones."""
    monkeypatch.chdir(tmp_path)
    draw = random.Random(0)
    pieces = [text for text in HOSTILE if len(text) < 2_000]
    texts = []
    for _ in range(5_000):
        one, two = draw.choice(pieces), draw.choice(pieces)
        texts.append(one[: draw.randrange(len(one))] + two[draw.randrange(len(two)) :])
    warm()
    results = run_isolated(judged, texts, limits=Limits(item=PATIENCE, task=3600.0))
    failed = [(text, result) for text, result in zip(texts, results, strict=True) if isinstance(result, Failure)]
    assert not failed and list(tmp_path.iterdir()) == []
