"""Moments of letters without indices: in ``E[x^2]`` or ``Var[W]`` a letter with random entries is any one of them."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.array_functions import ARRAY, MOMENTS
from symbackprop.verification.reading.elaborate.indices import labels_of
from symbackprop.verification.reading.elaborate.state import Env, Reader
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.labels import Reference, is_transpose, refer
from symbackprop.verification.reading.scope import reachable
from symbackprop.verification.reading.shapes import FIRST, ONE, Array
from symbackprop.verification.reading.surface import (
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Quotient,
    Root,
    Scripted,
    Span,
    Times,
)
from symbackprop.verification.reading.symbols import undressed
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis
from symbackprop.verification.terms.walk import axis_at

_PLAIN = (Name, Scripted, Number, Plus, Negative, Times, Group, Quotient, Root)


def within_moment(reader: Reader, arguments: tuple[Node, ...], env: Env) -> Env:
    """The surroundings in which what stands in a moment is read: for one entry, or for whole arrays.

    One entry is meant where nothing but sums, products and functions of numbers stands there, and all letters without
    indices are random arrays of the same axes; a transpose, a norm or a matrix before a vector speaks of arrays.
    """
    if env.one_entry:
        return env
    nodes = [part for argument in arguments for part in every(argument)]
    if not all(isinstance(part, _PLAIN) for part in nodes) or any(map(_has_transpose, nodes)):
        return env
    names = [part for part in nodes if isinstance(part, Name | Scripted) and not _inside(part, nodes)]
    refs = [ref for name in names if (ref := refer(name, reader.scope)) is not None]
    if any(ref.symbol is None and ref.name in ARRAY and ref.name not in MOMENTS for ref in refs):
        return env
    bare = [ref for ref in refs if _stands_whole(ref)]
    if not bare or not all(_varies(reader, ref) for ref in bare):
        return env
    if len({_axes(reader, ref, env) for ref in bare}) > 1 or len(refs) > 1 and any(_bold(ref.name) for ref in bare):
        return env
    if len({ref.name for ref in bare}) == 1:
        reader.used.add("moments")
        return replace(env, one_entry=bool(reader.convention.entrywise))
    if not all(ref.symbol is not None and ref.symbol.guessed for ref in bare):
        return env  # the product of vectors that are declared so is a product of vectors
    reader.used.update({"moments", "moments of products"})
    return replace(env, one_entry=reader.convention.entrywise == "all")


def any_entry(reader: Reader, ref: Reference, array: Array, env: Env) -> Array:
    """Any one entry of an array: the first of random ones, which are all alike; else that at an open index."""
    assert ref.symbol is not None
    chosen = tuple(_place(reader, ref, axis, env) for axis in array.axes)
    word = f"{ref.symbol.name} without an index in a moment is any one of its entries"
    return replace(array, axes=(), at=lambda _: array.at(chosen)).noted(word)


def _place(reader: Reader, ref: Reference, axis: Axis, env: Env) -> Affine:
    if axis == ONE or ref.symbol is None or ref.symbol.is_random:
        return FIRST
    return reader.use_index(f"\\cdot {axis.name}", axis, Span(ref.span.start, ref.span.end), env)


def _has_transpose(node: Node) -> bool:
    return isinstance(node, Scripted) and any(is_transpose(script) for script in node.sups)


def _inside(name: Node, nodes: list[Node]) -> bool:
    """Whether a letter is only the base of one with scripts."""
    return any(isinstance(node, Scripted) and node.base is name for node in nodes)


def _stands_whole(ref: Reference) -> bool:
    symbol = ref.symbol
    return symbol is not None and symbol.kind == "quantity" and bool(symbol.axes) and not ref.indices


def _varies(reader: Reader, ref: Reference) -> bool:
    names = (ref.symbol.name if ref.symbol else "", *reachable(reader.scope, ref.name))
    return any((s := reader.scope.symbols.get(name)) is not None and s.is_random for name in names)


def _axes(reader: Reader, ref: Reference, env: Env) -> tuple[Axis, ...]:
    symbol = ref.symbol
    assert symbol is not None
    if len(symbol.labels) != len(ref.labels):
        return symbol.axes or ()
    known = dict(zip(symbol.labels, labels_of(reader, ref, env), strict=True))
    return tuple(axis_at(axis, known) for axis in symbol.axes or ())


def _bold(name: str) -> bool:
    return undressed(name) != name
