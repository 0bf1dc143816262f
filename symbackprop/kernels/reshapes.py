"""Indices that only count through several axes in order: the array is the same one in another shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Integer

from symbackprop.kernels.program import Label, letter


def counted(
    indices: Sequence[Expr], shape: Sequence[Expr], extents: Mapping[Label, Expr]
) -> tuple[tuple[Label, ...], ...] | None:
    """For each axis the labels that it counts through, the last one fastest; ``None`` where an axis does not.

    Every label stands in one axis, and every entry is met once.

    >>> i, j, n = letter("i"), letter("j"), Integer(5)
    >>> counted([3 * i + j - 3, letter("k")], [Integer(6), n], {"i": Integer(2), "j": Integer(3), "k": n})
    (('i', 'j'), ('k',))
    >>> counted([2 * i + j - 2], [Integer(6)], {"i": Integer(2), "j": Integer(3)})
    """
    found = [_counted(index, size, extents) for index, size in zip(indices, shape, strict=True)]
    if any(axis is None for axis in found):
        return None
    axes = tuple(axis for axis in found if axis is not None)
    labels = [label for axis in axes for label in axis]
    return axes if len(set(labels)) == len(labels) == len(extents) else None


def _counted(index: Expr, size: Expr, extents: Mapping[Label, Expr]) -> tuple[Label, ...] | None:
    index = index.expand()
    left = {label: index.coeff(letter(label)) for label in extents if index.has(letter(label))}
    rest = index - sum((factor * letter(label) for label, factor in left.items()), Integer(0))
    step, axis = Integer(1), list[Label]()
    start = rest.expand() + sum(left.values(), Integer(0))
    while left:
        fitting = sorted(label for label, factor in left.items() if factor == step)
        if not fitting:
            return None
        # One that has a single value may stand anywhere.
        label = min(fitting, key=lambda one: extents[one] != 1)
        axis.insert(0, label)
        step = (step * extents[label]).expand()
        del left[label]
    return tuple(axis) if start.expand() == 1 and (step - size).expand() == 0 else None
