"""How many entries a weight sums over, and to how many it goes on, read off the equation that uses it."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from sympy import Expr, Indexed, Integer, Sum, Symbol, preorder_traversal

from symbackprop.kernels.scalars import label_of
from symbackprop.model import Model
from symbackprop.quantities import Quantity

Uses = Mapping[str, tuple[Indexed, Expr]]


def uses_of_weights(model: Model) -> Uses:
    """The first entry of each quantity that an equation reads, by label, with the expression that it stands in."""
    found: dict[str, tuple[Indexed, Expr]] = {}
    for equation in model.equations:
        for entry in equation.expression.atoms(Indexed):
            label = label_of(entry)
            if label not in found or found[label][1] is equation.expression and str(entry) < str(found[label][0]):
                found[label] = (entry, equation.expression)
    return found


def fans(weight: Quantity, model: Model, uses: Uses | None = None) -> tuple[Expr, Expr]:
    """(fan_in, fan_out) of a weight.

    fan_in is the size of the axes that are summed; fan_out that of the others, times the receptive field: axes that
    are summed and move the index of what the weight is multiplied with. A weight in no sum has fan_in 1.
    ``uses`` are those of all weights of the model, for many calls found once.

    >>> from symbackprop.network import Network
    >>> model = Network.from_spec("3-2").model
    >>> fans(model.parameters[0], model)
    (3, 2)
    """
    found = (uses_of_weights(model) if uses is None else uses).get(weight.label)
    return _of_entry(weight, *found) if found else (Integer(1), Integer(1))


def _of_entry(weight: Quantity, entry: Indexed, expression: Expr) -> tuple[Expr, Expr]:
    bound: set[Symbol] = set()
    moving: set[Symbol] = set()
    for total in preorder_traversal(expression):
        if isinstance(total, Sum) and total.has(entry):
            bound |= {limit[0] for limit in total.limits}
            moving |= {
                s for e in total.function.atoms(Indexed) for i in e.indices if not i.is_Symbol for s in i.atoms(Symbol)
            }
    axes = list(zip(entry.indices, weight.axes, strict=True))
    fan_in = prod((size for index, size in axes if index in bound), start=Integer(1))
    reach = prod((size for index, size in axes if index in bound & moving), start=Integer(1))
    return fan_in, reach * prod(
        (size for index, size in axes if index.is_Symbol and index not in bound), start=Integer(1)
    )
