"""An axis of size 1 has no index: a single output is ``a^0``, its weights ``w^{10}_j``, and nothing is summed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sympy import Expr, Indexed, Integer, Sum, Symbol, preorder_traversal

from symbackprop.quantities import Quantity

_SURVIVES = re.compile(r"only (?P<pairs>\w+ = \w+(?: and \w+ = \w+)*) survives?$")


def without_single_axes(chain: Sequence[Expr], quantities: Mapping[str, Quantity]) -> tuple[list[Expr], frozenset[str]]:
    """The expressions with the index 1 on every axis of size 1, and the names of the indices that are gone.

    >>> from sympy import symbols
    >>> from symbackprop.quantities import Role
    >>> i, j = symbols("i j", integer=True)
    >>> a = Quantity(Role.ACTIVATION, Integer(1), (Integer(1),))
    >>> shorter, gone = without_single_axes([Sum(a[j] * 2, (j, 1, 1)) + a[i]], {"a^1": a})
    >>> shorter, sorted(gone)
    ([3*a^1[1]], ['i', 'j'])
    """
    gone = {s.name for e in chain for total in e.atoms(Sum) for s, _, high in total.limits if high == 1}
    shorter = [e.replace(lambda node: isinstance(node, Sum), _unsummed) for e in chain]
    free: dict[Symbol, Expr] = {}
    for entry in (node for e in shorter for node in preorder_traversal(e) if isinstance(node, Indexed)):
        quantity = quantities.get(str(entry.base.label))
        for index, size in zip(entry.indices, quantity.axes if quantity else (), strict=False):
            if size == 1 and index.is_Symbol:
                free[index] = Integer(1)
    return [e.xreplace(free) for e in shorter], frozenset(gone | {s.name for s in free})


def without_pairs(reason: str, gone: frozenset[str]) -> str:
    """A reason without the indices that are gone.

    >>> without_pairs("only k = i and t = s survive", frozenset("ik"))
    'only t = s survives'
    >>> without_pairs("only k = i survives", frozenset("ik"))
    'derivative of the forward equation'
    """
    found = _SURVIVES.search(reason)
    if found is None or not gone:
        return reason
    pairs = [pair for pair in found["pairs"].split(" and ") if not set(pair.split(" = ")) <= gone]
    if not pairs:
        return "derivative of the forward equation"
    return reason[: found.start()] + f"only {' and '.join(pairs)} survive" + ("s" if len(pairs) == 1 else "")


def _unsummed(total: Sum) -> Expr:
    body, limits = total.function, [limit for limit in total.limits if limit[2] != 1]
    body = body.xreplace({limit[0]: Integer(1) for limit in total.limits if limit[2] == 1})
    return Sum(body, *limits) if limits else body
