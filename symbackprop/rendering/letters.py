"""The letters of indices: a derivation has its own, a reader wants those of the notation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sympy import Expr, Indexed, Sum, Symbol, preorder_traversal

from symbackprop.errors import SymbackpropError
from symbackprop.notations import Notation
from symbackprop.quantities import Quantity, as_index


def preferred(chain: Sequence[Expr], notation: Notation, quantities: Mapping[str, Quantity]) -> dict[Symbol, Symbol]:
    """The notation's letter for every index of a chain, in the order in which a reader meets them.

    The renaming is one to one over the whole chain, so that nothing is captured.

    >>> from sympy import Integer
    >>> from symbackprop.notations import notations
    >>> from symbackprop.quantities import Role
    >>> w = Quantity(Role.WEIGHT, Integer(1), (Integer(2), Integer(3)))
    >>> i, j = as_index("i"), as_index("j")
    >>> preferred([w[j, i]], notations["nielsen"], {"w^1": w})
    {j: j, i: k}
    """
    samples, found = _indices(chain, quantities)
    taken = {str(s) for expression in chain for s in expression.free_symbols} - {s.name for s in found}
    letters = [x for x in notation.indices if x not in taken]
    if len(found) > len(letters) or len(samples) > 2:
        raise SymbackpropError(
            f"the notation {notation.name!r} has {len(letters)} index letters, {len(found)} are needed"
        )
    renaming = {old: as_index(new) for old, new in zip(found, letters, strict=False)}
    return renaming | {old: as_index(notation.sample + "'" * n) for n, old in enumerate(samples)}


def reworded(words: str, renaming: Mapping[Symbol, Symbol]) -> str:
    """Words that speak of indices (``only k = i survives``), in the letters of the notation.

    >>> reworded("only k = i survives", {as_index("k"): as_index("i"), as_index("i"): as_index("j")})
    'only i = j survives'
    """
    names = {old.name: new.name for old, new in renaming.items()}
    return re.sub(r"\b(\w) = (\w)\b", lambda found: " = ".join(names.get(x, x) for x in found[0].split(" = ")), words)


def _indices(chain: Sequence[Expr], quantities: Mapping[str, Quantity]) -> tuple[list[Symbol], list[Symbol]]:
    """The indices over samples, and the others, each in the order of their first appearance."""
    samples: dict[Symbol, None] = {}
    others: dict[Symbol, None] = {}
    for node in (node for expression in chain for node in preorder_traversal(expression)):
        if isinstance(node, Indexed):
            quantity = quantities.get(str(node.base.label))
            first = 1 if quantity is not None and quantity.batched else 0
            samples.update(dict.fromkeys(s for index in node.indices[:first] for s in index.free_symbols))
            others.update(dict.fromkeys(s for index in node.indices[first:] for s in _symbols(index)))
    for total in (node for expression in chain for node in preorder_traversal(expression) if isinstance(node, Sum)):
        others.update(dict.fromkeys(limit[0] for limit in total.limits))
    return list(samples), [s for s in others if s not in samples]


def _symbols(index: Expr) -> list[Symbol]:
    return sorted(index.free_symbols, key=str)
