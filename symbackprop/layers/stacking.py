"""a = f_k(… f_1(x)): several layers as one, and a = x + f(x): a layer with a residual connection around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Indexed, Symbol

from symbackprop.activations import tanh
from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.layers.dense import Dense
from symbackprop.model import Assumption, Claim, Equation
from symbackprop.quantities import Quantity, Role


@dataclass(frozen=True, init=False)
class Stack(Layer):
    """Layers one after the other under a single number; their letters carry a label, ``W_1`` and ``W_2``.

    >>> from symbackprop.derivation import layer_step
    >>> [lhs for lhs in layer_step(Stack(Dense("m", tanh), Dense("k", tanh)), "n").results][:2]
    [epsilon_2^1[i], Partial(J, w_2^1[i, j])]
    """

    inner: tuple[Layer, ...]

    def __init__(self, *inner: Layer) -> None:
        if not inner:
            raise InvalidSpec("a stack needs at least one layer")
        object.__setattr__(self, "inner", inner)

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        stated: list[LayerEquations] = []
        for number, inner in enumerate(self.inner, start=1):
            stated.append(_labelled(inner, layer, previous, batch, str(number)))
            previous = stated[-1].output
        return LayerEquations(
            equations=tuple(e for part in stated for e in part.equations),
            parameters=tuple(p for part in stated for p in part.parameters),
            output=previous,
            functions={name: form for part in stated for name, form in part.functions.items()},
            assumptions=tuple(a for part in stated for a in part.assumptions),
            given=tuple(g for part in stated for g in part.given),
            starts={label: start for part in stated for label, start in part.starts.items()},
            claims=tuple(c for part in stated for c in part.claims),
        )


@dataclass(frozen=True)
class Residual(Layer):
    """x + f(x): the derivative by x is that of f and one besides. He et al. 2016, eq. 1.

    A layer that hands on another shape than it takes raises :class:`~symbackprop.errors.ShapeMismatch`.
    """

    inner: Layer

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        stated = _labelled(self.inner, layer, previous, batch, "f")
        if stated.output.axes != previous.axes:
            raise ShapeMismatch(
                f"layer {layer}: a residual connection needs equal shapes, not {previous.axes} and {stated.output.axes}"
            )
        a = Quantity(Role.ACTIVATION, layer, previous.axes, previous.batched)
        indices = places(previous)
        joined = Equation(a, indices, previous[indices] + stated.output[indices])
        return replace(stated, equations=(*stated.equations, joined), output=a)


def _labelled(inner: Layer, layer: Expr, outside: Quantity, batch: Expr | None, label: str) -> LayerEquations:
    """The equations of a layer with a further label on every letter but that of its input."""
    # The input goes by a name of its own meanwhile: a letter of the layer may be called as it is.
    stand_in = replace(outside, name=_OUTSIDE)
    stated = inner.equations(layer, stand_in, batch)
    own = [*stated.parameters, *stated.given, *(e.quantity for e in stated.equations)]
    new = {q: replace(q, name=_with_label(q, label)) for q in own} | {stand_in: outside}
    letters = {old.label: q for old, q in new.items()}
    letters |= {old.error.label: q.error for old, q in new.items() if old.role is Role.PREACTIVATION}

    def moved(quantity: Quantity) -> Quantity:
        return new.get(quantity, quantity)

    def every(quantities: Iterable[Quantity]) -> tuple[Quantity, ...]:
        return tuple(map(moved, quantities))

    return LayerEquations(
        equations=tuple(
            Equation(moved(e.quantity), e.indices, relabelled(e.expression, letters)) for e in stated.equations
        ),
        parameters=every(stated.parameters),
        output=moved(stated.output),
        functions=stated.functions,
        assumptions=tuple(
            Assumption(relabelled(a.lhs, letters), relabelled(a.rhs, letters), a.reason) for a in stated.assumptions
        ),
        given=every(stated.given),
        starts={letters[old].label: start for old, start in stated.starts.items()},
        claims=tuple(
            Claim(moved(c.quantity), c.indices, relabelled(c.expression, letters), c.source, every(c.through))
            for c in stated.claims
        ),
    )


def relabelled(expression: Expr, letters: Mapping[str, Quantity]) -> Expr:
    """An expression with the quantities of some labels exchanged for others of the same axes."""
    if isinstance(expression, Indexed):
        found = letters.get(str(expression.base.label))
        indices = tuple(relabelled(index, letters) for index in expression.indices)
        return expression.base[indices] if found is None else found[indices]
    if isinstance(expression, Symbol):
        return letters[expression.name][()] if expression.name in letters else expression
    if not expression.args:
        return expression
    return expression.func(*(relabelled(part, letters) for part in expression.args))


def _with_label(quantity: Quantity, label: str) -> str:
    letter, _, own = quantity.name.partition("_")
    return f"{letter or quantity.label.partition('^')[0]}_{own}{label}"


#: What the input is called while the letters of an inner layer are changed.
_OUTSIDE = "outside"


layers.register(
    "residual",
    CatalogueEntry(
        Residual(Dense("n", tanh)), ("n",), ((Residual(Dense(3, tanh)), (3,)), (Residual(Dense(1, tanh)), (1,)))
    ),
)
layers.register(
    "stack",
    CatalogueEntry(Stack(Dense("m", tanh), Dense("k", tanh)), ("n",), ((Stack(Dense(3, tanh), Dense(2, tanh)), (4,)),)),
)
