"""How many entries a weight sums over, and to how many it goes on, read off the equation that uses it."""

from __future__ import annotations

from math import prod

from sympy import Expr, Indexed, Integer, Sum, Symbol, preorder_traversal

from symbackprop.model import Model
from symbackprop.quantities import Quantity


def fans(weight: Quantity, model: Model) -> tuple[Expr, Expr]:
    """(fan_in, fan_out) of a weight.

    fan_in is the size of the axes that are summed; fan_out that of the others, times the receptive field: axes that
    are summed and move the index of what the weight is multiplied with. A weight in no sum has fan_in 1.

    >>> from symbackprop.network import Network
    >>> model = Network.from_spec("3-2").model
    >>> fans(model.parameters[0], model)
    (3, 2)
    """
    for equation in model.equations:
        entry = next((e for e in equation.expression.atoms(Indexed) if str(e.base.label) == weight.label), None)
        if entry is not None:
            return _of_entry(weight, entry, equation.expression)
    return Integer(1), Integer(1)


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
