"""An equation multiplied by an invertible matrix holds if and only if it held before: M X = M Y says X = Y."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Axis, Entry, Mul, Sum, Term
from symbackprop.verification.terms.walk import free_symbols, walk

MOST = 3  #: how often a claim is multiplied
LEFT, RIGHT = 0, 1


def multiplied_through(claim: Claim, context: Context, times: int = MOST) -> Iterator[Claim]:
    """The claim multiplied by the matrices whose inverses stand at its outer ends, so that these fall away."""
    if not times:
        return
    for inverse, place in dict.fromkeys(_outer_inverses(claim, context)):
        tensor = context.tensors[inverse.name]
        made = _multiplied(claim, str(tensor.inverse_of), str(inverse.indices[place].name), place, tensor.axes[0])
        yield made
        yield from multiplied_through(made, context, times - 1)


def _outer_inverses(claim: Claim, context: Context) -> Iterator[tuple[Entry, int]]:
    """The inverses in a claim whose row or column is an index that the claim leaves free, and which one is."""
    axes = dict(claim.free)
    held = {name for c in claim.conditions for side in (c.left, c.right) for name in free_symbols(side)}
    for node in (part for side in (claim.left, claim.right) for part in walk(side)):
        tensor = context.tensors.get(node.name) if isinstance(node, Entry) else None
        if tensor is None or tensor.inverse_of is None or not isinstance(node, Entry) or node.labels:
            continue
        for place in (LEFT, RIGHT):
            name = node.indices[place].name
            if name in axes and axes[name] == tensor.axes[place] and name not in held:
                bare = [Affine(), Affine()]
                bare[place] = node.indices[place]
                yield Entry(node.name, (), tuple(bare)), place


def _multiplied(claim: Claim, matrix: str, index: str, place: int, axis: Axis) -> Claim:
    """Σ_i M_pi (…) on both sides, or Σ_j (…) M_jp; the index that was free is bound, a new one is free."""
    new = index + "'"
    ends = (new, index) if place == LEFT else (index, new)
    entry = Entry(matrix, (), tuple(map(Affine.symbol, ends)))

    def side(term: Term) -> Term:
        return Sum(index, axis, Mul((entry, term) if place == LEFT else (term, entry)))

    free = tuple((new if name == index else name, over) for name, over in claim.free)
    return replace(claim, left=side(claim.left), right=side(claim.right), free=free)
