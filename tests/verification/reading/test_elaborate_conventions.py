"""Conventions that a note does not state: what is said of them, and what is not decided without them."""

from __future__ import annotations

from symbackprop.verification.check import check_text


def _found(block: str, latex: str) -> tuple[str, tuple[str, ...], str]:
    (finding,) = check_text(f"<!-- symbackprop\n{block}\n-->\n\n$$\n{latex}\n$$\n")
    return finding.verdict.value, tuple(finding.assumptions), finding.message


CHAIN = """given: ['y = g(x)', 'z = f(y)']
symbols: {x: vector(n), y: vector(m), z: scalar, g: unknown, f: unknown}"""


def test_beside_a_gradient_a_derivative_of_arrays_is_the_jacobian() -> None:
    whole = r"\nabla_x z = \left( \frac{\partial y}{\partial x} \right)^T \nabla_y z"
    assert _found(CHAIN, whole)[0] == "proved"
    verdict, _, message = _found(CHAIN, whole.replace("^T", ""))
    assert verdict == "undecided" and "denominator layout only" in message


def test_a_layout_that_is_named_is_used_beside_a_gradient() -> None:
    latex = r"\frac{\partial z}{\partial x} = \frac{\partial y}{\partial x} \frac{\partial z}{\partial y}"
    verdict, words, _ = _found(CHAIN, latex)
    assert verdict == "proved" and "denominator layout" in words


def test_what_is_held_fixed_is_said() -> None:
    block = """given: ['h_t = f(x_t, h_{t-1}, w)']
symbols: {h_t: scalar, x_t: scalar, w: scalar, f: unknown, t: index}"""
    slots = r"\frac{\partial f(x_t, h_{t-1}, w)}{\partial w}"
    latex = rf"\frac{{\partial h_t}}{{\partial w}} = {slots} + \frac{{\partial h_t}}{{\partial h_{{t-1}}}}"
    verdict, words, _ = _found(block, latex + r"\frac{\partial h_{t-1}}{\partial w}")
    assert verdict == "proved" and any("held fixed" in word for word in words)


def test_a_random_letter_of_unknown_shape_before_a_vector_is_no_number() -> None:
    block = """given: ['y = W x']
symbols: {W: "random(0, s)", x: vector(n)}"""
    assert _found(block, r"\mathrm{Var}(y) = n \mathrm{Var}(W)")[0] == "not_understood"
