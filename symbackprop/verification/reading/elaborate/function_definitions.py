"""Which relations define a function, ``f(x) = …``."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.verification.reading.elaborate.occurrences import SPECIAL
from symbackprop.verification.reading.elaborate.samples import of_any_sample
from symbackprop.verification.reading.elaborate.usage import FUNCTION_LETTERS, SCALAR_NAMES, decide
from symbackprop.verification.reading.elaborate.walk import children, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import FunctionBody, Scope
from symbackprop.verification.reading.surface import Group, Name, Node, Scripted, Times
from symbackprop.verification.reading.symbols import Symbol, argument_names, head_name, known_function
from symbackprop.verification.terms.functions import is_known


def function_definition(left: Node, right: Node, scope: Scope) -> FunctionBody | None:
    """``f(x) = …`` for a letter that is no known or declared function yet."""
    if not isinstance(left, Times) or len(left.factors) != 2 or left.operators != ("",):
        return None
    head, group = left.factors
    name = _function_letter(head, scope)
    if not name or not isinstance(group, Group):
        return None
    if _takes_one(name) and len(group.items) > 1 and all(map(_is_argument, group.items)):
        return FunctionBody(name, argument_names(group.items), right)  # cos(u, v) is the note's own
    if known_function(name) or name in SPECIAL:
        return None
    group, right = of_any_sample(group, right, scope)
    symbol = scope.find(name)
    known = symbol is not None and symbol.declared and (symbol.kind != "function" or bool(symbol.function))
    listed = name in SCALAR_NAMES and all(_is_argument(item) for item in group.items)
    if known or not listed and not all(isinstance(item, Name) for item in group.items):
        return None
    if name in scope.bodies and not _starts_anew(scope.bodies[name], group, right):
        return None
    if any(r.text == name for r in references(right) if isinstance(r, Name)):
        return None
    parameters = argument_names(group.items)
    if not _is_function_name(name, parameters, scope, symbol):
        return None
    return FunctionBody(name, parameters, right)


def with_parameters(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    r"""The scope with the parameters of functions that stand for their values: ∂ℓ/∂w of ``\ell(y, a)``."""
    for node in (reference for side in nodes for reference in references(side)):
        head = head_name(node)
        body = scope.bodies.get(head.text) if head is not None else None
        if body is not None and len(body.parameters) > 1 and not all(map(scope.knows, body.parameters)):
            scope = decide((body.body,), scope)
    return scope


def _takes_one(name: str) -> bool:
    """Whether a name is that of a known function of one number."""
    return is_known(known_function(name)) and name not in SPECIAL


def _is_argument(node: Node) -> bool:
    """A letter as an argument, with or without scripts of its name."""
    return isinstance(node, Name) or isinstance(node, Scripted) and isinstance(node.base, Name) and not node.primes


def _starts_anew(old: FunctionBody, group: Group, right: Node) -> bool:
    """Whether ``C(w, b) = …`` is about another function than an earlier ``C(x, y) = x^2 + y^2``.

    It has other parameters, and its body more letters than these; or the earlier body does not use its own.
    """
    parameters = {item.text for item in group.items if isinstance(item, Name)}
    if parameters & set(old.parameters):
        return False
    letters = {head.text for ref in references(right) if (head := head_name(ref)) is not None}
    used = {head.text for ref in _values(old.body) if (head := head_name(ref)) is not None}
    return not letters <= parameters or not used & set(old.parameters)


def _values(node: Node) -> Iterator[Name | Scripted]:
    """The letters of a body that are no mere list of arguments behind another letter."""
    if isinstance(node, Times):
        for k, factor in enumerate(node.factors):
            listed = k > 0 and node.operators[k - 1] == "" and isinstance(factor, Group) and len(factor.items) > 1
            if not listed:
                yield from _values(factor)
        return
    if isinstance(node, Name) or isinstance(node, Scripted) and isinstance(node.base, Name):
        yield from references(node)
        return
    for child in children(node):
        yield from _values(child)


def _function_letter(head: Node, scope: Scope) -> str:
    r"""The name before the bracket, with a subscript that belongs to it (``h_\theta``); empty if there is none."""
    if isinstance(head, Name):
        return head.text
    ref = refer(head, scope) if isinstance(head, Scripted) else None
    if (
        ref is None
        or ref.symbol is None
        or ref.symbol.kind != "function"
        or ref.labels
        or ref.indices
        or ref.posts
        or ref.primes
    ):
        return ""
    return ref.name


def _is_function_name(name: str, parameters: tuple[str, ...], scope: Scope, symbol: Symbol | None) -> bool:
    if symbol is not None and symbol.kind == "function":
        return True
    declared = [p for p in parameters if (s := scope.find(p)) is not None and s.declared]
    if name in FUNCTION_LETTERS or len(name) > 1 and not name.startswith("\\"):
        return not declared or name in FUNCTION_LETTERS
    return len(parameters) == 1 and not declared
