"""What each form of accurate mode is worth, and that its value is the same over the reals."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Eq, IndexedBase, Rational, Sum, Symbol, exp, sqrt, tanh

from symbackprop.activations import activations
from symbackprop.kernels import compile_kernels
from symbackprop.kernels.compensation import projected
from symbackprop.kernels.digits import digits
from symbackprop.kernels.masks import Mask
from symbackprop.kernels.pairs import measure_pair
from symbackprop.kernels.stable import expit, rounded
from symbackprop.kernels.tails import accurate, exponential
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.quantities import as_index
from symbackprop.training import cross_check

u, y, c = (Symbol(name, real=True) for name in "uyc")
i, j = as_index("i"), as_index("j")
a, b = IndexedBase("a", real=True), IndexedBase("b", real=True)


def of_error(loss, output, dtype):
    """The digits of the error of an output in accurate mode."""
    error = measure_pair(losses[loss], activations[output], dtype, density=4)[1]
    return digits(error.computed["accurate"], error.wanted)


@pytest.mark.parametrize(
    ("without", "loss", "output", "dtype"),
    [
        ("symbackprop.kernels.lower.compensated", "cross_entropy", "softmax", "float64"),
        ("symbackprop.kernels.outputs.projected", "cosine", "identity", "float64"),
        ("symbackprop.kernels.tails._less", "half_squared_error", "gaussian", "float64"),
        ("symbackprop.kernels.tails._relation", "hinge", "tanh", "float64"),
    ],
)
def test_without_its_form_an_error_loses_its_digits(without, loss, output, dtype, monkeypatch):
    bar = {"float64": 1e-14, "float32": 4e-7}[dtype]
    kept = of_error(loss, output, dtype)
    assert kept.bits <= 1 and kept.relative <= bar
    monkeypatch.setattr(without, lambda form: form)
    clear_caches()
    lost = of_error(loss, output, dtype)
    monkeypatch.undo()
    clear_caches()
    assert lost.bits > 1 or lost.relative > bar


def clear_caches():
    for name in ("functions._accurate", "passes._stable_and_masked"):
        module, _, function = name.partition(".")
        getattr(__import__(f"symbackprop.kernels.{module}", fromlist=[function]), function).cache_clear()


def plain(form):
    """The form with functions of ours in terms of SymPy's."""
    form = form.replace(rounded, lambda inner: inner).replace(exponential, lambda inner: exp(inner))
    return form.replace(expit, lambda inner: 1 / (1 + exp(-inner)))


@pytest.mark.parametrize(
    "form",
    [expit(u) - y, c + y * expit(u), tanh(u) - y, c - y * tanh(u), -3 + 2 * y * tanh(u), exp(-(u**2)) - y],
    ids=str,
)
def test_blended_forms_are_the_same_over_the_reals(form):
    better = accurate(form)
    assert better != form
    for values in ((0.3, -1.2, 0.7), (-2.0, 0.5, -0.4), (0.0, 0.0, 1.0), (1.5, 2.0, 0.0)):
        at = dict(zip((u, y, c), map(Rational, values), strict=True))
        found = (
            plain(better).xreplace(at).replace(lambda e: type(e).__name__ == "exponential", lambda e: exp(e.args[0]))
        )
        assert complex(found.evalf(30)) == pytest.approx(
            complex(plain(form).xreplace(at).evalf(30)), rel=1e-12, abs=1e-15
        )


@pytest.mark.parametrize("form", [expit(u) - Rational(1, 2), exp(u) - y, expit(u) - u, tanh(u) * u - u])
def test_what_would_overflow_or_is_no_end_stays(form):
    assert accurate(form) == form


def test_a_comparison_for_the_largest_is_left_alone():
    """A number that is compared with the largest of its like must be computed as that is."""
    for relation in (Eq(expit(u), y, evaluate=False), expit(u) < y):
        assert accurate(Mask(relation)) == Mask(relation)
    assert accurate(y * tanh(u) < 1) != (y * tanh(u) < 1)
    kernels = compile_kernels(Network.from_spec("2-3", "sigmoid", "cross_entropy_from_logits"), accuracy="accurate")
    X, Y = np.random.default_rng(0).normal(size=(4, 2)), np.eye(3)[[0, 1, 2, 1]]
    assert cross_check(kernels, kernels.init(0), X, Y).passed


def test_projections_are_found_and_nothing_like_them():
    def total(body):
        return Sum(body, (j, 1, 3))

    along = total(a[j] * b[j])
    assert projected(b[i] - a[i] * along / total(a[j] ** 2)).has(Abs)
    assert projected(1 - along / sqrt(total(a[j] ** 2) * total(b[j] ** 2))) != 1 - along
    for other in (
        b[i] + a[i] * along / total(a[j] ** 2),
        b[i] - a[i] * along / total(b[j] ** 2),
        b[i] - a[i] * total(a[j]) / total(a[j] ** 2),
        2 - along / sqrt(total(a[j] ** 2) * total(b[j] ** 2)),
    ):
        assert projected(other) == other


def test_the_error_of_a_small_probability_is_finite():
    """σ'/σ = 1 - σ, also where σ rounds to 0."""
    for mode in ("fast", "accurate"):
        kernels = compile_kernels(Network.from_spec("1-1", "sigmoid", "poisson"), "float32", mode)
        parameters = {"w^1": np.array([[1.0]]), "b^1": np.array([0.0])}
        with np.errstate(all="ignore"):
            gradient = kernels.gradients(parameters, np.array([[-1000.0]]), np.array([[2.0]]))[1]["b^1"]
        assert gradient[0] == -2.0


@pytest.mark.parametrize("name", ["swish", "gelu", "gelu_tanh", "softplus", "mish", "gaussian", "log_sigmoid"])
def test_a_kink_on_any_output_has_an_accurate_kernel(name):
    kernels = compile_kernels(Network.from_spec("2-2", name, "hinge"), accuracy="accurate")
    X, Y = np.random.default_rng(0).normal(size=(4, 2)), np.array([[1.0, -1.0]] * 4)
    assert cross_check(kernels, kernels.init(0), X, Y, "complex_step").passed
