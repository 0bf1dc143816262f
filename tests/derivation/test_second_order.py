"""Second derivatives: every result beside a complex step of plain NumPy gradients that share no code with it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy
from sympy import Indexed

from symbackprop.activations import identity, relu, sigmoid, softmax, tanh
from symbackprop.derivation import derive, general_step, layer_step
from symbackprop.derivation.second_order import gauss_newton, hessian, hessian_vector_product
from symbackprop.derivation.tangents import Tangent
from symbackprop.errors import InvalidSpec, NotDerivable
from symbackprop.layers import Dense, LayerNorm, Recurrent, layers
from symbackprop.losses import cross_entropy, cross_entropy_from_logits, half_squared_error
from symbackprop.network import Network
from symbackprop.quantities import Partial
from symbackprop.rendering import render

STEP = 1e-30
SHAPES = {"w^1": (3, 2), "b^1": (3,), "w^2": (4, 3), "b^2": (4,)}

SCALAR = {  # h, h', with complex arguments allowed
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "identity": (lambda z: z, np.ones_like),
    "relu": (lambda z: np.where(z.real > 0, z, 0), lambda z: np.where(z.real > 0, 1, 0).astype(z.dtype)),
}


def soft(z):
    e = np.exp(z)
    return e / e.sum()


def gradients(values, x, y, first, output):
    """Backprop by hand through 2-3-4; ``output`` is softmax with cross-entropy, or an activation with half squares."""
    h, slope = SCALAR[first]
    z1 = values["w^1"] @ x + values["b^1"]
    a1 = h(z1)
    z2 = values["w^2"] @ a1 + values["b^2"]
    if output == "softmax":
        a2 = soft(z2)
        e2, da2 = a2 - y, -y / a2
    else:
        a2 = SCALAR[output][0](z2)
        e2, da2 = (a2 - y) * SCALAR[output][1](z2), a2 - y
    da1 = values["w^2"].T @ e2
    e1 = slope(z1) * da1
    found = {"w^2": np.outer(e2, a1), "b^2": e2, "w^1": np.outer(e1, x), "b^1": e1}
    held = {"x^0": x, "y": y, "z^1": z1, "a^1": a1, "z^2": z2, "a^2": a2, "epsilon^1": e1, "epsilon^2": e2}
    return found, held | values, {**found, "a^1": da1, "a^2": da2, "x^0": values["w^1"].T @ e1}


def draw(seed=0):
    rng = np.random.default_rng(seed)
    values = {label: rng.normal(size=shape) for label, shape in SHAPES.items()}
    y = rng.random(4)
    return rng, values, rng.normal(size=2), y / y.sum()


def network(first, output):
    last, loss = (softmax, cross_entropy) if output == "softmax" else (output_of(output), half_squared_error)
    return Network(2, Dense(3, output_of(first)), Dense(4, last), loss=loss)


def output_of(name):
    return {"sigmoid": sigmoid, "tanh": tanh, "identity": identity, "relu": relu}[name]


def places(lhs):
    leaf = lhs.denominator if isinstance(lhs, Partial) else lhs
    return (str(leaf.base.label), leaf.indices) if isinstance(leaf, Indexed) else (leaf.name, ())


PAIRS = [("tanh", "softmax"), ("sigmoid", "tanh"), ("relu", "sigmoid"), ("tanh", "identity")]


@pytest.fixture
def interpreter(numeric):
    return numeric.Interpreter


class Rates:
    """Evaluates R{e} from tables, beside the interpreter's own values."""

    def __init__(self, machine, along, slopes_along):
        self.machine, self.along, self.slopes_along = machine, along, slopes_along

    def value(self, e, at):
        if not e.has(Tangent):
            return self.machine.value(e, at)
        if isinstance(e, Tangent):
            inside = e.args[0]
            label, indices = places(inside)
            table = self.slopes_along if isinstance(inside, Partial) else self.along
            return table[label][tuple(int(self.machine.value(i, at)) - 1 for i in indices)]
        if isinstance(e, sympy.Sum):
            [(index, _, high)] = e.limits
            return sum(self.value(e.function, {**at, index: k}) for k in range(1, int(high) + 1))
        parts = [self.value(a, at) for a in e.args]
        return sum(parts) if isinstance(e, sympy.Add) else np.prod(parts)


@pytest.mark.parametrize(("first", "output"), PAIRS)
def test_the_recursion_gives_the_product_of_the_hessian_and_a_vector(first, output, interpreter):
    rng, values, x, y = draw()
    direction = {label: rng.normal(size=shape) for label, shape in SHAPES.items()}
    moved = {label: value + 1j * STEP * direction[label] for label, value in values.items()}
    _, held, slopes = gradients(values, x.astype(complex), y, first, output)
    _, held_moved, slopes_moved = gradients(moved, x.astype(complex), y, first, output)
    along = {label: np.imag(value) / STEP for label, value in held_moved.items()}
    slopes_along = {label: np.imag(value) / STEP for label, value in slopes_moved.items()}
    net = network(first, output)
    machine = interpreter({k: np.real(v) for k, v in held.items()}, {}, net.model.functions, net.model)
    machine.gradients = {k: np.real(v) for k, v in slopes.items()}
    rates = Rates(machine, along, slopes_along)
    seen = []
    for lhs, rhs in hessian_vector_product(net).results.items():
        inside = lhs.args[0]
        label, indices = places(inside)
        wanted = (slopes_along if isinstance(inside, Partial) else along)[label]
        for place in itertools.product(*map(range, wanted.shape)):
            got = rates.value(rhs, dict(zip(indices, (k + 1 for k in place), strict=True)))
            assert got == pytest.approx(wanted[place], rel=1e-10, abs=1e-12), (lhs, place)
        seen.append(str(lhs))
    assert {f"Tangent(Partial(J, {w}[i, j]))" for w in ("w^1", "w^2")} <= set(seen)


@pytest.mark.parametrize(("first", "output"), PAIRS)
@pytest.mark.parametrize(("of", "by"), [("w^2", "w^2"), ("w^1", "w^2"), ("w^2", "b^1"), ("w^1", "w^1"), ("b^1", "b^1")])
def test_the_hessian_is_the_complex_step_of_a_gradient(first, output, of, by, interpreter):
    _, values, x, y = draw(1)
    net = network(first, output)
    found, held, slopes = gradients(values, x, y, first, output)
    machine = interpreter(held, {}, net.model.functions, net.model)
    machine.gradients = slopes
    lhs, rhs = list(hessian(net, of, by).results.items())[-1]
    rows, columns = lhs.numerator.denominator.indices, lhs.denominator.indices
    for place in itertools.product(*map(range, SHAPES[by])):
        moved = {label: value.astype(complex) for label, value in values.items()}
        moved[by][place] += 1j * STEP
        wanted = np.imag(gradients(moved, x.astype(complex), y, first, output)[0][of]) / STEP
        at = dict(zip(columns, (k + 1 for k in place), strict=True))
        for row in itertools.product(*map(range, SHAPES[of])):
            got = machine.value(rhs, at | dict(zip(rows, (k + 1 for k in row), strict=True)))
            assert got == pytest.approx(wanted[row], rel=1e-10, abs=1e-12)
    assert found[of].shape == SHAPES[of]


def test_the_gauss_newton_term_is_the_hessian_of_a_loss_of_the_linearised_network(interpreter):
    _, values, x, y = draw(2)
    net = network("tanh", "softmax")
    _, held, slopes = gradients(values, x, y, "tanh", "softmax")
    machine = interpreter(held, {}, net.model.functions, net.model)
    machine.gradients = slopes
    lhs, rhs = list(gauss_newton(net, "b^1", at="z^2").results.items())[-1]
    jacobian = np.empty((4, 3))
    for k in range(3):
        moved = {label: value.astype(complex) for label, value in values.items()}
        moved["b^1"][k] += 1j * STEP
        jacobian[:, k] = np.imag(gradients(moved, x, y, "tanh", "softmax")[1]["z^2"]) / STEP
    p = held["a^2"]
    wanted = jacobian.T @ (np.diag(p) - np.outer(p, p)) @ jacobian
    got = machine.array(rhs, lhs.indices, (sympy.Integer(3), sympy.Integer(3)))
    np.testing.assert_allclose(got, wanted, rtol=1e-10)
    assert np.linalg.eigvalsh(got).min() > -1e-12


def test_softmax_cross_entropy_from_logits(interpreter):
    net = Network(2, Dense(4, identity), loss=cross_entropy_from_logits)
    lhs, rhs = list(hessian(net, "a^1").results.items())[-1]
    a = np.random.default_rng(3).normal(size=4)
    machine = interpreter({"a^1": a}, {}, {}, net.model)
    got = machine.array(rhs, (*places(lhs.numerator)[1], *places(lhs)[1]), (sympy.Integer(4),) * 2)
    np.testing.assert_allclose(got, np.diag(soft(a)) - np.outer(soft(a), soft(a)), rtol=1e-10)


def test_the_part_of_relu_that_bends_is_said_to_be_zero():
    argument = hessian(Network("m", Dense("n", relu)), "z^1")
    step = argument.parts[-1].chains[-1][-1]
    assert "relu'' = 0 but at its kinks" in step.provided
    assert "Apply(relu, 2" not in str(step.rhs)


def test_the_recursion_for_any_layer_keeps_what_comes_from_below():
    results = hessian_vector_product(general_step(loss=None)).results
    [weight] = [rhs for lhs, rhs in results.items() if str(lhs) == "Tangent(Partial(J, w^l[i, j]))"]
    assert {str(t) for t in weight.atoms(Tangent)} == {"Tangent(epsilon^l[i])", "Tangent(a^l - 1[j])"}


@pytest.mark.parametrize("name", list(layers))
def test_every_layer_of_the_catalogue_has_a_product_with_a_vector(name):
    sample = layers[name]
    step = layer_step(sample.layer, *sample.shape, batch=sample.batch)
    product = hessian_vector_product(step)
    assert len(product.results) > len(step.results)
    assert r"\mathcal{R}" in render(product)


def test_a_recurrence_has_no_hessian_written_out():
    with pytest.raises(NotDerivable, match="recurrence"):
        hessian(layer_step(Recurrent("m"), "T", "n"), "w^1")


@pytest.mark.parametrize("of", ["y", "J", "q^9"])
def test_what_j_is_not_differentiated_by_is_refused(of):
    with pytest.raises(InvalidSpec):
        hessian(Network(2, Dense(3, tanh)), of)


def test_a_layer_norm_is_differentiated_twice():
    assert hessian(derive(Network(3, LayerNorm())), "x^0").results
