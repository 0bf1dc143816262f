"""From the tree of a formula to arrays of terms: one reader a kind of node."""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.reading.elaborate.combine import combine
from symbackprop.verification.reading.elaborate.derivatives import read_derivative
from symbackprop.verification.reading.elaborate.extent import extended
from symbackprop.verification.reading.elaborate.functions import apply, is_function
from symbackprop.verification.reading.elaborate.indicators import indicator, kronecker
from symbackprop.verification.reading.elaborate.letters import read_name, read_scripted
from symbackprop.verification.reading.elaborate.literals import (
    read_cases,
    read_evaluated,
    read_group,
    read_matrix,
    read_norm,
    read_scripted_norm,
)
from symbackprop.verification.reading.elaborate.products import multiply, read_times
from symbackprop.verification.reading.elaborate.reach import nearer
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.sums import read_big
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.shapes import Array, added, divided, mapped, negated, number, scalar
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
from symbackprop.verification.terms.nodes import Num, Pow


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
            return read_derivative(reader, node, env)
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
    return combine([reader.read(term, env) for term in node.terms], lambda parts: [added(parts)])


def _scripted(reader: Reader, node: Scripted, env: Env) -> list[Array]:
    if isinstance(node.base, Norm) and node.base.kind == "norm":
        return read_scripted_norm(reader, node, env)
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
