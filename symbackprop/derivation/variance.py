"""The variance argument of an initializer, from independence, zero means and variances alone; and of dropout."""

from __future__ import annotations

from sympy import Expr, IndexedBase, Integer, Rational, Sum, Symbol, integrate, sqrt

from symbackprop.activations import Activation
from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.gains import share_of, slopes_at_zero
from symbackprop.derivation.moments import Expectation, Random, Variance, mean_is_zero, weighted_sum_moment
from symbackprop.derivation.step import Step
from symbackprop.errors import NotDerivable
from symbackprop.initializers import Initializer
from symbackprop.quantities import ARGUMENT, Apply, as_index

_I, _J = as_index("i"), as_index("j")
FAN_IN, FAN_OUT = (Symbol(f"n_{side}", integer=True, positive=True) for side in ("in", "out"))
_WEIGHT = Symbol("w", real=True)
_WEIGHTS = Random(IndexedBase("w"), Variance(_WEIGHT))
_GIVEN = (
    "The weights are independent of each other and of everything else, of mean 0 and of one variance; "
    "no law is assumed."
)


def initializer_argument(initializer: Initializer) -> Argument:
    """Forward and backward second moments, the condition, its solution, and the bound of a uniform law.

    >>> from symbackprop.initializers import he
    >>> for part in initializer_argument(he).parts:
    ...     print(part.heading, "|", part.chains[-1][-1].lhs, "=", part.chains[-1][-1].rhs)
    Forward | Variance(z[i]) = n_in*Expectation(x**2)*Variance(w)
    Backward | Expectation(d[j]**2) = n_out*Expectation(epsilon**2)*Variance(w)
    Through the activation | Expectation(Apply(relu, 1, z)**2) = 1/2
    Condition | Variance(w) = 2/n_in
    """
    if initializer.keeps == "nothing":
        stated = chain(Variance(_WEIGHT), (initializer.variance(FAN_IN, FAN_OUT), "as declared"))
        return Argument(f"The variance of {initializer.name}", (Part("Variance", (stated,)),))
    parts = [Part("Forward", (forward_chain(),), "$z_{i}$ is a pre-activation, $x_{j}$ an input of the layer.")]
    parts.append(
        Part(
            "Backward",
            (backward_chain(),),
            r"$\epsilon_{i}$ is an error, $d_{j}$ the derivative of the loss by $x_{j}$.",
        )
    )
    lines = slopes_at_zero(initializer.activation)
    if lines is None:
        raise NotDerivable(f"{initializer.activation.name} has no share of E[z²] that holds for every law; see gains")
    if not initializer.activation.inline:
        parts.append(_through(initializer.activation, lines))
    parts.append(_condition(initializer, share_of(lines)))
    if initializer.law == "uniform":
        parts.append(_uniform(initializer))
    return Argument(f"The variance of {initializer.name.replace('_', ' ')}", tuple(parts), _GIVEN)


def forward_chain() -> tuple[Step, ...]:
    """Var(z_i) for z_i = Σ_j w_ij x_j."""
    total, z = Sum(IndexedBase("w")[_I, _J] * IndexedBase("x")[_J], (_J, 1, FAN_IN)), IndexedBase("z")[_I]
    assert mean_is_zero(total, _WEIGHTS)
    return chain(
        Variance(z),
        (Expectation(z**2), "the mean of every weight is 0, so that of the sum is"),
        *weighted_sum_moment(total, _WEIGHTS),
    )


def backward_chain() -> tuple[Step, ...]:
    """E[d_j²] for d_j = Σ_i w_ij ε_i."""
    total = Sum(IndexedBase("w")[_I, _J] * IndexedBase("epsilon")[_I], (_I, 1, FAN_OUT))
    return chain(Expectation(IndexedBase("d")[_J] ** 2), *weighted_sum_moment(total, _WEIGHTS))


def _through(activation: Activation, lines: tuple[Expr, Expr]) -> Part:
    """E[h(z)²] and E[h'(z)²] by symmetry of z."""
    square = Expectation(ARGUMENT**2)
    half = Rational(1, 2)
    value, slope = (Expectation(Apply(activation.name, order, ARGUMENT) ** 2) for order in (0, 1))
    halves = "$z$ is as likely as $-z$, so each sign has half of it"
    left, right = (half * line**2 for line in lines)
    return Part(
        "Through the activation",
        (
            chain(value, (left * square + right * square, halves), (share_of(lines) * square, "added")),
            chain(slope, (left + right, halves)),
        ),
        "The law of $z$ is symmetric and has no mass at 0; it need not be normal.",
    )


def _condition(initializer: Initializer, share: Expr) -> Part:
    """The variance that leaves ``factor`` of a second moment, solved for Var(w) and compared with the declared one."""
    kept = {
        "forward": FAN_IN * share,
        "backward": FAN_OUT * share,
        "average": (FAN_IN + FAN_OUT) / 2 * share,
    }[initializer.keeps]
    solved, declared = initializer.factor / kept, initializer.variance(FAN_IN, FAN_OUT)
    if (solved - declared).cancel() != 0:
        raise NotDerivable(f"the condition of {initializer.name} gives the variance {solved}, it declares {declared}")
    condition = chain(kept * Variance(_WEIGHT), (initializer.factor, "condition"))
    words = {
        "forward": "The second moments of the inputs of a layer and of its outputs are in this ratio.",
        "backward": "The second moments of the errors behind a layer and before it are in this ratio.",
        "average": "Forward and backward agree only where both fans are equal; their mean is a compromise.",
    }[initializer.keeps]
    return Part("Condition", (condition, chain(Variance(_WEIGHT), (declared, "solved for it"))), words)


def _uniform(initializer: Initializer) -> Part:
    """r from Var(w) = r²/3."""
    r, w = Symbol("r", positive=True), _WEIGHT
    variance = initializer.variance(FAN_IN, FAN_OUT)
    moment = integrate(w**2 / (2 * r), (w, -r, r))
    bound = chain(r, (sqrt(r**2 / moment * Variance(w)), "solved for it"), (sqrt(r**2 / moment * variance), "put in"))
    return Part(
        "Uniform law",
        (chain(Variance(w), (moment, r"the mean of $w^{2}$ over $\pm r$")), bound),
        "The law is uniform in $[-r, r]$.",
    )


def dropout_argument() -> Argument:
    """Mean and variance of h m/(1 - p), the mask m being 1 with probability 1 - p and independent of h.

    >>> mean, variance = (part.chains[0][-1].rhs for part in dropout_argument().parts)
    >>> mean, variance
    (Expectation(h), p*Expectation(h**2)/(1 - p) + Variance(h))
    """
    p, h, m = Symbol("p", positive=True), Symbol("h", real=True), Symbol("m", real=True)
    kept, first, second = 1 - p, Expectation(h), Expectation(h**2)
    dropped = h * m / kept
    mean = chain(
        Expectation(dropped),
        (Expectation(m) * first / kept, "E is linear, and the mask is independent of $h$"),
        (first, "the mean of the mask is $1 - p$"),
    )
    variance = chain(
        Variance(dropped),
        (Expectation(dropped**2) - Expectation(dropped) ** 2, "definition"),
        (Expectation(m**2) * second / kept**2 - first**2, "independence, and the mean above"),
        (second / kept - first**2, "$m^{2} = m$, so its mean is $1 - p$"),
        (Variance(h) + p / kept * second, "the mean of $h^{2}$ is the variance and the squared mean"),
    )
    assert (second / kept - first**2 - (second - first**2) - p / kept * second).cancel() == Integer(0)
    parts = (Part("Mean", (mean,)), Part("Variance", (variance,)))
    return Argument("Dropout keeps the mean", parts, "The mask $m$ is 1 with probability $1 - p$, else 0.")
