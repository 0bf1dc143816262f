"""Rows of factors: which are calls, and in what order shapes let the rest be multiplied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from symbackprop.verification.reading.elaborate.arguments import taken_elsewhere
from symbackprop.verification.reading.elaborate.array_functions import ARRAY
from symbackprop.verification.reading.elaborate.bracket_primes import called_bracket, composed, primed_head
from symbackprop.verification.reading.elaborate.combine import combine, first_fitting
from symbackprop.verification.reading.elaborate.derivatives import jacobian
from symbackprop.verification.reading.elaborate.functions import apply, is_function
from symbackprop.verification.reading.elaborate.indicators import indicator
from symbackprop.verification.reading.elaborate.letters import with_scripts
from symbackprop.verification.reading.elaborate.slopes_at import slope_at
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every, references, stands_in
from symbackprop.verification.reading.elaborate.windows import OUTSIDE
from symbackprop.verification.reading.labels import TRANSPOSES, Reference, is_jacobian, last_number, refer
from symbackprop.verification.reading.shapes import Array, Misfit, multiplied
from symbackprop.verification.reading.surface import (
    Group,
    Name,
    Node,
    Number,
    Script,
    Scripted,
    Times,
)
from symbackprop.verification.reading.symbols import head_name

CONVOLVING = frozenset({"*", r"\ast", r"\star", r"\circledast", r"\otimes"})
ENTRYWISE = (r"\odot", r"\circ", r"\otimes")


def read_times(reader: Reader, node: Times, env: Env) -> list[Array]:
    """Every reading of a product."""
    if (found := composed(reader, node, env)) is not None:
        return found
    items, operators = _items(reader, node, env)
    try:
        return multiply(reader, items, operators)
    except Misfit:
        if OUTSIDE in reader.scope.words and CONVOLVING & set(operators):
            raise NotUnderstood("the sign of a product of these shapes may be a convolution", node.span) from None
        raise


def _items(reader: Reader, node: Times, env: Env) -> tuple[list[list[Array]], list[str]]:
    """The readings of each factor; a function takes the bracket behind it along."""
    items: list[list[Array]] = []
    operators: list[str] = []
    k = 0
    while k < len(node.factors):
        if k:
            operators.append(node.operators[k - 1])
        factor = node.factors[k]
        follower = node.factors[k + 1] if k + 1 < len(node.factors) and node.operators[k] == "" else None
        called = _call(reader, factor, follower, env) if follower is not None else None
        items.append(called if called is not None else reader.read(factor, env))
        k += 2 if called is not None else 1
    return items, operators


def _call(reader: Reader, factor: Node, follower: Node, env: Env) -> list[Array] | None:
    """The readings of a call, or ``None`` if the two are factors."""
    group = follower.base if isinstance(follower, Scripted) else follower
    if isinstance(group, Group) and (found := called_bracket(reader, factor, group, env)) is not None:
        return with_scripts(reader, found, follower, env, called=True) if isinstance(follower, Scripted) else found
    if isinstance(group, Group) and isinstance(factor, Number) and group is follower:
        mark = indicator(reader, factor, group, env)  # 1\{i = j\}
        return None if mark is None else [mark]
    if (found := slope_at(reader, factor, follower, env)) is not None:
        return found
    if not isinstance(group, Group) or not isinstance(factor, Name | Scripted) or head_name(factor) is None:
        return None
    ref = refer(factor, reader.scope)
    assert ref is not None
    if ref.name in env.values and ref.symbol is None:
        return None
    if isinstance(follower, Scripted) and not is_function(reader, ref) and _is_transposed(follower):
        return None  # An outer product, ``d (a)^T``: a list of arguments has no transpose.
    primed = isinstance(follower, Scripted) and follower.primes
    if isinstance(follower, Scripted) and primed and is_function(reader, ref):
        factor = primed_head(reader, factor, follower)
        return _called(reader, factor, refer(factor, reader.scope) or ref, group, env)
    found = _called(reader, factor, ref, group, env)
    if found is None:
        return None
    if primed:
        raise NotUnderstood("a prime behind the brackets of a call: write it before them", follower.span)
    return with_scripts(reader, found, follower, env, called=True) if isinstance(follower, Scripted) else found


def _is_transposed(node: Scripted) -> bool:
    return any(script.raw.strip() in TRANSPOSES for script in node.sups)


def _called(reader: Reader, factor: Name | Scripted, ref: Reference, group: Group, env: Env) -> list[Array] | None:
    if ref.symbol is None and is_jacobian(factor):
        return jacobian(reader, factor, group, env)
    mark = indicator(reader, factor, group, env)
    if mark is not None:
        return [mark]
    if is_function(reader, ref):
        if stands_in(ref.name, group) and not _is_nested_call(ref.name, group):
            return None
        if isinstance(factor, Scripted) and factor.subs and ref.name in ARRAY and ref.symbol is None:
            _objections_to_subscript(reader, factor, ref)
        return apply(reader, factor, group.items, env)
    if (found := taken_elsewhere(reader, factor, group, env)) is not None:
        return found
    if ref.symbol is not None and ref.symbol.kind == "quantity" and _names_what_it_depends_on(reader, ref, group):
        number = last_number(reader.scope, ref.span)
        if ref.symbol.labels and not ref.labels and number is not None:
            last = Script((number,), "", number.text if isinstance(number, Name) else "0", ref.span)
            factor = Scripted(head_name(factor) or Name(ref.name, ref.span), (), (last,), 0, ref.span)
        return reader.read(factor, env)
    return None


def _is_nested_call(name: str, group: Group) -> bool:
    r"""``\sigma(\sigma(z))``: every function letter in the bracket has a bracket of its own."""
    called = sum(
        operator == ""
        and (head := head_name(part.factors[k])) is not None
        and head.text == name
        and isinstance(_bracket(part.factors[k + 1]), Group)
        for item in group.items
        for part in every(item)
        if isinstance(part, Times)
        for k, operator in enumerate(part.operators)
    )
    return called >= sum(
        (head := head_name(ref)) is not None and head.text == name for item in group.items for ref in references(item)
    )


def _bracket(node: Node) -> Node:
    return node.base if isinstance(node, Scripted) else node


def _objections_to_subscript(reader: Reader, factor: Scripted, ref: Reference) -> None:
    """An expectation or maximum over something: only the one over everything random is understood."""
    if ref.name in ("max", "min"):
        raise NotUnderstood("a maximum over an index is not understood", factor.span)


def _names_what_it_depends_on(reader: Reader, ref: Reference, group: Group) -> bool:
    r"""Whether the bracket behind a quantity lists its arguments; behind a constant, ``\mu (w)^2``, it is a factor."""
    matrix = ref.symbol is not None and len(ref.symbol.axes or ()) == 2
    if group.bracket == "[" and len(group.items) > 1 and matrix:
        return False  # W [h, x] is a product
    if not lists_arguments(group) or len(group.items) > 1 or reader.scope.defined(ref.name):
        return lists_arguments(group)
    (item,) = group.items
    of = refer(item, reader.scope) if isinstance(item, Name | Scripted) else None
    numbers = of is not None and of.symbol is not None and of.symbol.kind == "index"
    letter = ref.name.removeprefix("\\")
    symbol = ref.symbol
    fixed = symbol is not None and symbol.declared and (bool(symbol.axes) or letter[:1].islower())
    return numbers or ref.name in SCALAR_NAMES or not fixed


def lists_arguments(group: Group) -> bool:
    r"""Whether a bracket only names what a quantity depends on: ``C(w, b)``, ``a(x)``, not ``a(1 - a)``."""
    return all(isinstance(item, Name | Scripted) for item in group.items)


def multiply(reader: Reader, items: Sequence[list[Array]], operators: Sequence[str]) -> list[Array]:
    """Multiply in an order that the shapes allow: ⊙ binds weakest, written signs next, what stands together closest."""
    if len(items) == 1:
        return items[0]
    if any(array.spread for item in items for array in item):
        items = [[replace(array, spread=True) for array in item] for item in items]
    attempts = []
    if any(op in ENTRYWISE for op in operators):
        attempts.append(lambda: _split(reader, items, operators, ENTRYWISE))
    if len(set(operators)) > 1:
        explicit = tuple(op for op in dict.fromkeys(operators) if op != "")
        attempts.append(lambda: _split(reader, items, operators, explicit))
    attempts.append(lambda: _from_left(reader, items, operators))
    attempts.append(lambda: _from_right(reader, items, operators))
    return first_fitting(attempts)


def _split(
    reader: Reader, items: Sequence[list[Array]], operators: Sequence[str], weak: tuple[str, ...]
) -> list[Array]:
    """Multiply between the weak operators first, then across them from the left."""
    groups: list[list[Array]] = []
    between: list[str] = []
    start = 0
    for k, operator in enumerate((*operators, weak[0])):
        if operator in weak:
            groups.append(multiply(reader, items[start : k + 1], operators[start:k]))
            between.append(operator)
            start = k + 1
    return _from_left(reader, groups, between[:-1])


def _product(operator: str, reader: Reader) -> Callable[[tuple[Array, ...]], list[Array]]:
    return lambda pair: multiplied(pair[0], pair[1], operator, reader.fresh)


def _from_left(reader: Reader, items: Sequence[list[Array]], operators: Sequence[str]) -> list[Array]:
    result = items[0]
    for operator, item in zip(operators, items[1:], strict=True):
        result = combine([result, item], _product(operator, reader))
    return result


def _from_right(reader: Reader, items: Sequence[list[Array]], operators: Sequence[str]) -> list[Array]:
    result = items[-1]
    for operator, item in zip(reversed(operators), reversed(items[:-1]), strict=True):
        result = combine([item, result], _product(operator, reader))
    return result
