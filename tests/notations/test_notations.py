"""Every notation in the registry spells every quantity, and no two quantities alike."""

from __future__ import annotations

import dataclasses

import pytest
from sympy import Expr, Integer

from symbackprop.errors import InvalidSpec
from symbackprop.notations import LAST, Notation, Spelling, notations
from symbackprop.quantities import Quantity, Role, as_index

LAYERED = (Role.WEIGHT, Role.BIAS, Role.PREACTIVATION, Role.ACTIVATION, Role.ERROR)
L, GENERAL = LAST, as_index("l")

every_notation = pytest.mark.parametrize("notation", notations.values(), ids=list(notations))


def quantities(layers: list[Expr]) -> list[Quantity]:
    two, four = Integer(2), Integer(4)
    axes = {Role.WEIGHT: (two, four)}
    layered = [Quantity(role, layer, axes.get(role, (two,))) for layer in layers for role in LAYERED]
    ends = [
        Quantity(Role.INPUT, Integer(0), (four,)),
        Quantity(Role.TARGET, None, (two,)),
        Quantity(Role.LOSS, None, ()),
    ]
    return layered + ends


@every_notation
@pytest.mark.parametrize("depth", [None, 2, 12])
def test_counting_back_gives_the_layer_again(notation: Notation, depth: int | None) -> None:
    symbolic = [GENERAL, GENERAL + 1, GENERAL - 1]
    layers = [*symbolic, *([L, L - 1] if depth is None else [Integer(n) for n in range(depth + 1)])]
    for layer in layers:
        assert notation.uncounted(notation.counted(layer, depth), depth) == layer


@every_notation
@pytest.mark.parametrize(
    "layers", [[Integer(n) for n in range(1, 13)], [GENERAL - 1, GENERAL, GENERAL + 1, L]], ids=str
)
def test_no_two_quantities_are_spelled_alike(notation: Notation, layers: list[Expr]) -> None:
    depth = 12 if layers[0].is_Integer else None
    known = quantities(layers)
    entries = [notation.entry(q, ("j", "k")[: len(q.axes)], depth) for q in known]
    arrays = [notation.array(q, depth) for q in known]
    gradients = [g for q in known if q.role is Role.WEIGHT and (g := notation.gradient_array(q, depth))]
    assert len(set(entries)) == len(known)
    assert len(set(arrays)) == len(known)
    assert not set(gradients) & set(arrays)


@every_notation
def test_every_spelling_has_balanced_braces_and_no_placeholder_left(notation: Notation) -> None:
    for quantity in quantities([Integer(1), GENERAL]):
        for text in (notation.entry(quantity, ["j", "k"], 3), notation.array(quantity, 3, transposed=True)):
            assert text.count("{") == text.count("}")
            assert not any(word in text for word in ("l_in", "l_out", "indices", "^{}", "_{}"))


@every_notation
def test_functions_are_spelled_differently(notation: Notation) -> None:
    assert len(set(notation.functions.values())) == len(notation.functions)


def test_layers_counted_from_the_output_name_both_ends_of_a_weight() -> None:
    notation = notations["backward_epsilon"]
    weights = [
        notation.array(Quantity(Role.WEIGHT, Integer(n), (Integer(2), Integer(3))), 12) for n in (12, 11, 3, 2, 1)
    ]
    assert weights == ["w^{10}", "w^{21}", "w^{10,9}", "w^{11,10}", "w^{12,11}"]
    assert notation.array(Quantity(Role.WEIGHT, GENERAL, (Integer(2), Integer(3)))) == "w^{l+1,l}"


def test_nielsen_calls_the_input_layer_1() -> None:
    assert notations["nielsen"].array(Quantity(Role.INPUT, Integer(0), (Integer(3),))) == "a^{1}"


def test_a_transpose_goes_where_the_notation_wants_it() -> None:
    weight = Quantity(Role.WEIGHT, Integer(1), (Integer(2), Integer(3)))
    spelled = {name: notation.array(weight, 1, transposed=True) for name, notation in notations.items()}
    assert spelled["nielsen"] == "(w^{2})^{T}"
    assert spelled["bracket"] == "W^{[1]T}"
    assert spelled["d2l"] == r"\mathbf{W}^{(1)\top}"


def test_a_table_without_a_role_is_refused() -> None:
    table = {role: Spelling("x", "x") for role in Role if role is not Role.ERROR}
    with pytest.raises(InvalidSpec, match="'mine' has no spelling for: error"):
        dataclasses.replace(notations["d2l"], name="mine", spellings=table)
