"""The value a derivative takes at a kink is printed in the notation of the page."""

from __future__ import annotations

import pytest
from sympy import Rational

from symbackprop.activations import Activation, activations, elu_with, leaky_relu_with
from symbackprop.activations.pieces import kinks
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.quantities import ARGUMENT
from symbackprop.rendering import render

KINKED = [a for a in (*activations.values(), leaky_relu_with(Rational(1, 5)), elu_with(2)) if a.convention]


@pytest.mark.parametrize("notation", notations)
@pytest.mark.parametrize("activation", [a for a in KINKED if not a.parameters], ids=lambda a: a.name)
def test_a_derivation_names_the_function_as_its_formulas_do(activation: Activation, notation: str) -> None:
    text = render(derive(Network(3, Dense(2, activation))), notation, "latex")
    spelled = notations[notation].function(activation.name)
    for kink in kinks(activation.closed_form(ARGUMENT)):
        value = str(kink.value) if len(str(kink.value)) < 9 else str(kink.value.n(6))
        assert f"{spelled}'({kink.point}) = {value} \\text{{ by convention" in text


@pytest.mark.parametrize("notation", notations)
@pytest.mark.parametrize("activation", [a for a in KINKED if a.parameters], ids=lambda a: a.name)
def test_a_learnt_slope_is_written_as_in_the_formulas(activation: Activation, notation: str) -> None:
    text = render(activation, notation, "markdown")
    for parameter in activation.parameters:
        assert f"the derivative at 0 is ${notations[notation].symbol(parameter)}$." in text
    assert "by convention" in render(derive(Network(3, Dense(2, activation))), notation, "latex")
