r"""A cost that a note only differentiates, ``\delta = \frac{\partial L}{\partial z}`` and says nothing else of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Derivative, Name, Node, Scripted, Statement
from symbackprop.verification.reading.symbols import AS_USED, Symbol

COST_AS_USED = f"a cost, {AS_USED}"
DIFFERENTIATED = "declared in the comment block, and only differentiated: a cost"
NAMED = (COST_AS_USED, DIFFERENTIATED)


def with_named_costs(scope: Scope, sides: Iterable[Node]) -> Scope:
    """The scope that knows the letters for costs which these sides differentiate and do nothing else with.

    A letter that is declared as a number is a cost then, also where it would number the last layer by itself; one that
    nothing declares is a cost if it is a usual letter for one.
    """
    parts = [part for side in sides for part in every(side)]
    slopes = [part.operand for part in parts if isinstance(part, Derivative)]
    inside = {id(part) for slope in slopes for part in every(slope)}
    elsewhere = {_letter(part, scope) for part in parts if id(part) not in inside}
    for name in sorted({name for slope in slopes if (name := _letter(slope, scope))} - elsewhere):
        symbol = scope.find(name)
        if scope.defined(name) and name not in scope.supposed:
            continue
        if symbol is None and name in SCALAR_NAMES:
            new = Symbol(name, "quantity", declared=True, certain=False, why=COST_AS_USED)
            scope = scope.with_symbol(new)
        elif symbol is not None and symbol.is_number and symbol.certain and not symbol.why.endswith(AS_USED):
            scope = scope.with_symbol(replace(symbol, why=DIFFERENTIATED))
    return scope


def names_slope(statement: Statement, scope: Scope) -> bool:
    """Whether a statement gives a name to the derivative of a cost of which nothing is said: it claims nothing."""
    left, right = statement.sides[0], statement.sides[-1]
    if statement.relations not in (("=",), (":=",)) or not isinstance(right, Derivative) or right.order != 1:
        return False
    named = refer(left, scope) if isinstance(left, Name | Scripted) else None
    variable = right.by[0][0] if len(right.by) == 1 else None
    cost, by = _letter(right.operand, scope), refer(variable, scope) if isinstance(variable, Name | Scripted) else None
    symbol = scope.find(cost)
    open_cost = not scope.defined(cost) and (cost in SCALAR_NAMES if symbol is None else symbol.is_number)
    known = by is not None and by.symbol is not None and by.symbol.kind == "quantity"
    return open_cost and known and named is not None and not named.posts and not scope.defined(named.name)


def _letter(node: Node, scope: Scope) -> str:
    """The letter that a part is, with a script if that belongs to its name."""
    if isinstance(node, Name):
        symbol = scope.find(node.text)
        return symbol.name if symbol is not None else node.text
    ref = refer(node, scope) if isinstance(node, Scripted) else None
    plain = ref is not None and ref.symbol is not None and not (ref.labels or ref.indices or ref.posts)
    return ref.symbol.name if plain and ref is not None and ref.symbol is not None else ""
