"""The options of ``derive`` beyond gradients: second derivatives, what depth does, and penalties."""

from __future__ import annotations

import pytest

from symbackprop.activations import activations
from symbackprop.cli import main
from symbackprop.layers import layers


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["derive", *arguments, "--to", "latex"]) == 0
    return capsys.readouterr().out


def test_the_hessian_of_softmax_and_cross_entropy(capsys):
    text = printed(capsys, "3-2", "--activation", "softmax", "--loss", "cross_entropy", "--second-order", "hessian")
    assert r"(\delta_{jk} - a^{2}_{k}) a^{2}_{j} && \text{differentiated once more}" in text


def test_of_and_by_choose_the_quantities(capsys):
    text = printed(capsys, "2-1", "--second-order", "hessian", "--of", "w^1", "--by", "b^1")
    assert r"\frac{\partial^{2} C}{\partial w^{2}_{j} \partial b^{2}}" in text
    assert r"\partial^{2} C}{\partial z" not in printed(capsys, "2-1", "--second-order", "hessian", "--of", "w^1")


@pytest.mark.parametrize("kind", ["gauss-newton", "product"])
def test_the_other_kinds_of_second_order(kind, capsys):
    sign = {"gauss-newton": "G_{jk", "product": r"\mathcal{R}\{"}[kind]
    assert sign in printed(capsys, "2-3-2", "--activation", "tanh", "--second-order", kind)


@pytest.mark.parametrize("name", layers)
def test_a_product_with_the_hessian_for_every_layer(name, capsys):
    assert r"\mathcal{R}" in printed(capsys, "--layer", name, "--second-order", "product")


def test_a_layer_without_a_pre_activation_is_differentiated_by_its_input(capsys):
    text = printed(capsys, "--layer", "scale", "--second-order", "hessian")
    assert r"\frac{\partial^{2} C}{\partial a^{1}_{tj} \partial a^{1}_{ki}}" in text


def test_what_depth_does(capsys):
    assert r"g &= \sqrt{2}" in printed(capsys, "--activation", "relu", "--depth", "gain")
    assert r"\frac{1}{4} \omega" in printed(capsys, "--activation", "sigmoid", "--depth", "bound")
    options = ("--depth", "propagation", "--weight-variance", "9/4", "--bias-variance", "0.05")
    assert "0.889425" in printed(capsys, "--activation", "tanh", *options)


def test_a_penalty(capsys):
    text = printed(capsys, "2-2", "--penalty", "l1=1/3,l2=lamda")
    assert r"\lambda w^{2}_{jk}" in text and r"\mathrm{sign}(w^{2}_{jk})" in text


def test_the_power_of_a_matrix_says_what_explodes(capsys):
    text = printed(capsys, "--recurrence", "a,b; b,a", "--positive", "a,b")
    assert r"A_{n11} &= \frac{1}{2} ((a - b)^{n} + (a + b)^{n})" in text
    assert r"\lambda_{k}^{1 + n}" in printed(capsys, "--recurrence")  # of any matrix
    assert main(["derive", "--recurrence", "1/2,1; 0,-0.5"]) == 0
    assert "state and gradient vanish" in capsys.readouterr().out


def test_a_matrix_is_definite_or_not(capsys):
    for matrix, said in (
        ("0,-p; -p,0", "is indefinite"),
        ("2p,p; p,2p", "is positive definite"),
        ("q", "not determined"),
    ):
        assert main(["derive", "--definiteness", matrix, "--positive", "p"]) == 0
        assert said in capsys.readouterr().out


def test_a_point_of_a_small_network(capsys):
    arguments = ["derive", "1-1-1", "--activation", "tanh,identity", "--critical-point"]
    assert main([*arguments, "w^1=0, w^2=0, b^1=0, b^2=y"]) == 0
    assert "That does not decide what the point is." in capsys.readouterr().out
    assert main([*arguments, "w^1=1/2"]) == 0
    assert r"\tanh\left(b_{1} + \frac{1}{2} x\right)" in capsys.readouterr().out


WRONG = {
    "an activation has no second order": (["--activation", "tanh", "--second-order", "hessian"], "--second-order diff"),
    "of alone": (["2-1", "--of", "z^1"], "--of and --by say what a --second-order"),
    "depth of a network": (["2-1", "--activation", "tanh", "--depth", "gain"], "--depth is about one activation"),
    "no number": (
        ["--activation", "tanh", "--depth", "propagation", "--weight-variance", "x"],
        "'x' is not a number such as 9/4 or 0.05",
    ),
    "unknown quantity": (["2-1", "--second-order", "hessian", "--of", "q^7"], "there is no quantity 'q^7'; known: "),
    "a gain without a closed form": (["--activation", "softmax", "--depth", "gain"], "the moments of softmax"),
    "penalty": (["2-1", "--penalty", "l7=1"], "a penalty is written l2=1/100"),
    "ragged matrix": (["--definiteness", "1,2;3"], "'1,2;3' is no matrix: rows of one length end with ;"),
    "code in a matrix": (["--definiteness", "__import__('os')"], "'_' is not known; entries are made of numbers"),
    "a matrix that is not symmetric": (["--definiteness", "1,2;3,4"], "the matrix is not symmetric"),
    "division by 0": (["--recurrence", "1/(2-2)"], "it divides by 0"),
    "a huge power": (["--recurrence", "9^99"], "a power is a whole number up to 12"),
    "an open bracket": (["--recurrence", "((1"], "a bracket is not closed"),
    "no end": (["--recurrence", "1+"], "it ends too early"),
    "a letter that is taken": (["--recurrence", "n"], "n means something else here"),
    "no basis": (["--recurrence", "1,1;0,1"], "1 independent eigenvectors and 2 rows"),
    "a cubic": (["--recurrence", "0,1,0;0,0,1;a,b,c"], "roots of a factor of degree 3; 2 is the most"),
    "two things": (["--recurrence", "1", "--definiteness", "1"], "say one thing to derive"),
    "no network": (["--critical-point", "w^1=0"], "--critical-point is one of a network"),
    "no value": (["1-1", "--critical-point", "w^1"], "'w^1' is no value"),
    "no parameter": (["1-1", "--critical-point", "w^9=0"], "there is no parameter w^9; known: w^1, b^1"),
    "a wide network": (["2-1", "--critical-point", "w^1=0"], "in which all widths are 1"),
    "positive alone": (["--activation", "tanh", "--positive", "a"], "--positive says which letters"),
    "cost of an activation": (["--activation", "tanh", "--cost"], "--cost counts"),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_error_is_one_line(what, capsys):
    arguments, message = WRONG[what]
    assert main(["derive", *arguments]) == 2
    found = capsys.readouterr()
    assert found.out == "" and message in found.err and found.err.count("\n") == 1


@pytest.mark.parametrize("name", activations)
def test_a_bound_or_a_reason_for_every_activation(name, capsys):
    code = main(["derive", "--activation", name, "--depth", "bound"])
    found = capsys.readouterr()
    assert (code, bool(found.out)) in ((0, True), (2, False))
    assert code == 0 or name in found.err
