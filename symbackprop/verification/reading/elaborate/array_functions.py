"""Functions of whole arrays, written out in entries: softmax, diag, trace, sums, means, maxima of two, E and Var."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from symbackprop.verification.reading.composites import is_made, length, same, summed
from symbackprop.verification.reading.elaborate.concatenations import in_one_bracket
from symbackprop.verification.reading.elaborate.inverses import determinant
from symbackprop.verification.reading.elaborate.state import NotUnderstood, Reader
from symbackprop.verification.reading.shapes import (
    ONE,
    Array,
    Indices,
    added,
    aligned,
    join,
    mapped,
    negated,
    number,
    squeezed,
)
from symbackprop.verification.reading.surface import Span
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Add, Axis, Call, Expect, Fn, Lambda, Mul, Num, Pow, Term


def entries_of(
    reader: Reader, array: Array, body: Callable[[Indices], Term], keep: int = 0
) -> Callable[[Indices], Term]:
    """The sum of ``body`` over all axes after the first ``keep``."""

    def along(rest: tuple[Axis, ...], idx: Indices) -> Term:
        return body(idx) if not rest else summed(rest[0], reader.fresh, lambda k: along(rest[1:], (*idx, k)))

    return lambda idx: along(array.axes[keep:], idx[:keep])


def one_of(chosen: tuple[Array, ...], name: str, span: Span) -> Array:
    if len(chosen) != 1:
        raise NotUnderstood(f"{name} takes one argument", span)
    return chosen[0]


def _softmax(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    """Along the last axis; of a column matrix it would be the first, so a matrix means rows of samples."""
    array = one_of(chosen, "softmax", span)
    if not array.axes:
        raise NotUnderstood("softmax of a single number; its argument must be declared as a vector", span)
    keep = len(array.axes) - 1
    total = entries_of(reader, array, lambda full: Fn("exp", 0, array.at(full)), keep)

    def at(idx: Indices) -> Term:
        return Mul((Fn("exp", 0, array.at(idx)), Pow(total(idx), number(-1))))

    words = ("the softmax is taken along each row",) if keep and array.axes[0] != ONE else ()
    return [replace(array, at=at).noted(*words)]


def _log_softmax(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    return [mapped(array, lambda t: Fn("log", 0, t)) for array in _softmax(reader, chosen, span)]


def _logsumexp(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    array = one_of(chosen, "logsumexp", span)
    total = entries_of(reader, array, lambda full: Fn("exp", 0, array.at(full)))
    return [replace(array, axes=(), at=lambda idx: Fn("log", 0, total(idx)))]


def _diag(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    array = one_of(chosen, "diag", span)
    if len(array.axes) == 2 and array.axes[0] == ONE:
        row = array
        array = replace(row, axes=row.axes[1:], at=lambda idx: row.at((Affine.of(1), *idx)))
    if len(array.axes) == 1:
        axis = array.axes[0]
        return [replace(array, axes=(axis, axis), at=lambda idx: Mul((same(idx[0], idx[1], axis), array.at(idx[:1]))))]
    if len(array.axes) == 2 and array.axes[0] == array.axes[1]:
        return [replace(array, axes=array.axes[:1], at=lambda idx: array.at((idx[0], idx[0])))]
    if not array.axes and not array.ones and isinstance(array.at(()), Num):  # diag(1), of the size of what is beside it
        return [replace(array, eye=True)]
    raise NotUnderstood("diag of something that is neither a vector nor a square matrix", span)


def _trace(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    array = squeezed(one_of(chosen, "the trace", span))
    if not array.axes:
        return [array]
    if len(array.axes) != 2 or array.axes[0] != array.axes[1]:
        raise NotUnderstood("the trace of something that is no square matrix", span)

    return [replace(array, axes=(), at=lambda _: summed(array.axes[0], reader.fresh, lambda k: array.at((k, k))))]


def _determinant(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    return [determinant(reader, one_of(chosen, "det", span), span)]


def _sum(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    array = one_of(chosen, "sum", span)
    return [replace(array, axes=(), at=entries_of(reader, array, array.at))]


def _mean(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    array = one_of(chosen, "mean", span)
    total = entries_of(reader, array, array.at)
    sizes = tuple(Pow(length(axis), number(-1)) for axis in array.axes)
    return [replace(array, axes=(), at=lambda idx: Mul((*sizes, total(idx))))]


def extremum(reader: Reader, array: Array, kind: str, span: Span) -> Array:
    """The largest or smallest entry, read as any function of the entries: what holds for all of them can be proved."""
    if not array.axes or is_made(array.axes):
        what = "an array that is put together from others" if array.axes else "a single number"
        raise NotUnderstood(f"the {kind} of {what}", span)
    name = f"the {kind} of all entries"
    reader.doubt = reader.doubt or f"{name} is read as any function of these entries"
    symbol = Symbol(name, "function", result=(), why="any function of these entries")
    doubted = {**reader.scope.doubted, name: reader.doubt}
    reader.scope = replace(reader.scope.with_symbol(symbol), doubted=doubted)
    indices = tuple((reader.fresh("m"), axis) for axis in array.axes)
    body = Lambda(indices, array.at(tuple(Affine.symbol(index) for index, _ in indices)))
    return replace(array, axes=(), at=lambda _: Call(name, (), (), (body,)))


def _maximum(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    if len(chosen) == 1:
        return [extremum(reader, chosen[0], "max", span)]
    left, right = _two(chosen, "max", span)
    return [added((left, mapped(added((right, negated(left))), lambda t: Fn("relu", 0, t))))]


def _minimum(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    if len(chosen) == 1:
        return [extremum(reader, chosen[0], "min", span)]
    left, right = _two(chosen, "min", span)
    return [added((left, negated(mapped(added((left, negated(right))), lambda t: Fn("relu", 0, t)))))]


def _concatenation(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    return in_one_bracket(chosen)


def _two(chosen: tuple[Array, ...], name: str, span: Span) -> tuple[Array, ...]:
    if len(chosen) != 2:
        raise NotUnderstood(f"{name} of two is understood, not of {len(chosen)}", span)
    return aligned(chosen, name)


def _expectation(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    return [mapped(one_of(chosen, "E", span), Expect)]


def _variance(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    array = one_of(chosen, "Var", span)
    two = number(2)

    def term(inner: Term) -> Term:
        return Add((Expect(Pow(inner, two)), Mul((number(-1), Pow(Expect(inner), two)))))

    return [mapped(array, term)]


def _covariance(reader: Reader, chosen: tuple[Array, ...], span: Span) -> list[Array]:
    left, right = _two(chosen, "Cov", span)

    def at(idx: Indices) -> Term:
        a, b = left.at(idx), right.at(idx)
        return Add((Expect(Mul((a, b))), Mul((number(-1), Expect(a), Expect(b)))))

    return [join((left, right), left.axes, at)]


ArrayFunction = Callable[[Reader, tuple[Array, ...], Span], list[Array]]
EXPECTATION = ("E", r"\mathbb{E}", r"\mathrm{E}", r"\mathbf{E}", r"\mathcal{E}")
COVARIANCE = ("Cov", "cov")
VARIANCE = ("Var", "var", "V", r"\mathbb{V}", r"\mathrm{V}", "VAR", r"\mathbb{Var}", r"\mathbf{Var}")

CONCATENATIONS = ("concat", "Concat", "concatenate", "cat")
MOMENTS = (*EXPECTATION, *VARIANCE, *COVARIANCE)

ARRAY: Mapping[str, ArrayFunction] = MappingProxyType(
    {
        "softmax": _softmax,
        "log_softmax": _log_softmax,
        "logsumexp": _logsumexp,
        "diag": _diag,
        "Diag": _diag,
        "det": _determinant,
        "tr": _trace,
        "Tr": _trace,
        "trace": _trace,
        "sum": _sum,
        "mean": _mean,
        **dict.fromkeys(CONCATENATIONS, _concatenation),
        "max": _maximum,
        "min": _minimum,
        **dict.fromkeys(COVARIANCE, _covariance),
        **dict.fromkeys(EXPECTATION, _expectation),
        **dict.fromkeys(VARIANCE, _variance),
    }
)
