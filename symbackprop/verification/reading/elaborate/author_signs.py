r"""Signs that authors write in more than one way, brought to one: ``D f``, ``\dot f``, an index ``i'``, ``\delta^i_j``.

It works on the tree of a formula and decides only what the scope says of the letters; what stays open is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from symbackprop.verification.reading.elaborate.author_moments import mean_in_angles, moments
from symbackprop.verification.reading.elaborate.divergences import with_divergences
from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import is_transpose, refer, script_items
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import (
    Big,
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Name,
    Node,
    Number,
    Plus,
    Script,
    Scripted,
    Span,
    Statement,
    Times,
    is_part,
    parts_of,
    rebuilt,
)
from symbackprop.verification.reading.symbols import known_function, plain

Part = TypeVar("Part")
_DOTS = {r"\dot{": 1, r"\ddot{": 2}


def in_one_spelling(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with these signs in the spelling that the rest of the reader knows."""
    statements = with_divergences(_with_primed_indices(statements, scope), scope)
    parts = list(every_part(statements))
    for change in (
        _named_unit,
        _mixed,
        _over_units,
        _operator,
        _dotted,
        _at_values,
        _inner_product,
        mean_in_angles,
        moments,
    ):
        if any(change(part, scope) is not part for part in parts):  # most formulas have none of these signs
            statements = _mapped(statements, change, scope)
            parts = list(every_part(statements))
    return statements


def every_part(part: Any) -> Iterator[Node]:
    """Every node of a tree, those in scripts as well."""
    if not isinstance(part, tuple | Statement | Script):
        yield part
    for inner in parts_of(part):
        if is_part(inner):
            yield from every_part(inner)


def _mapped(part: Part, change: Callable[[Node, Scope], Node], scope: Scope) -> Part:
    """The tree with every node changed, from the leaves up; scripts are part of it."""
    made = rebuilt(part, lambda inner: _mapped(inner, change, scope))
    return made if isinstance(made, tuple | Statement | Script) else change(made, scope)  # type: ignore[arg-type, return-value]


def _inner_product(node: Node, _: Scope) -> Node:
    r"""``\langle A, B \rangle_F`` without the letter that only says which inner product it is."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Group) or node.base.bracket != r"\langle":
        return node
    named = len(node.subs) == 1 and plain(node.subs[0].raw) in ("F", "2", "HS") and not (node.sups or node.primes)
    return node.base if named and len(node.base.items) == 2 else node


# -- indices -----------------------------------------------------------------------------------------------------------
def _with_primed_indices(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """``x_{i'}``: a letter with a prime that stands in a script is a letter of its own, here and in bounds."""
    found: set[tuple[str, int]] = set()

    for node in every_part(statements):
        for script in (*node.subs, *node.sups) if isinstance(node, Scripted) else ():
            found.update(_primed(item) for item in script_items(script) if _primed(item)[1])

    def change(node: Node, _: Scope) -> Node:
        letter, primes = _primed(node)
        return Name(letter + "'" * primes, node.span) if primes and (letter, primes) in found else node

    return _mapped(statements, change, scope) if found else statements


def _primed(node: Node) -> tuple[str, int]:
    bare = isinstance(node, Scripted) and not node.subs and not node.sups and isinstance(node.base, Name)
    letter = node.base.text if bare else ""  # type: ignore[union-attr]
    return (letter, node.primes) if letter in INDEX_LETTERS else ("", 0)  # type: ignore[union-attr]


def _mixed(node: Node, scope: Scope) -> Node:
    r"""``\delta^i_j`` and the entry ``W^i_j`` of a matrix as ``\delta_{ij}`` and ``W_{ij}``: the upper index first."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.primes:
        return node
    if len(node.subs) != 1 or len(node.sups) != 1 or node.sups[0].bracket or is_transpose(node.sups[0]):
        return node
    above, below = script_items(node.sups[0]), script_items(node.subs[0])
    if len(above) != 1 or len(below) != 1 or not all(_is_index(item) for item in (*above, *below)):
        return node
    symbol = scope.find(node.base.text)
    entry = symbol is not None and len(symbol.axes or ()) == 2 and symbol.declared and not symbol.labels
    if not entry and not (node.base.text == r"\delta" and symbol is None):
        return node
    span = Span(min(node.subs[0].span.start, node.sups[0].span.start), node.span.end)
    raw = f"{node.sups[0].raw},{node.subs[0].raw}"
    return replace(node, subs=(Script((*above, *below), "", raw, span),), sups=())


def _is_index(node: Node) -> bool:
    return isinstance(node, Name) and node.text in INDEX_LETTERS and node.text not in ("l", "t")


# -- units with names --------------------------------------------------------------------------------------------------
def _named_unit(node: Node, _: Scope) -> Node:
    r"""``z_{h_1}``: what stands below is the name of a unit, as in ``z_{h1}``; an index with an index is left."""
    if not isinstance(node, Scripted) or len(node.subs) != 1 or len(node.subs[0].items) != 1:
        return node
    (item,) = node.subs[0].items
    if not isinstance(item, Scripted) or not isinstance(item.base, Name) or item.sups or item.primes:
        return node
    numbered = len(item.subs) == 1 and all(isinstance(part, Number) for part in item.subs[0].items)
    if not numbered or item.base.text in INDEX_LETTERS or not isinstance(node.base, Name):
        return node
    word = Name(plain(node.subs[0].raw), item.span, upright=True)
    return replace(node, subs=(replace(node.subs[0], items=(word,)),))


def _over_units(node: Node, scope: Scope) -> Node:
    r"""``\sum_o E_o`` over units that have names, ``E_{o1} + E_{o2}``, where these are known and no index o is."""
    if not isinstance(node, Big) or node.kind.lstrip("\\") != "sum" or node.upper is not None or len(node.lower) != 1:
        return node
    letter = node.lower[0]
    if not isinstance(letter, Name) or scope.knows(letter.text):
        return node
    heads = [ref.base.text for ref in references(node.body) if _is_of(ref, letter.text)]  # type: ignore[union-attr]
    counts = {count for head in heads if (count := _units(head, letter.text, scope))}
    if len(counts) != 1:
        return node
    copies = tuple(_mapped(node.body, _put(letter.text, k), scope) for k in range(1, counts.pop() + 1))
    return Group("(", (Plus(copies, node.body.span),), node.span)


def _is_of(ref: Node, letter: str) -> bool:
    return isinstance(ref, Scripted) and isinstance(ref.base, Name) and [s.raw for s in ref.subs] == [letter]


def _units(head: str, letter: str, scope: Scope) -> int:
    """How many units there are: ``E_{o1}``, ``E_{o2}``, … without a gap; 0 for less than two."""
    count = 0
    while any(f"{head}_{{{letter}{mark}{count + 1}}}" in scope.symbols for mark in ("", "_")):
        count += 1
    return count if count > 1 else 0


def _put(letter: str, number: int) -> Callable[[Node, Scope], Node]:
    def change(node: Node, scope: Scope) -> Node:
        if not _is_of(node, letter):
            return node
        assert isinstance(node, Scripted) and isinstance(node.base, Name)
        script = node.subs[0]
        mark = "_" if f"{node.base.text}_{{{letter}_{number}}}" in scope.symbols else ""
        items: tuple[Node, ...] = (Name(letter, script.span), Number(Fraction(number), script.span))
        if mark:
            items = (Name(f"{letter}_{number}", script.span, upright=True),)
        return replace(node, subs=(replace(script, items=items, raw=f"{letter}{mark}{number}"),))

    return change


# -- derivatives -------------------------------------------------------------------------------------------------------
def _is_function(node: Node, scope: Scope) -> bool:
    if not isinstance(node, Name | Scripted):
        return False
    ref = refer(node, scope)
    if ref is None:
        return False
    return ref.name in scope.bodies or ref.symbol.kind == "function" if ref.symbol else bool(known_function(ref.name))


def _operator(node: Node, scope: Scope) -> Node:
    """``D f(x)`` as ``f'(x)``, and ``D_x f(x)`` as the derivative by x, where D is no letter of the note."""
    if not isinstance(node, Times) or scope.knows("D"):
        return node
    factors, operators = list(node.factors), list(node.operators)
    k = 0
    while k < len(factors) - 1:
        after = factors[k + 1]
        made = _differentiated(factors[k], after, scope) if operators[k] == "" else None
        if made is not None:
            factors[k : k + 2] = [made]
            del operators[k]
        k += 1
    return _of_factors(node, factors, operators)


def _of_factors(node: Times, factors: list[Node], operators: list[str]) -> Node:
    """A product of which some factors became one."""
    if len(factors) == len(node.factors):
        return node
    return factors[0] if len(factors) == 1 else replace(node, factors=tuple(factors), operators=tuple(operators))


def _differentiated(sign: Node, after: Node, scope: Scope) -> Node | None:
    """What D or ``D_x`` makes of the function, or of the bracket of functions, behind it."""
    base = sign.base if isinstance(sign, Scripted) else sign
    if not isinstance(base, Name) or base.text != "D" or isinstance(sign, Scripted) and (sign.sups or sign.primes):
        return None
    bracket = isinstance(after, Group) and any(_is_function(ref, scope) for ref in references(after))
    if not bracket and not _is_function(after, scope):
        return None
    primed = _with_primes(after, 1)
    by = sign.subs[0].items if isinstance(sign, Scripted) else ()
    if not by:
        return primed
    return primed if len(by) == 1 and isinstance(by[0], Name) and not bracket else None


def _with_primes(node: Node, count: int) -> Scripted:
    if isinstance(node, Scripted):
        return replace(node, primes=node.primes + count)
    return Scripted(node, (), (), count, node.span)


def _dotted(node: Node, scope: Scope) -> Node:
    r"""``\dot f`` of a function is its derivative."""
    name = node.base if isinstance(node, Scripted) else node
    if not isinstance(name, Name) or scope.knows(name.text):
        return node
    start = next((start for start in _DOTS if name.text.startswith(start)), "")
    inner = Name(name.text[len(start) : -1], name.span)
    if not start or not _is_function(inner, scope):
        return node
    return _with_primes(replace(node, base=inner) if isinstance(node, Scripted) else inner, _DOTS[start])


# -- brackets ----------------------------------------------------------------------------------------------------------
def _at_values(node: Node, scope: Scope) -> Node:
    r"""``\frac{\partial f}{\partial x}(1, 2)`` and ``… |_{(1,2)}``: the values of the arguments in their order."""
    if isinstance(node, EvaluatedAt) and node.upper is None and isinstance(node.lower, Group):
        places = _places(node.body, node.lower, scope)
        return node if places is None else replace(node, lower=places)
    if not isinstance(node, Times):
        return node
    factors, operators = list(node.factors), list(node.operators)
    k = 1
    while k < len(factors):
        before, group = factors[k - 1], factors[k]
        places = _places(before, group, scope) if isinstance(group, Group) and operators[k - 1] == "" else None
        if places is not None:
            factors[k - 1 : k + 1] = [EvaluatedAt(before, places, None, Span(before.span.start, group.span.end))]
            del operators[k - 1]
        k += 1
    return _of_factors(node, factors, operators)


def _places(body: Node, group: Group, scope: Scope) -> Group | None:
    """What each argument of a function of several numbers is, where a derivative of it is taken there."""
    operand = body.operand if isinstance(body, Derivative) and not body.written_apart else None
    function = scope.bodies.get(operand.text) if isinstance(operand, Name) else None
    if function is None or len(function.parameters) < 2 or len(group.items) != len(function.parameters):
        return None
    if any(isinstance(part, Comparison) for item in group.items for part in every(item)):
        return None
    pairs = zip(function.parameters, group.items, strict=True)
    return Group("", tuple(Comparison(Name(p, item.span), "=", item, item.span) for p, item in pairs), group.span)
