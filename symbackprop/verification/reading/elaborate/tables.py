r"""Numbers that are written as functions of what numbers them: ``r(a)``, ``Q(s, a)``, ``\pi_\theta(a \mid s)``.

A key of a block whose brackets hold letters declared as ``index`` is an array over these. Where the letter carries a
quantity (``\theta``) its entries are an unknown function of that; those of a distribution over the letters before a bar
are positive and sum to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeGuard, TypeVar

from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.elaborate.argued import (
    makes_steps,
    number_axes,
    plain_table,
    stand_in,
    with_shapes,
)
from symbackprop.verification.reading.elaborate.walk import bound_letter
from symbackprop.verification.reading.labels import is_shifted, letters_in, plain_affine, script_items
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    Comparison,
    Group,
    Name,
    Node,
    NotRead,
    Number,
    Script,
    Scripted,
    Span,
    Times,
    rebuilt,
)
from symbackprop.verification.reading.symbols import Symbol, Table, spelled
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Axis, Call, Entry, Fn, Lambda, Mul, Num, Pow, Sum, Term

Part = TypeVar("Part")
SHAPED = ("scalar", "vector", "matrix")
_is_word = re.compile(r"[A-Za-z]{2,}").fullmatch


@dataclass(frozen=True)
class _Listed:
    """A letter with brackets behind it: its name, the letters in it, and how many stand before a bar."""

    head: Name | Scripted
    items: tuple[Node, ...]
    before: int

    @property
    def name(self) -> str:
        return _spelled(self.head)


def with_tables(scope: Scope, block: Block) -> tuple[Scope, Block]:
    """The scope with the arrays that keys of a block name by what numbers them, and the block without these keys."""
    block = _with_assumed(block)
    kinds = {key: words.strip() for key, words in block.symbols}
    kept, tables = [], []
    for key, words in block.symbols:
        made = _table(key, kinds) if "(" in key and words.strip().startswith(SHAPED) else None
        if made is None:
            kept.append((key, words))
        elif words.strip() == "scalar" and made.numbers:
            tables.append(made)
            why = "declared with what numbers its entries"
            symbol = Symbol(made.name, "quantity", number_axes(made.numbers), why=why)
            steps = replace(symbol, axes=(), labels=made.numbers, place="sub")
            scope = scope.with_symbol(steps if makes_steps(made) else symbol)
        else:
            tables.append(replace(made, stands=stand_in(len(tables)), over=()))
            kept.append((tables[-1].stands, words))
    summed = {name for latex in block.assume for name in _sums_to_one(latex)}
    own = {key for key, _ in kept} | {table.name for table in tables}
    for latex in block.given:
        table = _defined(latex, kinds)
        if table is not None and table.name not in own and table not in tables:
            tables.append(table)
    tables = [replace(t, over=t.over or (t.letters if t.name in summed else ())) for t in tables]
    return replace(scope, tables=(*scope.tables, *tables)), replace(block, symbols=tuple(kept))


def _with_assumed(block: Block) -> Block:
    r"""The block with ``\pi_\theta(a|s)`` as a scalar where that is assumed of an unknown ``\pi_\theta``."""
    kinds = {key: words.strip() for key, words in block.symbols}
    unknown = {_spelled(node): key for key in kinds if kinds[key] == "unknown" and _is_letter(node := _only(key))}
    made: dict[str, set[str]] = {}
    surfaces = [surface for latex in block.assume if not isinstance(surface := read_typed(latex), NotRead)]
    for side in (side for surface in surfaces for statement in surface for side in statement.sides):
        found = _listed(*side.factors) if isinstance(side, Times) and len(side.factors) == 2 else None
        names = [item.text for item in found.items if isinstance(item, Name)] if found is not None else []
        if found is None or not found.before or found.name not in unknown or len(names) < len(found.items):
            continue
        if not any(kinds.get(name, "index") == "index" for name in names):
            before, after = ",".join(names[: found.before]), ",".join(names[found.before :])
            made.setdefault(unknown[found.name], set()).add(f"{found.name}({before}|{after})")
    keys = {key: min(spellings) for key, spellings in made.items() if len(spellings) == 1}
    rows = tuple((keys[key], "scalar") if key in keys else (key, words) for key, words in block.symbols)
    return replace(block, symbols=rows)


def _is_letter(node: Node | None) -> TypeGuard[Name | Scripted]:
    return isinstance(node, Name) or isinstance(node, Scripted) and isinstance(node.base, Name)


def _table(key: str, kinds: dict[str, str]) -> Table | None:
    node = _only(key)
    found = _listed(node.factors[0], node.factors[1]) if isinstance(node, Times) and len(node.factors) == 2 else None
    if found is None or not all(isinstance(item, Name) for item in found.items):
        return None
    letters = tuple(item.text for item in found.items if isinstance(item, Name))
    numbers = tuple(x for x in letters if kinds.get(x.rstrip("'"), "index") == "index")
    inside = [x for x in (*_carried(found.head, kinds), *letters) if _is_number(x, kinds)]
    if not any(kinds.get(x) == "index" for x in numbers):
        if found.name in kinds or not letters:
            return None
        return replace(plain_table(found.name, letters, "|" if found.before else ","), parameters=tuple(inside))
    over = tuple(x for x in letters[: found.before] if x in numbers)
    return Table(found.name, letters, numbers, tuple(dict.fromkeys(inside)), over)


def _carried(head: Name | Scripted, kinds: dict[str, str]) -> tuple[str, ...]:
    r"""The letters below a letter, ``\pi_\theta``; those of a word (``p_{data}``) are no quantities of their own."""
    carried: list[str] = []
    for script in _subs(head):
        letters = [x for item in script_items(script) for x in letters_in(item)]
        apart = _is_word(script.raw) is None or all(_is_number(x, kinds) for x in script.raw)
        carried += letters if apart else []
    return tuple(carried)


def _is_number(letter: str, kinds: dict[str, str]) -> bool:
    return kinds.get(letter, "index").partition("(")[0] in ("scalar", "vector")


def _defined(latex: str, kinds: dict[str, str]) -> Table | None:
    """The array that an equation defines by what numbers its entries, all of them declared as ``index``.

    With a bar in its brackets it is one number otherwise: ``\\pi_\\theta(a \\mid s) = …``, also below a logarithm.
    """
    surface = read_typed(latex)
    left = None if isinstance(surface, NotRead) else surface[0].sides[0]
    left = left.argument if isinstance(left, Applied) else left
    found = _listed(left.factors[0], left.factors[1]) if isinstance(left, Times) and len(left.factors) == 2 else None
    if found is None or not all(isinstance(item, Name) for item in found.items):
        return None
    letters = tuple(item.text for item in found.items if isinstance(item, Name))
    if all(kinds.get(letter) == "index" for letter in letters):
        return Table(found.name, letters, letters)
    numbered = any(kinds.get(letter) == "index" for letter in letters) or found.name in kinds
    return plain_table(found.name, letters, "|") if found.before and not numbered else None


def _only(key: str) -> Node | None:
    surface = read_typed(key)
    return None if isinstance(surface, NotRead) or len(surface) != 1 else surface[0].sides[0]


def _listed(head: Node, follower: Node) -> _Listed | None:
    group = follower.base if isinstance(follower, Scripted) else follower
    if not isinstance(head, Name | Scripted) or not isinstance(group, Group) or group.bracket != "(":
        return None
    if isinstance(head, Scripted) and (head.primes or not isinstance(head.base, Name)):
        return None
    only = group.items[0] if len(group.items) == 1 else None
    if isinstance(only, Comparison) and only.relation == "|":
        left, right = _items(only.left), _items(only.right)
        return _Listed(head, tuple(map(_letter, (*left, *right))), len(left))
    return _Listed(head, tuple(map(_letter, group.items)), 0)


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Group) and not node.bracket else (node,)


def _letter(node: Node) -> Node:
    """``s'`` as a letter of its own."""
    if isinstance(node, Scripted) and isinstance(node.base, Name) and not node.subs and not node.sups:
        return Name(node.base.text + "'" * node.primes, node.span)
    return node


def _subs(head: Name | Scripted) -> tuple[Script, ...]:
    return head.subs if isinstance(head, Scripted) else ()


def _spelled(head: Name | Scripted) -> str:
    if isinstance(head, Name):
        return head.text
    assert isinstance(head.base, Name)
    return spelled(head.base.text, head.subs, head.sups)


def _sums_to_one(latex: str) -> Iterator[str]:
    """The names of which an equation says that all entries sum to 1."""
    surface = read_typed(latex)
    for statement in () if isinstance(surface, NotRead) else surface:
        sides = statement.sides
        one = len(sides) == 2 and isinstance(sides[1], Number) and sides[1].value == 1
        big = sides[0]
        if not one or not isinstance(big, Big) or big.kind.lstrip("\\") != "sum" or not isinstance(big.body, Times):
            continue
        found = _listed(*big.body.factors) if len(big.body.factors) == 2 else None
        if found is not None and len(found.items) == 1 and letters_in(found.items[0]) == (bound_letter(big),):
            yield found.name


# -- what depends on a quantity -------------------------------------------------------------------------------------
def with_dependence(scope: Scope) -> Scope:
    """The scope in which the entries of such arrays are unknown functions of the quantities that they carry."""
    scope = with_shapes(scope)
    for table in scope.tables:
        if not table.parameters:
            continue
        symbol = scope.symbols[table.name]
        sources = [s for x in table.parameters if (s := scope.find(x)) is not None and s.axes is not None]
        if scope.defined(table.name) or not sources or any(s.labels for s in sources):
            continue
        function = Symbol(f"logit of {table.name}" if table.over else f"value of {table.name}", "function")
        indices = tuple(f"_{k}" for k in range(len(symbol.axes or ())))
        arguments = tuple(map(_argument, sources))
        call = Call(function.name, (), tuple(map(Affine.symbol, indices)), arguments)
        over = [k for k, letter in enumerate(table.numbers) if letter in table.over]
        body = _distribution(call, over, symbol.axes or ()) if over else call
        names = ", ".join(s.name for s in sources)
        words = f"{table.name} is any function of {names}"
        words += f", positive and of sum 1 over {', '.join(table.over)}" if over else ""
        scope = scope.with_symbol(function).with_definition(Definition(table.name, (), indices, body))
        scope = replace(scope, supposed={**scope.supposed, table.name: words})
    return scope


def _argument(symbol: Symbol) -> Lambda:
    bound = tuple((f"_a{k}", axis) for k, axis in enumerate(symbol.axes or ()))
    return Lambda(bound, Entry(symbol.name, (), tuple(Affine.symbol(name) for name, _ in bound)))


def _distribution(call: Call, over: list[int], axes: tuple[Axis, ...]) -> Term:
    """The exponential over the sum of all: any positive numbers of sum 1 are so."""
    component = list(call.component)
    for k in over:
        component[k] = Affine.symbol(f"_s{k}")
    total: Term = Fn("exp", 0, replace(call, component=tuple(component)))
    for k in over:
        total = Sum(f"_s{k}", axes[k], total)
    return Mul((Fn("exp", 0, call), Pow(total, Num(Fraction(-1)))))


# -- as indices ------------------------------------------------------------------------------------------------------
def with_entries(part: Part, scope: Scope) -> Part:
    r"""The tree with ``r(a)`` as ``r_a``."""
    return _mapped(part, scope.tables) if scope.tables else part


def _mapped(part: Part, tables: tuple[Table, ...]) -> Part:
    made: object = _merged(part, tables) if isinstance(part, Times) else part
    return rebuilt(made, lambda inner: _mapped(inner, tables))  # type: ignore[return-value]


def _merged(node: Times, tables: tuple[Table, ...]) -> Node:
    factors, operators = list(node.factors), list(node.operators)
    place = 0
    while place + 1 < len(factors):
        made = _entry(factors[place], factors[place + 1], tables) if operators[place] == "" else None
        if made is not None:
            factors[place : place + 2] = [made]
            del operators[place]
        place += 1
    return factors[0] if len(factors) == 1 else replace(node, factors=tuple(factors), operators=tuple(operators))


def _entry(head: Node, follower: Node, tables: tuple[Table, ...]) -> Name | Scripted | None:
    found = _listed(head, follower)
    alike = (t for t in tables if found is not None and (t.head or t.name) == found.name)
    made = (_written(table, found, follower) for table in alike if found is not None)
    return next((entry for entry in made if entry is not None), None)


def _written(table: Table, found: _Listed, follower: Node) -> Name | Scripted | None:
    """The letter, or its entry, that stands with these brackets."""
    if len(found.items) != len(table.letters):
        return None
    pairs = list(zip(found.items, table.letters, strict=True))
    items = [item for item, letter in pairs if letter in table.numbers]
    span = Span(found.head.span.start, follower.span.end)
    if table.head:
        same = all(isinstance(item, Name) and item.text == letter for item, letter in pairs)
        name = Name(table.name, span)
        return (replace(follower, base=name) if isinstance(follower, Scripted) else name) if same else None
    steps = makes_steps(table) and is_shifted(items[0]) and plain_affine(items[0]) is not None
    if not steps and not all(isinstance(item, Name | Number) for item in items):
        return None
    raw = ",".join(map(_text, items))
    subs, sups = (follower.subs, follower.sups) if isinstance(follower, Scripted) else ((), ())
    script = Script(tuple(items), "", raw, follower.span)
    return Scripted(Name(table.name, found.head.span), (script, *subs), sups, 0, span)


def _text(item: Node) -> str:
    if isinstance(item, Name):
        return item.text
    return str(item.value) if isinstance(item, Number) else str(plain_affine(item)).replace(" ", "")
