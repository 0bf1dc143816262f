"""From the tree of a formula to arrays of terms: one reader a kind of node."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbackprop.verification.reading.elaborate.axes import size_axis
from symbackprop.verification.reading.elaborate.by_expressions import by_an_expression
from symbackprop.verification.reading.elaborate.combine import combine
from symbackprop.verification.reading.elaborate.derivatives import read_derivative
from symbackprop.verification.reading.elaborate.extent import extended
from symbackprop.verification.reading.elaborate.functions import apply, is_function
from symbackprop.verification.reading.elaborate.indicators import indicator, kronecker
from symbackprop.verification.reading.elaborate.letters import of_size, read_name, read_scripted, with_scripts
from symbackprop.verification.reading.elaborate.literals import (
    read_cases,
    read_evaluated,
    read_group,
    read_matrix,
    read_norm,
    read_scripted_norm,
)
from symbackprop.verification.reading.elaborate.points import at_another_point, at_point
from symbackprop.verification.reading.elaborate.products import multiply, read_times
from symbackprop.verification.reading.elaborate.reach import nearer
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.sums import read_big
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.shapes import (
    Array,
    added,
    divided,
    filled,
    mapped,
    negated,
    number,
    scalar,
    sized,
)
from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    CaseRows,
    Derivative,
    EvaluatedAt,
    Group,
    Matrix,
    Name,
    Negative,
    Node,
    Norm,
    Number,
    Plus,
    Quotient,
    Root,
    Scripted,
    Times,
)
from symbackprop.verification.terms.nodes import Axis, Num, Pow


def read_node(reader: Reader, node: Node, env: Env) -> list[Array]:  # noqa: C901 - one case a kind of node
    """Every reading of a node; see ``Reader.read``."""
    match node:
        case Number():
            return [scalar(Num(node.value))]
        case Name():
            return read_name(reader, node, env)
        case Scripted():
            return _scripted(reader, node, env)
        case Group():
            return read_group(reader, node, env)
        case Plus():
            return _plus(reader, node, env)
        case Negative():
            return [negated(array) for array in reader.read(node.operand, env)]
        case Times():
            return read_times(reader, node, env)
        case Quotient():
            both = [reader.read(node.numerator, env), reader.read(node.denominator, env)]
            return combine(both, lambda pair: [divided(*pair)])
        case Root():
            degree = number(Fraction(1, node.degree))
            return [mapped(array, lambda term: Pow(term, degree)) for array in reader.read(node.radicand, env)]
        case Applied():
            return _applied(reader, node, env)
        case Big():
            return read_big(reader, node, env)
        case Derivative():
            there = at_another_point(reader, node) or by_an_expression(reader, node, env)
            return read_derivative(reader, node, env) if there is None else at_point(reader, there, env)
        case Norm():
            return read_norm(reader, node, env)
        case Matrix():
            return read_matrix(reader, node, env)
        case CaseRows():
            return read_cases(reader, node, env)
        case EvaluatedAt():
            return read_evaluated(reader, node, env)
    raise NotUnderstood("a relation or dots inside an expression", node.span)


def _plus(reader: Reader, node: Plus, env: Env) -> list[Array]:
    whole, words = extended(reader, node, env)
    if words:
        return [array.noted(words) for array in reader.read(whole, env)]
    read = [reader.read(term, env) for term in node.terms]
    axis = _named_size(reader, node) if any(array.eye for arrays in read for array in arrays) else None
    return combine(read, lambda parts: [added(parts if axis is None else _of_common_size(parts, axis))])


def _named_size(reader: Reader, node: Plus) -> Axis | None:
    """The one size that stands in a sum, as in ``I - \\frac{1}{n} \\mathbf{1} \\mathbf{1}^T``."""
    found = {size_axis(name, reader.scope) for name in references(node)} - {None}
    return found.pop() if len(found) == 1 else None


def _of_common_size(parts: tuple[Array, ...], axis: Axis) -> tuple[Array, ...]:
    """The identity and a matrix of ones beside it with as many rows as the size that stands with them."""
    if not all(part.eye or part.ones == "full" for part in parts):
        return parts
    return tuple(filled(part, axis) if part.ones else sized(part, axis) for part in parts)


def _scripted(reader: Reader, node: Scripted, env: Env) -> list[Array]:
    if isinstance(node.base, Norm) and node.base.kind == "norm":
        return read_scripted_norm(reader, node, env)
    if isinstance(node.base, Number) and node.base.value == 1:
        ones = of_size(reader, node, r"\mathbf{1}")  # 1_n
        if ones is not None:
            return with_scripts(reader, [ones], replace(node, subs=()), env)
    mark = kronecker(reader, node, env) or indicator(reader, node, None, env)
    if mark is not None:
        return [mark]
    return read_scripted(reader, node, env)


def _applied(reader: Reader, node: Applied, env: Env) -> list[Array]:
    function = node.function
    closer = nearer(node)
    if closer is not None:
        reader.used.add("extent")
        if reader.convention.near:
            return reader.read(closer, env)
    if isinstance(function, Name | Scripted):
        ref = refer(function, reader.scope)
        if ref is not None and is_function(reader, ref):
            items = node.argument.items if isinstance(node.argument, Group) else (node.argument,)
            return apply(reader, function, items, env)
        if ref is not None and ref.symbol is not None:
            return multiply(reader, [reader.read(function, env), reader.read(node.argument, env)], ("",))
    raise NotUnderstood("this function is not known", function.span)
