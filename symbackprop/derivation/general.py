"""The general step: the base case at the output layer L and the recursion for any layer l, widths symbolic."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Integer, Symbol

from symbackprop.activations import Activation, unknown
from symbackprop.derivation.backprop import derive
from symbackprop.derivation.step import Derivation
from symbackprop.errors import InvalidSpec
from symbackprop.layers import Dense, Layer, LayerEquations
from symbackprop.layers.base import sample_axis
from symbackprop.losses import Loss, half_squared_error
from symbackprop.model import Equation, Model
from symbackprop.network import objective_equation
from symbackprop.quantities import OBJECTIVE, Quantity, Role, as_index, as_size


def general_step(
    activation: Activation | None = None,
    loss: Loss | None = half_squared_error,
    bias: bool = True,
    batch: int | str | Expr | None = None,
) -> Derivation:
    """Backprop through a dense network for any layer l, by the same engine as :func:`derive`.

    The base case (layer L, under ``loss``) comes first, then layer l, given the error of layer l + 1. Layer l has
    ``n_{l}`` units. Without ``activation`` the function is an unknown h; with ``loss=None`` the loss is unknown and
    ∂J/∂a^L stays as it is. A ``batch`` needs a loss.

    >>> results = general_step().results
    >>> for lhs in list(results)[5:6]:
    ...     print(lhs, "=", results[lhs])
    epsilon^l[j] = Apply(h, 1, z^l[j])*Sum(epsilon^l + 1[i]*w^l + 1[i, j], (i, 1, n_{l + 1}))
    """
    size = None if batch is None else as_size(batch)
    if str(size) in ("l", "L"):
        raise InvalidSpec(f"a batch size cannot be called {size}: l and L number the layers; take another name")
    function = unknown() if activation is None else activation
    last = _layer(as_index("L"), function, bias, size)
    inner = _layer(as_index("l"), function, bias, size)
    above = Dense(_width(as_index("l") + 1), function, bias).equations(as_index("l") + 1, inner.output, size)
    weighted = above.equations[:1]
    equations = (*inner.equations, *weighted, *last.equations)
    of_layer_l = (_below(as_index("l"), size), *inner.parameters, *_used(above, weighted[0].expression))
    inputs = (*of_layer_l, _below(as_index("L"), size), *last.parameters)
    given = weighted[0].quantity
    if loss is None:
        return derive(Model(equations, inputs, OBJECTIVE, function.functions, given=(given, last.output), batch=size))
    target = Quantity(Role.TARGET, None, last.output.axes, size is not None)
    objective, agreed = objective_equation(loss, last.output, target, size)
    whole = (*equations, objective)
    return derive(Model(whole, (*inputs, target), OBJECTIVE, function.functions, agreed, (given,), size))


def layer_step(layer: Layer, *shape: int | str | Expr, batch: int | str | Expr | None = None) -> Derivation:
    """Backprop through one layer on an input of ``shape``, the derivative of J by its output being given.

    >>> step = layer_step(Dense("m", unknown()), "n")
    >>> for lhs, rhs in step.results.items():
    ...     print(lhs, "=", rhs)
    epsilon^1[i] = Apply(h, 1, z^1[i])*Partial(J, a^1[i])
    Partial(J, w^1[i, j]) = epsilon^1[i]*x^0[j]
    Partial(J, b^1[i]) = epsilon^1[i]
    Partial(J, x^0[j]) = Sum(epsilon^1[i]*w^1[i, j], (i, 1, m))
    """
    size = None if batch is None else as_size(batch)
    role = Role.POSITION if layer.reads_positions else Role.INPUT
    x = Quantity(role, Integer(0), (*sample_axis(size), *map(as_size, shape)), size is not None)
    stated = layer.equations(Integer(1), x, size)
    inputs = (x, *stated.parameters, *stated.given)
    equations, output = _handed_on(stated)
    given = (output,)
    model = Model(equations, inputs, OBJECTIVE, stated.functions, stated.assumptions, given, size, stated.starts)
    return derive(replace(model, claims=stated.claims))


def _handed_on(stated: LayerEquations) -> tuple[tuple[Equation, ...], Quantity]:
    """The equations and the quantity whose derivative is given: where the layer reads its own output, a copy of it."""
    output = stated.output
    own = next(e for e in stated.equations if e.quantity == output)
    if not any(e.expression.has(output.base) for e in stated.equations):
        return stated.equations, output
    copy = Quantity(output.role, Integer(2), output.axes, output.batched, output.name)
    return (*stated.equations, Equation(copy, own.indices, own.lhs)), copy


def _width(layer: Expr) -> Symbol:
    return Symbol(f"n_{{{layer}}}", integer=True, positive=True)


def _below(layer: Expr, batch: Expr | None) -> Quantity:
    return Quantity(Role.ACTIVATION, layer - 1, (*sample_axis(batch), _width(layer - 1)), batch is not None)


def _layer(layer: Expr, activation: Activation, bias: bool, batch: Expr | None) -> LayerEquations:
    return Dense(_width(layer), activation, bias).equations(layer, _below(layer, batch), batch)


def _used(stated: LayerEquations, expression: Expr) -> tuple[Quantity, ...]:
    """The parameters of a layer that occur in one of its equations."""
    return tuple(p for p in stated.parameters if expression.has(p.base))
