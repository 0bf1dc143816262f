"""What training costs: multiply-adds forward and backward, and the numbers kept in between, as formulas in the sizes.

Counted as the formulas stand, a quantity at a time: a product of k factors below a sum (or alone) takes k - 1
multiply-adds for each value of its indices, a division counts as a product, a sum of entries without a product takes
none, and each value of a function (exp, h, h') is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Function, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol, expand

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.backprop import labels
from symbackprop.derivation.step import Derivation
from symbackprop.derivation.tangents import slope_label, with_named_slopes
from symbackprop.errors import ShapeMismatch
from symbackprop.quantities import PARAMETER_ROLES, Apply, ArgMaximum, Partial, Quantity, Role

Sizes = Mapping[Symbol, Expr]


@dataclass(frozen=True)
class Work:
    """What it takes to compute the quantity (or, backward, the derivative of J) that stands on the left."""

    lhs: Expr
    multiply_adds: Expr
    function_values: Expr


@dataclass(frozen=True)
class Cost:
    """Work forward and backward in order, and the arrays with how many numbers of them are kept for the backward pass.

    ``kept`` are computed quantities that a gradient reads, ``read`` inputs (no parameters or targets) that one reads.
    """

    forward: tuple[Work, ...]
    backward: tuple[Work, ...]
    kept: tuple[tuple[Quantity, Expr], ...]
    read: tuple[tuple[Quantity, Expr], ...]

    @property
    def multiply_adds(self) -> tuple[Expr, Expr]:
        """Forward and backward."""
        return _total(w.multiply_adds for w in self.forward), _total(w.multiply_adds for w in self.backward)

    @property
    def function_values(self) -> tuple[Expr, Expr]:
        """Forward and backward."""
        return _total(w.function_values for w in self.forward), _total(w.function_values for w in self.backward)

    @property
    def memory(self) -> Expr:
        """How many computed numbers are kept."""
        return _total(count for _, count in self.kept)


def cost(derivation: Derivation) -> Cost:
    """The cost of the model's equations and of what the gradients by its parameters need of the derivation.

    Where J is given from outside (a layer), the derivative by the input is handed on and counted as well.

    >>> from symbackprop.activations import unknown
    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Dense
    >>> found = cost(layer_step(Dense("m", unknown()), "n", batch="N"))
    >>> found.multiply_adds, found.memory
    ((N*m*n, 2*N*m*n + N*m), N*m)
    """
    model = derivation.model
    forward = [_work(e.lhs, e.expression, e.quantity) for e in model.equations]
    backward, kept = [], set[str]()
    for lhs, rhs, quantity in _needed(derivation):
        backward.append(_work(lhs, rhs, quantity))
        kept |= set(labels(with_named_slopes(rhs, model.objective[()])))
    computed = [e.quantity for e in model.equations if e.quantity != model.objective]
    outside = [q for q in model.inputs if q.role not in PARAMETER_ROLES | {Role.TARGET}]
    held, read = ([(q, _entries(q)) for q in some if q.label in kept] for some in (computed, outside))
    return Cost(tuple(forward), tuple(backward), tuple(held), tuple(read))


def stacked(layer: Derivation, depth: Expr | int) -> Cost:
    """The cost of ``depth`` equal layers on top of each other, from the step through one of them.

    What a layer reads of its input is the output that the layer below keeps, so it is kept once a layer. A layer that
    changes the shape raises :class:`~symbackprop.errors.ShapeMismatch`.

    >>> from symbackprop.activations import unknown
    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Dense
    >>> from sympy import Symbol
    >>> whole = stacked(layer_step(Dense("n", unknown()), "n", batch="N"), Symbol("L", integer=True, positive=True))
    >>> whole.multiply_adds, whole.memory
    ((L*N*n**2, 2*L*N*n**2 + L*N*n), 2*L*N*n)
    """
    [output] = layer.model.given
    below = next(q for q in layer.model.inputs if q.role is Role.INPUT)
    if output.axes != below.axes:
        raise ShapeMismatch(f"layers are stacked that keep the shape; here it goes from {below.axes} to {output.axes}")
    one = cost(layer)
    forward, backward = (tuple(_times(w, depth) for w in works) for works in (one.forward, one.backward))
    whole = {q.label for q, _ in one.kept}
    extra = () if output.label in whole else one.read
    kept = tuple((q, expand(depth * count)) for q, count in (*one.kept, *extra))
    return Cost(forward, backward, kept, one.read)


def cost_argument(layer: Derivation, depth: Expr | int) -> Argument:
    """The cost of one layer and of ``depth`` equal ones: F and B multiply-adds forward and backward, M numbers kept.

    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Dense
    >>> print(cost_argument(layer_step(Dense("n"), "n", batch="N"), 3).results[Symbol("B")])
    6*N*n**2
    """
    one = cost(layer)
    reasons = ("the products under the sums of its equations", "those of its gradients", "what a gradient reads")
    named = tuple(zip(map(Symbol, "FBM"), reasons, strict=True))
    single = (*one.multiply_adds, one.memory + _total(count for _, count in one.read))
    whole = stacked(layer, depth)
    all_of_it = (*whole.multiply_adds, whole.memory)
    parts = (
        Part("One layer", tuple(chain(lhs, (n, why)) for (lhs, why), n in zip(named, single, strict=True))),
        Part(
            "All layers",
            tuple(chain(lhs, (n, "a layer at a time")) for (lhs, _), n in zip(named, all_of_it, strict=True)),
        ),
    )
    words = "$F$ and $B$ are the multiply-adds forward and backward, $M$ is how many numbers are kept in between."
    return Argument("Cost", parts, words)


def _times(work: Work, depth: Expr | int) -> Work:
    return replace(
        work, multiply_adds=expand(depth * work.multiply_adds), function_values=expand(depth * work.function_values)
    )


def _needed(derivation: Derivation) -> Iterator[tuple[Expr, Expr, Quantity]]:
    """The results that the gradients read, straight or through others, in order."""
    found = {}
    for lhs, rhs in derivation.results.items():
        own = lhs.denominator if isinstance(lhs, Partial) else lhs
        label = str(own.base.label) if isinstance(own, Indexed) else str(own)
        found[slope_label(label) if isinstance(lhs, Partial) else label] = lhs, rhs, derivation.quantities[label]
    handed = frozenset({Role.INPUT}) if derivation.model.given else frozenset()
    waiting = [name for name, (_, _, q) in found.items() if q.role in PARAMETER_ROLES | handed]
    needed = set(waiting)
    while waiting:
        rhs = with_named_slopes(found[waiting.pop()][1], derivation.model.objective[()])
        more = [name for name in labels(rhs) if name in found and name not in needed]
        needed |= set(more)
        waiting += more
    yield from (entry for name, entry in found.items() if name in needed)


def _work(lhs: Expr, rhs: Expr, quantity: Quantity) -> Work:
    own = lhs.denominator if isinstance(lhs, Partial) else lhs
    indices = own.indices if isinstance(own, Indexed) else ()
    sizes = {i: n for i, n in zip(indices, quantity.axes, strict=True) if i.is_Symbol}
    seen: dict[Expr, tuple[Expr, Expr]] = {}
    _visit(rhs, sizes, seen)
    return Work(lhs, _total(p for p, _ in seen.values()), _total(f for _, f in seen.values()))


def _visit(e: Expr, sizes: Sizes, seen: dict[Expr, tuple[Expr, Expr]]) -> None:
    """Note for each part of an expression, once, its products and function values over all values of its indices."""
    if e in seen or isinstance(e, Indexed | Partial | ArgMaximum | KroneckerDelta) or not e.args:
        return
    if isinstance(e, Sum):
        inside = {**sizes, **{index: high - low + 1 for index, low, high in e.limits}}
        _visit(e.function, inside, seen)
        return
    if isinstance(e, Piecewise):
        for value, _ in e.args:
            _visit(value, sizes, seen)
        return
    times = Mul(*(size for index, size in sizes.items() if index in e.free_symbols))
    products, values = _own(e)
    seen[e] = expand(products * times), expand(values * times)
    parts = (e.argument,) if isinstance(e, Apply) else e.args
    for part in parts:
        if isinstance(e, Mul) and isinstance(part, Pow) and part.exp == -1:
            part = part.base  # the division is one of the products counted
        _visit(part, sizes, seen)


def _own(e: Expr) -> tuple[int, int]:
    """The products and the function values of the outermost operation alone."""
    if isinstance(e, Mul):
        factors = [f for f in e.args if f not in (1, -1) and not isinstance(f, KroneckerDelta)]
        return max(len(factors) - 1, 1 if len(factors) == 1 and factors[0].is_Pow and factors[0].exp == -1 else 0), 0
    if isinstance(e, Pow):
        whole = e.exp.is_Integer
        return (max(abs(int(e.exp)) - 1, 0) + (1 if e.exp.is_negative else 0), 0) if whole else (0, 1)
    return (0, 1) if isinstance(e, Apply | Function) else (0, 0)


def _entries(quantity: Quantity) -> Expr:
    return expand(Mul(*quantity.axes))


def _total(counts: Iterator[Expr]) -> Expr:
    return expand(sum(counts, Integer(0)))
