"""What authors write beside the mathematics, and what is refused because two readings of it differ."""

from __future__ import annotations

import pytest

from symbackprop.errors import InvalidSpec
from symbackprop.quantities import Role
from symbackprop.verification.check import check_text
from symbackprop.verification.reading import with_block
from symbackprop.verification.reading.block import read_block
from symbackprop.verification.reading.elaborate.author_signs import in_one_spelling
from symbackprop.verification.reading.notation_tables import encoded, table_of
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import NotRead

SIGMOID = "<!-- symbackprop\nsymbols: {x: scalar, \\sigma: sigmoid}\n-->\n"


def verdicts(tex: str, block: str = SIGMOID) -> list[str]:
    """What is said of each link."""
    (finding,) = check_text(f"{block}\n$${tex}$$\n")
    return [link.verdict.value for link in finding.links]


@pytest.mark.parametrize(
    ("tex", "why"),
    [
        (r"\overline{x^2} = 1", "over a power"),
        (r"a + \cancel{b} = a", "struck out"),
        (r"f = 1 \text{ if } x > 0 \text{ else } 5", "other cases"),
    ],
)
def test_what_may_mean_two_things_is_not_read(tex: str, why: str) -> None:
    found = read_surface(tex)
    assert isinstance(found, NotRead) and why in found.reason


@pytest.mark.parametrize("tex", [r"\frac{a\cancel{b}}{\cancel{b}c} = \frac{a}{c}", r"x\cancel{+1}\cancel{-1} = x"])
def test_strokes_in_pairs_change_nothing(tex: str) -> None:
    plain = tex.replace(r"\cancel", "")
    counted = [len(s.sides) for s in read_surface(tex)]  # type: ignore[union-attr]
    assert counted == [len(s.sides) for s in read_surface(plain)]  # type: ignore[union-attr]
    block = "<!-- symbackprop\nsymbols: {a: scalar, b: scalar, c: scalar, x: scalar}\n-->\n"
    assert verdicts(tex, block) == ["proved"]


def test_a_function_without_brackets_may_reach_one_factor_or_all() -> None:
    """Whichever it is, nothing is refuted that is true of one of them; what is false of both is."""
    product_rule = r"\partial_x (x\sigma(x)) = \partial_x x\,\sigma(x) + x\,\partial_x \sigma(x)"
    assert verdicts(product_rule) == ["proved"]
    assert verdicts(product_rule.replace("+ x", "- x")) == ["refuted"]
    assert verdicts(r"\frac{d}{dx} x \sigma(x) = \sigma(x)") == ["refuted"]
    assert verdicts(r"x \log x = \log x x") == ["undecided"]


@pytest.mark.parametrize(
    ("tex", "verdict"),
    [
        (r"\sigma(x) > \frac12", "skipped"),  # a condition as well as a claim
        (r"|w \sigma'(x)| < 1", "skipped"),
        (r"\sigma'(x) \le \frac15 \text{ for } x > 2", "skipped"),
        (r"\sigma'(x) \le \frac15", "refuted"),
        (r"\sigma'(x) \le \frac14", "proved"),
        (r"\sigma(x) > 1", "refuted"),
    ],
)
def test_an_inequality_that_may_be_a_condition_is_held_against_nobody(tex: str, verdict: str) -> None:
    assert verdicts(tex)[-1] == verdict


def test_moments_that_are_set_equal_are_assumed_where_a_condition_follows() -> None:
    block = (
        '<!-- symbackprop\nsymbols: {w: "random(0, v)", x: "random(0, u)"}\ngiven: ["y = \\\\sum_{i=1}^n w_i x_i"]\n-->'
    )
    assert verdicts(r"\operatorname{Var}(y) = u \iff v = \frac{1}{n}", block)[0] == "condition"
    assert verdicts(r"\operatorname{Var}(y) = u", block) == ["refuted"]


def test_a_sign_that_the_note_declares_is_left_as_it_is() -> None:
    for tex, own in ((r"D f(x) = 1", "D: scalar"), (r"\dot{f}(x) = 1", r"\dot{f}: unknown")):
        (statement,) = read_surface(tex)  # type: ignore[misc]
        plain, declared = (
            with_block(Scope.empty(), read_block(f"symbols:\n  f: unknown\n{more}")) for more in ("", f"  {own}")
        )
        assert in_one_spelling((statement,), plain) != (statement,)
        assert in_one_spelling((statement,), declared) == (statement,)


def test_a_table_of_a_notation_names_its_mistakes() -> None:
    with pytest.raises(InvalidSpec, match="did you mean weight"):
        encoded({"wieght": "w"})
    with pytest.raises(InvalidSpec, match="must be text"):
        encoded({"weight": 3})
    with pytest.raises(InvalidSpec, match="no letter with scripts"):
        table_of(encoded({"weight": "a + b"}))
    with pytest.raises(InvalidSpec, match="spells"):
        table_of(encoded({"error": r"z^{(l)}"}))


@pytest.mark.parametrize(
    ("spelling", "array"),
    [
        (r"\epsilon^l_j", r"\epsilon^{{l}}"),
        (r"\epsilon^{(l)}", r"\epsilon^{({l})}"),
        (r"\epsilon^{[l]}_i", r"\epsilon^{[{l}]}"),
        (r"\epsilon_l", r"\epsilon_{{l}}"),
        (r"\epsilon^{{l}}_{{j}}", r"\epsilon^{{l}}"),
    ],
)
def test_a_spelling_shows_where_the_number_of_the_layer_stands(spelling: str, array: str) -> None:
    table = table_of(encoded({"error": spelling}))
    assert table.spellings[Role.ERROR].array == array
    assert table.spellings[Role.WEIGHT].array == array.replace(r"\epsilon", "w")
