r"""Arrays written out: column vectors, matrices, lists; cases; norms; values between bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from symbackprop.verification.reading.elaborate.array_functions import entries_of, extremum
from symbackprop.verification.reading.elaborate.combine import combine
from symbackprop.verification.reading.elaborate.concatenations import block_matrix, in_one_bracket
from symbackprop.verification.reading.elaborate.constants import constant
from symbackprop.verification.reading.elaborate.indicators import iverson, relation
from symbackprop.verification.reading.elaborate.inverses import determinant
from symbackprop.verification.reading.elaborate.points import at_point
from symbackprop.verification.reading.elaborate.results import SPECTRAL
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader, ShapeConflict
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.shapes import (
    ONE,
    Array,
    Indices,
    Misfit,
    added,
    aligned,
    contracted,
    hadamard,
    join,
    mapped,
    negated,
    number,
    scalar,
    squeezed,
)
from symbackprop.verification.reading.surface import (
    CaseRows,
    Comparison,
    EvaluatedAt,
    Group,
    Matrix,
    Name,
    Node,
    Norm,
    NotRead,
    Scripted,
    Times,
)
from symbackprop.verification.reading.symbols import Symbol, plain
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Add, Axis, Cases, Delta, Entry, Fn, Mul, Pow, Relation, Term

OTHERWISE = (
    "otherwise",
    "else",
    "sonst",
    "ansonsten",
    "sinon",
    "autrement",
    "altrimenti",
    "otro caso",
    "contrario",
    "contrário",
    "en otro",
    "altrove",
    "elsewhere",
    "иначе",
    "否则",
    "其他",
    "其它",
)
ROUNDED: dict[str, Callable[[Fraction], int]] = {r"\lfloor": floor, r"\lceil": ceil}
MAX_DETERMINANT = 4
PLAIN = "the norm of a matrix is read as the Frobenius norm"
FROBENIUS = ("F", r"\mathcal{F}", "Fro", "fro", "HS")
_PROBABILITY = re.compile(r"prob(?:ability|\.)?\s*=?\s*\$?([^\s$]+)\$?\s*$")


def literal_axis(size: int) -> Axis:
    return Axis(str(size), (), size)


def read_group(reader: Reader, node: Group, env: Env) -> list[Array]:
    """A bracket around one thing, or a list of numbers: a vector."""
    if node.bracket in ROUNDED:
        return [_rounded(reader, node, env)]
    if node.bracket == r"\langle":
        return _inner_product(reader, node, env)
    if node.bracket not in ("(", "[", r"\{", "") or node.bracket == r"\{" and len(node.items) > 1:
        raise NotUnderstood("an interval or a set is no number", node.span)
    if (mark := iverson(reader, node, env)) is not None:
        return [mark]
    if node.bracket == "[" and (parts := _side_by_side(node)):
        try:
            return _listed(reader, parts, env)
        except Misfit:
            if len(node.items) > 1:
                raise
    if len(node.items) == 1:
        return _one_item(reader, node, env)
    return [_vector(reader, node.items, env)]


def _side_by_side(node: Group) -> tuple[Node, ...]:
    r"""What is put together in ``[h, x]`` and ``[h \| x]``."""
    if len(node.items) > 1:
        return node.items
    (only,) = node.items
    if not isinstance(only, Comparison) or only.relation != "‖":
        return ()
    return tuple(i for side in (only.left, only.right) for i in (side.items if isinstance(side, Group) else (side,)))


def _listed(reader: Reader, items: tuple[Node, ...], env: Env) -> list[Array]:
    """Numbers as a vector, arrays put together."""
    read = [reader.read(item, env) for item in items]
    if all(not array.axes for arrays in read for array in arrays[:1]):
        return [_vector(reader, items, env)]
    return combine(read, in_one_bracket)


def _one_item(reader: Reader, node: Group, env: Env) -> list[Array]:
    r"""What stands in a bracket; where it is no product, ``[W \; U]`` are matrices beside each other."""
    item = node.items[0]
    try:
        return reader.read(item, env)
    except ShapeConflict:
        apart = isinstance(item, Times) and node.bracket == "[" and not any(item.operators)
        if not apart or not isinstance(item, Times):
            raise
        return combine([reader.read(factor, env) for factor in item.factors], in_one_bracket)


def _rounded(reader: Reader, node: Group, env: Env) -> Array:
    """The whole number below or above a number that is written out; the language of terms has no such function."""
    value = constant(reader.scalar(node.items[0], env).at(())) if len(node.items) == 1 else None
    if value is None:
        raise NotUnderstood("rounding to whole numbers is understood for numbers only", node.span)
    return scalar(number(ROUNDED[node.bracket](value)))


def _inner_product(reader: Reader, node: Group, env: Env) -> list[Array]:
    r"""``\langle x, y \rangle`` of two vectors."""
    if len(node.items) != 2:
        raise NotUnderstood(r"\langle … \rangle of something that is no pair of vectors", node.span)
    return combine([reader.read(item, env) for item in node.items], lambda two: [_dot(reader, two[0], two[1], node)])


def _dot(reader: Reader, left: Array, right: Array, node: Group) -> Array:
    if left.axes != right.axes or len(left.axes) not in (1, 2):
        raise NotUnderstood(r"\langle … \rangle of something that is no pair of vectors", node.span)
    if len(left.axes) == 2:
        both = hadamard(left, right)
        return replace(both, axes=(), at=entries_of(reader, both, both.at))
    return contracted(left, right, reader.fresh)


def _vector(reader: Reader, items: tuple[Node, ...], env: Env) -> Array:
    parts = tuple(reader.scalar(item, env) for item in items)
    return join(parts, (literal_axis(len(parts)),), lambda idx: chosen([p.at(()) for p in parts], idx[0]))


def chosen(values: list[Term], index: Affine) -> Term:
    """The value at a place, for an open place as a choice between all of them."""
    if index.number is not None:
        return values[index.number - 1] if 1 <= index.number <= len(values) else number(0)
    return Add(tuple(Mul((Delta(index, Affine.of(k)), value)) for k, value in enumerate(values, 1)))


def read_matrix(reader: Reader, node: Matrix, env: Env) -> list[Array]:
    """A matrix of numbers, or the determinant of one; one column is a vector."""
    widths = {len(row) for row in node.rows}
    if node.environment == "Vmatrix":
        raise NotUnderstood("the norm of a matrix that is written out", node.span)
    if node.environment == "vmatrix":
        return [scalar(_determinant([[reader.scalar(cell, env).at(()) for cell in row] for row in node.rows], node))]
    if len(widths) != 1:
        raise NotUnderstood("the rows of this matrix have different lengths", node.span)
    width = widths.pop()
    cells = [[reader.read(cell, env)[0] for cell in row] for row in node.rows]
    if any(cell.axes for row in cells for cell in row):
        return [block_matrix(cells)]
    if width == 1:
        return [_vector(reader, tuple(row[0] for row in node.rows), env)]
    rows = [_vector(reader, row, env) for row in node.rows]
    axes = (ONE if len(rows) == 1 else literal_axis(len(rows)), literal_axis(width))
    return [join(tuple(rows), axes, lambda idx: chosen([row.at(idx[1:]) for row in rows], idx[0]))]


def _determinant(rows: list[list[Term]], node: Matrix) -> Term:
    """By its first row."""
    if any(len(row) != len(rows) for row in rows) or len(rows) > MAX_DETERMINANT:
        raise NotUnderstood(f"a determinant that is not square or has more than {MAX_DETERMINANT} rows", node.span)
    if len(rows) == 1:
        return rows[0][0]
    terms: list[Term] = []
    for k, cell in enumerate(rows[0]):
        minor = _determinant([row[:k] + row[k + 1 :] for row in rows[1:]], node)
        terms.append(Mul((number((-1) ** k), cell, minor)))
    return Add(tuple(terms))


def read_cases(reader: Reader, node: CaseRows, env: Env) -> list[Array]:
    """Values under conditions; the words of a last row without one mean "otherwise"."""
    chance = _by_chance(reader, node, env)
    if chance is not None:
        return [chance]
    cases: list[tuple[tuple[Relation, ...], Array]] = []
    otherwise: Array | None = None
    for value, conditions in node.rows:
        relations = [relation(reader, c, env) for c in conditions if isinstance(c, Comparison)]
        words = [c for c in conditions if not isinstance(c, Comparison)]
        if any(not isinstance(word, Name) or not _is_otherwise(word) for word in words):
            raise NotUnderstood("a condition that is no comparison", words[0].span)
        read = reader.read(value, env)[0]
        if relations:
            cases.append((tuple(relations), read))
        else:
            otherwise = read
    parts = aligned(tuple(value for _, value in cases) + ((otherwise,) if otherwise else ()), "the cases")
    last = parts[-1] if otherwise else None

    def at(idx: Indices) -> Term:
        values = tuple((r, part.at(idx)) for (r, _), part in zip(cases, parts, strict=False))
        return Cases(values, last.at(idx) if last else None)

    return [join(parts, parts[0].axes, at)]


def _by_chance(reader: Reader, node: CaseRows, env: Env) -> Array | None:
    r"""One value with probability p, another otherwise: ``second + (first - second) B`` with B 1 or 0 at random.

    What B is stands in the scope: its mean is p, its variance p (1 - p), and B² = B has the mean p as well.
    """
    if len(node.rows) != 2 or len(node.rows[0][1]) != 1:
        return None
    words = node.rows[0][1][0]
    match = _PROBABILITY.search(words.text) if isinstance(words, Name) else None
    if match is None:
        return None
    surface = read_surface(match.group(1))
    if isinstance(surface, NotRead) or surface[0].sides[0] is None:
        raise NotUnderstood("this probability cannot be read", words.span)
    names = [n.text for n in references(surface[0].sides[0]) if isinstance(n, Name) and not reader.scope.knows(n.text)]
    for name in names:
        reader.scope = reader.scope.with_symbol(Symbol(name, "quantity", declared=False, why="a probability"))
    p = reader.scalar(surface[0].sides[0], env).at(())
    name = reader.fresh("B")
    variance = Mul((p, Add((number(1), Mul((number(-1), p))))))
    reader.scope = reader.scope.with_symbol(
        Symbol(name, "quantity", mean=p, variance=variance, why="1 or 0 with the probability of the first case")
    )
    first, second = (reader.scalar(value, env) for value, _ in node.rows)
    gap = added((first, negated(second)))
    return added((second, replace(gap, at=lambda _: Mul((gap.at(()), Entry(name))))))


def _is_otherwise(word: Name) -> bool:
    return any(part in word.text.lower() for part in OTHERWISE)


def read_norm(reader: Reader, node: Norm, env: Env, order: str = "") -> list[Array]:
    r"""``|x|`` of a number; ``\|x\|`` is the root of the sum of squares, ``\|x\|_1`` the sum of absolute values."""
    return [_measure(reader, squeezed(array), order, node) for array in reader.read(node.body, env)]


def _measure(reader: Reader, array: Array, order: str, node: Norm) -> Array:
    r"""``|A|`` of a matrix is its determinant."""
    if node.kind == "abs" and len(array.axes) == 2 and ONE not in array.axes and not order:
        return determinant(reader, array, node.span).noted("| | around a matrix is its determinant")
    return _norm(reader, array, order, node)


def _absolute(term: Term) -> Term:
    return Fn("abs", 0, term)


def _norm(reader: Reader, array: Array, order: str, node: Node) -> Array:
    if not array.axes:
        return mapped(array, _absolute)
    if order == "1" and len(array.axes) == 1:
        return replace(array, axes=(), at=entries_of(reader, array, lambda i: _absolute(array.at(i))))
    if order == r"\infty" and len(array.axes) == 1:
        return extremum(reader, mapped(array, _absolute), "max", node.span)
    if order == "2" and len([axis for axis in array.axes if axis != ONE]) > 1:
        raise NotUnderstood("the 2-norm of a matrix, its largest singular value, is not understood", node.span)
    return mapped(squared_norm(reader, array, order, node), lambda term: Pow(term, number(Fraction(1, 2))))


def squared_norm(reader: Reader, array: Array, order: str, node: Node) -> Array:
    """The sum of the squares of all entries."""
    if not array.axes:
        return mapped(array, lambda term: Pow(term, number(2)))
    vector = len([axis for axis in array.axes if axis != ONE]) <= 1
    if order not in ("", "2", *FROBENIUS):
        raise NotUnderstood("only the Euclidean and the Frobenius norm are understood", node.span)
    if not vector and order not in FROBENIUS:
        reader.doubt = reader.doubt or "the norm of a matrix may be its largest singular value: write the index F"
        array = array.noted(SPECTRAL if order == "2" else PLAIN)
    return replace(array, axes=(), at=entries_of(reader, array, lambda i: Pow(array.at(i), number(2))))


def read_scripted_norm(reader: Reader, node: Scripted, env: Env) -> list[Array]:
    """A norm with its kind below it and a power above it; its square needs no root."""
    norm = node.base
    assert isinstance(norm, Norm)
    order = plain(node.subs[0].raw) if node.subs else ""
    if not node.sups:
        return read_norm(reader, norm, env, order)
    exponent = node.sups[0].items[0] if len(node.sups) == 1 and len(node.sups[0].items) == 1 else None
    power = None if exponent is None else constant(reader.scalar(exponent, env).at(()))
    if power is None:
        raise NotUnderstood("this power of a norm is not understood", node.span)
    if power == 2 and order != "1":
        return [squared_norm(reader, squeezed(array), order, node) for array in reader.read(norm.body, env)]
    return [mapped(array, lambda term: Pow(term, number(power))) for array in read_norm(reader, norm, env, order)]


def read_evaluated(reader: Reader, node: EvaluatedAt, env: Env) -> list[Array]:
    r"""``F |_{x=0}``, or ``[F]_a^b``: the value at the upper less that at the lower bound, for the one letter in F."""
    if node.upper is None:
        return at_point(reader, node, env)
    unique = list(dict.fromkeys(_letters_of(node.body)))
    if len(unique) != 1:
        raise NotUnderstood("nothing says which letter takes the bounds", node.span)
    ends = []
    for bound in (node.upper, node.lower):
        value = reader.scalar(bound, env)
        ends.append(reader.scalar(node.body, env.valued({unique[0]: value})))
    return [added((ends[0], negated(ends[1])))]


def _letters_of(node: Node) -> list[str]:
    return [ref.text for ref in references(node) if isinstance(ref, Name)] + [
        ref.base.text for ref in references(node) if isinstance(ref, Scripted) and isinstance(ref.base, Name)
    ]
