"""The steps of a proof are equations of the same note: each is proved when it is put in the place of the formula."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.proof.prove import Proof
from symbackprop.verification.proof.steps import steps
from symbackprop.verification.report import File, Finding, Report
from symbackprop.verification.reports import Style, formats
from symbackprop.verification.settings import Settings
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import add, delta, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import (
    Axis,
    Cases,
    Diff,
    Expect,
    Integral,
    Limit,
    Num,
    Prod,
    Range,
    Relation,
    Size,
    Sum,
)
from symbackprop.verification.terms.write import latex

SOFTMAX = "$s_i = \\frac{e^{z_i}}{\\sum_{k=1}^{n} e^{z_k}}$ and $L = -\\log s_1$\n"
NOTES = {
    "tanh": ("$t = \\tanh(z)$\n", r"\frac{dt}{dz} = 1 - t^2"),
    "softmax": (SOFTMAX, r"\frac{\partial s_i}{\partial z_j} = s_i (\delta_{ij} - s_j)"),
    "layers": ("<!-- symbackprop\nnotation: nielsen\n-->\n", r"\frac{\partial C}{\partial b^l_j} = \delta^l_j"),
    "numbered from the output": (
        "<!-- symbackprop\nnotation: backward_epsilon\n-->\n",
        r"\frac{\partial a^0_i}{\partial z^0_i} = h'(z^0_i)",
    ),
}


def last_finding(text: str) -> Finding:
    note = find_formulas(text, path="n.md")
    return Finding.from_json(list(judge_share(note, Settings(), 0, len(note.formulas), frozenset()))[-1])


@pytest.mark.parametrize("name", NOTES)
def test_every_step_holds_where_the_formula_stands(name: str) -> None:
    before, formula = NOTES[name]
    found = last_finding(f"{before}${formula}$")
    told = found.links[0].steps
    assert told[0][0] == "with every index" and any(because == "where" for because, _ in told)
    for because, tex in told:
        if because != "where":
            assert last_finding(f"{before}${tex}$").proved, tex
            assert not last_finding(f"{before}${tex} + 1$").proved, tex


def test_what_is_refuted_or_proved_by_induction_shows_no_last_step() -> None:
    wrong = last_finding("$t = \\tanh(z)$ $\\frac{dt}{dz} = 1 + t^2$")
    assert wrong.refuted and wrong.links[0].steps == ()
    claim = Claim(Diff(entry("x"), entry("x")), Num(Fraction(1)))
    by_induction = Proof(True, "induction over the label, by normal forms", compared=entry("x"))
    assert [because for because, _ in steps(claim, Context(), by_induction)] == ["with every index"]


def test_long_steps_are_left_out() -> None:
    long = mul(*(fn("f", entry("x", n)) for n in range(200)))
    assert steps(Claim(long, long), Context(), Proof(True, "normal form")) == ()


def test_the_page_folds_the_steps_under_what_is_proved() -> None:
    proved, wrong = (last_finding(f"$\\tanh'(z) = 1 {sign} \\tanh(z)^2$") for sign in "-+")
    page = formats["html"](Report((proved, wrong), (File("n.md", 2),)), Style())
    assert page.count("the proof, step by step") == 1
    assert page.index("step by step") < page.index("Proved by normal form")


X, N, LAST = entry("x"), Axis("n"), Affine.symbol("T")
INSIDE = entry("x", "i#1")
WRITTEN = {
    r"-\frac{1}{2} x": mul(Fraction(-1, 2), X),
    r"\frac{x}{(1 + x)^{2}}": mul(X, power(add(1, X), -2)),
    r"\sqrt{x} - x": sub(power(X, Fraction(1, 2)), X),
    r"\sum_{j=1}^{n} x_{i} x_{j}": Sum("i#1", N, mul(entry("x", "i"), INSIDE)),
    r"\sum_{i=1}^{n} \sum_{j=1}^{n_{2}} w_{ij}": Sum("i", N, Sum("i#2", Axis("n_{2}"), entry("w", "i", "i#2"))),
    r"\prod_{k=1}^{T-1} g^{(k)}": Prod("k", Range(Affine.of(1), LAST + -1), entry("g", labels=("k",))),
    r"n \delta_{i,j}": mul(Size(N), delta("i", "j")),
    r"(h'(x))^{2}": power(fn("h", X, 1), 2),
    r"\mathbb{E}[x + 1]": Expect(add(X, 1)),
    r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}": Cases((((Relation(X, ">", num(0)),), X),), num(0)),
    r"\lim_{x \to \infty} \tanh(x)": Limit(fn("tanh", X), X, None, 1),
    r"\int_{0}^{\infty} e^{-x} \, dx": Integral(fn("exp", neg(X)), X, num(0), None),
}


@pytest.mark.parametrize("tex", WRITTEN)
def test_terms_are_written_as_people_write_them(tex: str) -> None:
    assert latex(WRITTEN[tex]) == tex
