"""The check accepts what the engine makes and refuses models and derivations that were broken on purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Indexed, IndexedBase, Integer, Sum, Symbol

from symbackprop.activations import activations, softmax, tanh
from symbackprop.derivation import check_derivation, check_model, derive, general_step
from symbackprop.errors import IllFormed
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy, losses
from symbackprop.network import Network
from symbackprop.quantities import Apply, Partial, as_index, as_size

i, j, k = (as_index(name) for name in "ijk")
NET = Network(3, Dense(4, tanh), Dense(2, softmax), loss=cross_entropy)


@pytest.mark.parametrize("name", list(activations))
@pytest.mark.parametrize("loss", list(losses))
@pytest.mark.parametrize("batch", [None, "B"])
def test_what_the_engine_makes_is_well_formed(name, loss, batch):
    check_derivation(derive(Network("n", Dense("m", activations[name]), loss=losses[loss], batch=batch)))


def test_the_general_step_is_well_formed():
    for loss in (None, *losses.values()):
        check_derivation(general_step(loss=loss))
    check_derivation(general_step(batch="B"))


def _with(place, expression=None, indices=None):
    equations = list(NET.model.equations)
    old = equations[place]
    equations[place] = replace(old, expression=expression or old.expression, indices=indices or old.indices)
    return replace(NET.model, equations=tuple(equations))


def _entry(label, *indices):
    return IndexedBase(label)[indices]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (_with(0, _entry("a^2", i)), r"the equation of z\^1: a\^2 is used before it is defined"),
        (_with(0, _entry("b^1", k)), "k is neither an index of the left side"),
        (_with(0, _entry("x^0", i)), "the index i runs to 4, the axis to 3"),
        (_with(0, _entry("w^1", i)), r"has 1 indices, w\^1 has 2 axes"),
        (_with(1, Apply("cosh", 0, _entry("z^1", i))), "the function cosh is not declared"),
        (_with(1, Sum(_entry("z^1", i), (i, 1, 4))), "the index i is already in use"),
        (_with(1, Symbol("q") * _entry("z^1", i)), "q is neither an index"),
        (_with(2, indices=(i, j)), "1 axes but 2 indices"),
        (_with(2, indices=(Integer(1),)), "not distinct index names"),
        (replace(NET.model, equations=NET.model.equations[:-1]), "does not define the objective"),
        (replace(NET.model, equations=(NET.model.equations[0], *NET.model.equations)), "defined twice"),
    ],
)
def test_broken_models(model, message):
    with pytest.raises(IllFormed, match=message):
        check_model(model)


def _broken(position, change):
    derivation = derive(NET)
    steps = list(derivation.steps)
    steps[position] = change(steps[position])
    return replace(derivation, steps=tuple(steps))


def test_broken_derivations():
    derivation = derive(NET)
    with pytest.raises(IllFormed, match="is used before it is derived|is used before it is defined"):
        check_derivation(replace(derivation, steps=derivation.steps[::-1]))
    free = _broken(0, lambda step: replace(step, rhs=_entry("a^2", k)))
    with pytest.raises(IllFormed, match="k is neither an index"):
        check_derivation(free)
    shape = _broken(0, lambda step: replace(step, rhs=_entry("a^1", step.lhs.denominator.indices[0])))
    with pytest.raises(IllFormed, match="the index i runs to 2, the axis to 4"):
        check_derivation(shape)
    strange = _broken(0, lambda step: replace(step, lhs=Partial(Symbol("J", real=True), _entry("q", i))))
    with pytest.raises(IllFormed, match="q is no quantity of the model"):
        check_derivation(strange)


def test_a_gradient_by_the_wrong_layer_is_noticed():
    derivation = derive(NET)
    place = next(p for p, s in enumerate(derivation.steps) if "w^2" in str(s.lhs))

    def one_layer_down(step):
        entries = step.rhs.atoms(Indexed)
        error = next(e for e in entries if str(e.base.label) == "epsilon^2")
        return replace(step, rhs=step.rhs.xreplace({error: _entry("epsilon^1", *error.indices)}))

    steps = list(derivation.steps)
    steps[place] = one_layer_down(steps[place])
    with pytest.raises(IllFormed, match=r"epsilon\^1 is used before it is defined"):
        check_derivation(replace(derivation, steps=tuple(steps)))


def test_sizes_may_be_symbols():
    check_model(Network("n", Dense("m"), batch="B").model)
    assert as_size("n") != as_index("n")
