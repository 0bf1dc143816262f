r"""Derivatives: quotients, operators, gradients and Jacobians, laid out as the convention says."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.aliases import by_its_other_name, leads_to, listed_apart
from symbackprop.verification.reading.elaborate.derivative_variables import inside_of, is_called, silent_table
from symbackprop.verification.reading.elaborate.functions import apply, is_function
from symbackprop.verification.reading.elaborate.letters import member
from symbackprop.verification.reading.elaborate.literals import chosen, literal_axis
from symbackprop.verification.reading.elaborate.member_reach import passes_by
from symbackprop.verification.reading.elaborate.own_time import has_both_paths, of_copy, with_its_time
from symbackprop.verification.reading.elaborate.reach import nearer
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader, Unexplained
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.elaborate.windows import unguarded
from symbackprop.verification.reading.labels import Reference, is_transpose, last_number, refer
from symbackprop.verification.reading.scope import Layout, Scope, reachable
from symbackprop.verification.reading.shapes import ONE, Array, Indices, join, mapped, number, transposed
from symbackprop.verification.reading.surface import (
    Derivative,
    Group,
    Name,
    Node,
    Number,
    Scripted,
    Span,
    Times,
)
from symbackprop.verification.reading.symbols import Symbol, head_name, undressed
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Call, Cases, Diff, Entry, Mul, Pow, Term
from symbackprop.verification.terms.walk import entry_names, free_symbols, walk

ORDER_LIMIT = 4


def read_derivative(reader: Reader, node: Derivative, env: Env) -> list[Array]:
    """Every layout of a derivative that the convention allows."""
    node = _with_parameters(of_copy(node, reader.scope), reader)
    several = _several(node)
    if several:
        return [_by_each(reader, node, several, env)]
    closer = nearer(node) if reader.on_right else None
    if closer is not None:
        reader.used.add("near")
        if reader.convention.near:
            return reader.read(closer, env)
    inner = _transposed_outside(node)
    if inner is not None:
        return [transposed(array) for array in read_derivative(reader, inner, env)]
    variables = _variables(reader, node, env)
    if node.order > 1 and node.order != sum(order for _, order in variables):
        if node.sign != "∇" or node.order != 2 or len(variables) != 1:
            raise NotUnderstood("the order of this derivative is not that of its variables", node.span)
        variables = [(variables[0][0], 2)]  # ∇² is the Hessian
    operands = _operands(reader, node, variables, env)
    found = []
    for operand in operands:
        result = operand
        for variable, order in variables:
            for _ in range(order):
                result = differentiated(reader, result, variable, node)
        found.append(result)
    return found


def _with_parameters(node: Derivative, reader: Reader) -> Derivative:
    r"""``\nabla f`` of a function of one or several letters, with these letters behind it."""
    name = node.operand
    body = reader.scope.bodies.get(name.text) if isinstance(name, Name) else None
    if node.sign != "∇" or node.by or body is None:
        return node
    letters = tuple(Name(parameter, name.span) for parameter in body.parameters)
    return replace(node, operand=Times((name, Group("(", letters, name.span)), ("",), name.span))


def _several(node: Derivative) -> tuple[Node, ...]:
    r"""The arguments by each of which ``\nabla C(x, y)`` differentiates."""
    if node.sign != "∇" or node.by or node.order != 1 or not isinstance(node.operand, Times):
        return ()
    factors = node.operand.factors
    if len(factors) != 2 or node.operand.operators != ("",) or not isinstance(factors[1], Group):
        return ()
    items = factors[1].items
    return items if len(items) > 1 and all(isinstance(item, Name | Scripted) for item in items) else ()


def _by_each(reader: Reader, node: Derivative, letters: tuple[Node, ...], env: Env) -> Array:
    """The list of the derivatives of a number by numbers."""
    operand = reader.scalar(node.operand, env)
    parts = tuple(differentiated(reader, operand, variable(reader, by, env), node) for by in letters)
    if any(part.axes for part in parts):
        raise NotUnderstood("a gradient by several arrays at once", node.span)
    return join(parts, (literal_axis(len(parts)),), lambda idx: chosen([p.at(()) for p in parts], idx[0]))


def _transposed_outside(node: Derivative) -> Derivative | None:
    r"""``\nabla_y f(y)^T`` with a bracket before the T: the gradient is transposed, not what it is of."""
    factors = node.operand.factors if isinstance(node.operand, Times) else (node.operand,)
    last = factors[-1]
    if node.sign != "∇" or len(factors) > 2 or not isinstance(last, Scripted) or not isinstance(last.base, Group):
        return None
    if len(last.sups) != 1 or not is_transpose(last.sups[0]) or last.subs:
        return None
    operand = (
        replace(node.operand, factors=(*factors[:-1], last.base)) if isinstance(node.operand, Times) else last.base
    )
    return replace(node, operand=operand)


def _operands(reader: Reader, node: Derivative, variables: list[tuple[Array, int]], env: Env) -> list[Array]:
    name = node.operand
    ref = refer(name, reader.scope) if isinstance(name, Name | Scripted) else None
    if (
        ref is not None
        and is_function(reader, ref)
        and len(node.by) == 1
        and not _takes_several(reader, ref)
        and not _is_applied(reader, ref, node.by[0][0])
    ):
        stated = _stated_call(reader, ref.name)
        if stated is not None:
            return [Array((), lambda _: stated)]
        return apply(reader, name, (node.by[0][0],), env)  # type: ignore[arg-type]
    return reader.read(node.operand, env)


def _takes_several(reader: Reader, ref: Reference) -> bool:
    body = reader.scope.bodies.get(ref.name)
    return body is not None and len(body.parameters) > 1


def _stated_call(reader: Reader, name: str) -> Call | None:
    """The one way in which the definitions apply an unknown function of several arguments with a single number."""
    calls = {
        part: None
        for definition in reader.scope.definitions
        for part in walk(definition.body)
        if isinstance(part, Call) and part.name == name and len(part.arguments) > 1 and not part.component
    }
    plain = [call for call in calls if not call.slots and not free_symbols(call)]
    return plain[0] if len(calls) == len(plain) == 1 else None


def _is_applied(reader: Reader, ref: Reference, by: Node) -> bool:
    """Whether the formula applies a function to something that has the variable in it."""
    argument, head = reader.arguments.get(ref.name), head_name(by)
    if argument is None or head is None:
        return argument is not None
    return any((other := head_name(name)) is not None and other.text == head.text for name in references(argument))


def _variables(reader: Reader, node: Derivative, env: Env) -> list[tuple[Array, int]]:
    if not node.by:
        node = replace(node, by=((_listed(node) or _only_letter(reader, node), 1),))
    found = [(variable(reader, by, env), order) for by, order in node.by]
    if sum(order for _, order in found) > ORDER_LIMIT:
        raise NotUnderstood(f"a derivative of an order above {ORDER_LIMIT}", node.span)
    return found


def _only_letter(reader: Reader, node: Derivative) -> Node:
    """The one array that the operand leads to and that nothing defines."""
    operand = reader.scalar(node.operand, Env()).at(())
    reached = {other for name in entry_names(operand) for other in (name, *reachable(reader.scope, name))}
    free = sorted(name for name in reached if not reader.scope.defined(name))
    symbols = [reader.scope.symbols[name] for name in free if name in reader.scope.symbols]
    if len(free) != 1 or len(symbols) != 1 or symbols[0].labels or not symbols[0].declared:
        raise NotUnderstood("nothing says by what ∇ differentiates", node.span)
    return Name(symbols[0].name, node.span)


def _listed(node: Derivative) -> Node | None:
    r"""What ``\\nabla f(x)`` differentiates by: the one argument that is listed."""
    operand = node.operand
    if isinstance(operand, Derivative) and operand.sign == "∇":  # \\nabla\\nabla f is the Hessian
        return operand.by[0][0] if len(operand.by) == 1 else _listed(operand)
    if isinstance(operand, Times) and len(operand.factors) == 2 and isinstance(operand.factors[1], Group):
        items = operand.factors[1].items
        if len(items) == 1 and isinstance(items[0], Name | Scripted):
            return items[0]
    return None


def variable(reader: Reader, node: Node, env: Env) -> Array:
    """What is differentiated by: a letter, a member of a family or an entry."""
    while isinstance(node, Group) and len(node.items) == 1:
        node = node.items[0]
    if is_called(node, reader.scope):
        return reader.read(node, env)[0]
    if isinstance(node, Times) and len(node.factors) == 2 and isinstance(node.factors[1], Group):
        node = node.factors[0]
    if not isinstance(node, Name | Scripted):
        raise NotUnderstood("a derivative by something that is no letter", node.span)
    if isinstance(node, Name) and node.text in env.values:
        return env.values[node.text]
    ref = refer(node, reader.scope)
    if ref is None or ref.symbol is None or ref.symbol.kind != "quantity" or ref.primes:
        raise NotUnderstood("a derivative by something that is no quantity", node.span)
    array = member(reader, _with_last(reader, ref), env)
    for kind, exponent in ref.posts:
        if kind == "transpose":
            array = transposed(array)
        elif kind == "power" and _is_square(exponent) and _is_deviation(ref.name):
            array = mapped(array, lambda term: Pow(term, number(2)))
        else:
            raise NotUnderstood("a derivative by a power", node.span)
    return array


def _is_square(exponent: Node | None) -> bool:
    return isinstance(exponent, Number) and exponent.value == 2


def _is_deviation(name: str) -> bool:
    """Whether the square of a letter is a quantity itself, the variance; ``∂w²`` may be a slip for ∂²/∂w²."""
    return undressed(name).strip("\\").partition("_")[0] in ("sigma", "s", "tau", "hat{\\sigma}")


def _with_last(reader: Reader, ref: Reference) -> Reference:
    r"""``\nabla_a C``: a family without its number under a derivative means the last layer."""
    symbol = ref.symbol
    last = last_number(reader.scope, ref.span)
    if symbol is None or not symbol.labels or ref.labels or last is None:
        return ref
    return replace(ref, labels=(last,))


def differentiated(reader: Reader, operand: Array, by: Array, node: Derivative) -> Array:
    """The array of all derivatives: the axes of the operand and of the variable, in the order of the layout."""
    layout = reader.convention.layout
    above, below = _core(operand), _core(by)
    if above.axes and below.axes and not _written_layout(operand, by):
        reader.used.update({"layout", "∇ of an array" if node.sign == "∇" else "∂ of an array"})
    if not above.axes and not below.axes and _is_guess(reader, node):
        reader.used.add("∇ by a number" if node.sign == "∇" else "∂ by a number")
    axes, swap = above.axes + below.axes, False
    if not above.axes:
        axes, below_shape = by.axes, by
        if layout == "numerator" and by.axes and (reader.scope.layout or not _is_matrix(by)):
            reader.used.add("layout")
            return transposed(_gradient(reader, above, below_shape, node))
        return _gradient(reader, above, by, node)
    layout = _written_layout(operand, by) or layout
    if layout == "denominator":
        axes, swap = below.axes + above.axes, True
    cut = len(below.axes) if swap else len(above.axes)
    on_right = reader.on_right

    def at(idx: Indices) -> Term:
        first, second = idx[:cut], idx[cut:]
        return _diff(reader, above, below, *((second, first) if swap else (first, second)), node, on_right)

    return Array(axes, at, operand.cost + by.cost, operand.words, operand.sure and by.sure)


def _is_guess(reader: Reader, node: Derivative) -> bool:
    """Whether nothing but its formula says that the letter below is a number."""
    ref = refer(node.by[0][0], reader.scope) if node.by and isinstance(node.by[0][0], Name | Scripted) else None
    return ref is not None and ref.symbol is not None and not ref.symbol.declared


def _written_layout(operand: Array, by: Array) -> Layout:
    r"""The layout that a transpose says, ``\frac{\partial y}{\partial x^T}`` or ``\frac{\partial y^T}{\partial x}``."""
    rows = [len(array.axes) == 2 and array.axes[0] == ONE for array in (operand, by)]
    plain = [len(array.axes) == 1 for array in (operand, by)]
    if plain[0] and rows[1]:
        return "numerator"
    return "denominator" if rows[0] and plain[1] else ""


def _is_matrix(array: Array) -> bool:
    """Gradients by a matrix have its shape unless the note states a layout: a transposed one is a slip."""
    return len(array.axes) == 2 and ONE not in array.axes


def _gradient(reader: Reader, operand: Array, by: Array, node: Derivative) -> Array:
    reader.used.update(({"gradient", "∇"} if node.sign == "∇" else {"gradient"}) if by.axes else ())
    on_right = reader.on_right
    return Array(
        by.axes,
        lambda idx: _diff(reader, operand, by, (), idx, node, on_right),
        operand.cost,
        operand.words,
        operand.sure and by.sure,
    )


def _core(array: Array) -> Array:
    """A row as the vector that it is, for derivatives of arrays by arrays."""
    if len(array.axes) == 2 and array.axes[0] == ONE:
        return replace(array, axes=array.axes[1:], at=lambda idx: array.at((Affine.of(1), *idx)))
    return array


def _diff(
    reader: Reader, operand: Array, by: Array, above: Indices, below: Indices, node: Derivative, on_right: bool
) -> Term:
    body, entry = operand.at(above), by.at(below)
    letter = inside_of(entry)
    if letter is not None:  # d/dg(s) is d/ds over g'(s)
        inner = replace(by, at=lambda idx: letter)
        slope = Diff(entry, letter, False)
        return Mul((_diff(reader, operand, inner, above, below, node, on_right), Pow(slope, number(-1))))
    window = unguarded(entry)
    if window is not None:
        inside = _diff(reader, operand, replace(by, at=lambda idx: window[1]), above, below, node, on_right)
        return Cases(((window[0], inside),), number(0))
    if not isinstance(entry, Entry):
        raise NotUnderstood("a derivative by something that is no letter", node.span)
    named = by_its_other_name(body, entry, reader.scope)
    if listed_apart(body, named.name, reader.scope):
        return number(0)
    _check_known(reader.scope, body, named, node.span)
    if _is_immediate(reader, node, on_right) or _is_direct(reader, body, named, node, on_right):
        return Diff(with_its_time(reader, body, named, node.span), named, False)
    return Diff(body, named, not _is_slot(reader, body, named, node))


def _is_immediate(reader: Reader, node: Derivative, on_right: bool) -> bool:
    """Whether ``∂⁺``, or ∂ where that is the derivative along every path, is along the direct path only."""
    if node.plus:
        reader.used.update({"∂⁺"} if on_right else {"∂⁺", "∂⁺ on the left"})
    return node.plus != (reader.convention.direct == "ordered")


def _is_slot(reader: Reader, body: Term, by: Entry, node: Derivative) -> bool:
    """By the argument of a function that is written so, where other arguments depend on it as well."""
    if isinstance(body, Entry) or node.sign != "∂" or not _lists(node, by.name, reader.scope):
        return False
    if not any(by.name in reachable(reader.scope, other) for other in sorted(entry_names(body))):
        return False
    reader.used.add("slots")
    return reader.convention.slots


def _lists(node: Derivative, by: str, scope: Scope) -> bool:
    """Whether what is differentiated is a call that has the letter as one argument among others."""
    operand = node.operand
    if not isinstance(operand, Times) or len(operand.factors) != 2 or operand.operators != ("",):
        return False
    group = operand.factors[1]
    if not isinstance(group, Group) or len(group.items) < 2:
        return False
    refs = [refer(item, scope) for item in group.items if isinstance(item, Name | Scripted)]
    return any(ref is not None and ref.symbol is not None and ref.symbol.name == by and not ref.posts for ref in refs)


def _is_direct(reader: Reader, body: Term, by: Entry, node: Derivative, on_right: bool) -> bool:
    """Along the direct path only: asked for by the convention, and there is such a path beside others."""
    if not isinstance(body, Entry) or node.sign != "∂" or not has_both_paths(reader, body, by):
        return False
    member = (body.name, body.labels, by.name, by.labels)
    if not on_right:
        reader.on_left.add(member)
        reader.used.add("direct")
        return False
    reader.used.update({"direct", "same"} if member in reader.on_left else {"direct"})
    return reader.convention.direct == "right" or reader.convention.direct == "same" and member in reader.on_left


def _check_known(scope: Scope, body: Term, by: Entry, span: Span) -> None:
    """Refuse a derivative that would be 0 only because nothing says how one thing depends on the other."""
    names = entry_names(body)
    if not names:
        return
    silent = silent_table(names, by.name, scope)
    if silent:
        raise NotUnderstood(f"nothing says how {silent} depends on {by.name}", span)
    if leads_to(body, by.name, scope) and not passes_by(body, by, scope):
        return
    shown = ", ".join(sorted(names)[:3])
    raise Unexplained(f"nothing says how {shown} depends on {by.name}", span)


def jacobian(reader: Reader, factor: Name | Scripted, group: Group, env: Env) -> list[Array]:
    """The Jacobian of the one of the two letters that depends on the other."""
    assert isinstance(factor, Scripted)
    below, inside = factor.subs[0].items[0], group.items[0]
    if len(group.items) != 1:
        raise NotUnderstood("a Jacobian of several things", group.span)
    names = [_letter(reader, node) for node in (below, inside)]
    if names[0] is None or names[1] is None:
        raise NotUnderstood("a Jacobian of something that is no letter", factor.span)
    swapped = names[1].name in reachable(reader.scope, names[0].name)
    top, bottom = (below, inside) if swapped else (inside, below)
    span = Span(factor.span.start, group.span.end)
    return read_derivative(reader, Derivative("∂", top, ((bottom, 1),), 1, span), env)


def _letter(reader: Reader, node: Node) -> Symbol | None:
    ref = refer(node, reader.scope) if isinstance(node, Name | Scripted) else None
    return ref.symbol if ref else None
