"""A notation alone does not say which cost is meant: what holds under a usual one is proved, and says under which."""

import pytest

from symbackprop import verify
from symbackprop.losses import losses
from symbackprop.notations import notations
from symbackprop.verification.reading.presets import notation_preset
from symbackprop.verification.verdict import Verdict

HALF = r"\delta^L_j = (a^L_j - y_j) \sigma'(z^L_j)"
WHOLE = r"\delta^L_j = 2 (a^L_j - y_j) \sigma'(z^L_j)"
ENTROPY = r"\delta^L = a^L - y"
SIGN = r"\delta^L_j = (y_j - a^L_j) \sigma'(z^L_j)"


@pytest.mark.parametrize("tex", [HALF, WHOLE, ENTROPY])
def test_what_holds_under_one_usual_cost_is_proved_under_it_by_name(tex: str) -> None:
    found = verify.formula(tex, notation="nielsen")
    assert found.verdict is Verdict.PROVED
    assert any("it is taken as C = " in words for words in found.assumptions)


def test_each_of_them_names_another_cost() -> None:
    named = {verify.formula(tex, notation="nielsen").assumptions[0] for tex in (HALF, WHOLE, ENTROPY)}
    assert len(named) == 3


def test_what_is_wrong_under_every_usual_cost_is_refuted() -> None:
    found = verify.formula(SIGN, notation="nielsen")
    assert found.verdict is Verdict.REFUTED
    assert "under each of 6 readings" in found.message


@pytest.mark.parametrize(("cost", "right", "wrong"), [(r"\frac{1}{2}", HALF, WHOLE), ("", WHOLE, HALF)])
def test_a_cost_that_the_note_defines_is_the_only_one(cost: str, right: str, wrong: str) -> None:
    report = verify(f"$C = {cost} \\|a^L - y\\|^2$\n\n${right}$\n\n${wrong}$", notation="nielsen")
    assert [finding.verdict for finding in report][1:] == [Verdict.PROVED, Verdict.REFUTED]


@pytest.mark.parametrize(("cost", "right", "wrong"), [(r"\frac{1}{2}", HALF, WHOLE), ("", WHOLE, HALF)])
def test_so_is_a_cost_that_a_block_gives(cost: str, right: str, wrong: str) -> None:
    block = f"<!-- symbackprop\nnotation: nielsen\ngiven:\n  - 'C = {cost} \\|a^L - y\\|^2'\n-->\n"
    report = verify(f"{block}\n${right}$\n\n${wrong}$")
    assert [finding.verdict for finding in report] == [Verdict.PROVED, Verdict.REFUTED]


def test_a_model_says_which_cost_is_meant() -> None:
    assert verify.formula(WHOLE, model="4-3-2 sigmoid half_squared_error").refuted
    assert verify.formula(WHOLE, model="4-3-2 sigmoid squared_error").proved


def test_every_notation_has_the_usual_costs() -> None:
    for name in notations:
        costs = notation_preset(name).costs
        assert len(set(costs)) == len(costs) == 4 < len(losses)


LEFT_OPEN = """<!-- symbackprop
symbols: {x: vector(n), W: "matrix(m, n)", z: vector(m), a: vector(m), L: scalar, r: scalar}
given: ['z = W x', 'a = \\tanh(z)', 'r^2 = \\sum_i x_i^2']
-->

$$ CLAIM $$
"""


@pytest.mark.parametrize(
    ("claim", "letter"),
    [
        (r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^T", "L is taken as an unknown function"),
        (r"\frac{\partial r}{\partial x_i} = \frac{x_i}{r}", "r is taken as the root that is not negative"),
    ],
)
def test_what_a_block_leaves_open_is_said_with_the_verdict(claim: str, letter: str) -> None:
    (found,) = verify(LEFT_OPEN.replace("CLAIM", claim))
    assert found.verdict is Verdict.PROVED
    assert [words for words in found.assumptions if words.startswith(letter)]
    (other,) = verify(LEFT_OPEN.replace("CLAIM", r"\frac{\partial z_i}{\partial x_j} = W_{ij}"))
    assert not [words for words in other.assumptions if " is taken as " in words]


def test_a_definition_of_the_note_replaces_a_cost_that_was_left_open() -> None:
    note = LEFT_OPEN.replace("CLAIM", r"L = \frac{1}{2} \sum_i a_i^2 $$ $$ \frac{\partial L}{\partial a} = a")
    found = list(verify(note))
    assert [each.verdict for each in found] == [Verdict.DEFINITION, Verdict.PROVED]
    assert not [words for words in found[1].assumptions if " is taken as " in words]


def test_a_cost_over_times_that_is_only_named_may_be_one_of_the_last_time() -> None:
    """Without the term of its own time the recursion holds for a cost at the end alone: neither proved nor refuted."""
    block = (
        "<!-- symbackprop\n"
        "given: ['h_t = \\tanh(W h_{t-1} + U x_t)']\n"
        "symbols: {h_t: vector(n), x_t: vector(m), W: 'matrix(n, n)', U: 'matrix(n, m)', L: scalar, T: index}\n-->\n\n"
    )
    slope = r"W^\top \mathrm{diag}(1 - h_{t+1}^2) \frac{\partial L}{\partial h_{t+1}}"
    (found,) = verify(block + rf"$$\frac{{\partial L}}{{\partial h_t}} = {slope}$$")
    assert found.verdict is Verdict.UNDECIDED
    assert "last time" in found.message


NAMED = {
    "W": "matrix(m, n)",
    "x": "vector(n)",
    "z": "vector(m)",
    "a": "vector(m)",
    "y": "vector(m)",
    r"\lambda": "scalar",
}
LAYER = ("z = W x", r"a = \tanh(z)", r"b = \lambda y")


@pytest.mark.parametrize(
    ("tex", "verdict"),
    [
        (r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^T", Verdict.PROVED),
        (r"\frac{\partial L}{\partial W} = 2 \frac{\partial L}{\partial z} x^T", Verdict.REFUTED),
        (r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^T + \lambda W", Verdict.NOT_UNDERSTOOD),
        (r"\frac{\partial L}{\partial a} = a - y", Verdict.NOT_UNDERSTOOD),
    ],
)
def test_what_another_cost_could_make_true_is_not_called_wrong(tex: str, verdict: Verdict) -> None:
    """L is only named: there may be weight decay in it, and a target."""
    assert verify.formula(tex, given=LAYER, symbols={**NAMED, "L": "scalar"}).verdict is verdict


@pytest.mark.parametrize(
    ("tex", "given"),
    [
        (
            r"\frac{\partial L}{\partial x} = W^T \frac{\partial L}{\partial z} + \frac{\partial L}{\partial z}",
            ("z = W x",),
        ),
        (r"\frac{\partial L}{\partial x} = W^T \frac{\partial L}{\partial z}", ("z = W x", r"r = \sum_i x_i^2")),
    ],
)
def test_another_path_to_the_cost_or_a_missing_one_is_not_ruled_out(tex: str, given: tuple[str, ...]) -> None:
    shapes = {"W": "matrix(n, n)", "x": "vector(n)", "z": "vector(n)", "r": "scalar", "L": "scalar"}
    assert verify.formula(tex, given=given, symbols=shapes).verdict is Verdict.NOT_UNDERSTOOD
