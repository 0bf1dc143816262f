"""Expectations over letters of which a note does not say whether they are random."""

from symbackprop.verification.check import check_text
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict

SLOWLY = Settings(timeout=30)


def verdict(text: str) -> Verdict:
    return check_text(text, SLOWLY)[-1].verdict


def test_an_expectation_over_undeclared_letters_is_not_judged() -> None:
    assert verdict(r"$$o = w x$$ $$\mathbb{E}[o^2] - \mathbb{E}[o]^2 = \mathbb{E}[w^2 x^2]$$") is Verdict.NOT_UNDERSTOOD


def test_a_declared_constant_is_a_constant_where_something_is_random() -> None:
    text = "<!-- symbackprop\nsymbols: {c: scalar, w: 'random(0, 1)'}\n-->\n$$\\mathbb{E}[c^2] = c^2$$"
    assert verdict(text) is Verdict.PROVED
    assert verdict(text.replace("= c^2", "= c")) is Verdict.REFUTED
    # Nothing is declared random: whoever writes this means that c is.
    assert verdict(text.replace(", w: 'random(0, 1)'", "")) is Verdict.NOT_UNDERSTOOD


def test_beside_a_random_letter_an_undeclared_one_may_be_proved_but_not_refuted() -> None:
    opening = "<!-- symbackprop\nsymbols: {w: 'random(0, v)'}\n-->\n"
    assert verdict(opening + r"$$\mathbb{E}[w x] = \mathbb{E}[w] \mathbb{E}[x]$$") is Verdict.PROVED
    assert verdict(opening + r"$$\mathbb{E}[w^2 x^2] = v \mathbb{E}[x]$$") is Verdict.NOT_UNDERSTOOD
