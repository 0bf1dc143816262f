"""Distrust after a line of a comment block that was not understood: what it may have said of its letters is unknown."""

from __future__ import annotations

import re

from symbackprop.verification.reading.elaborate.definitions import member_of, target
from symbackprop.verification.reading.elaborate.spelling import respelled
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Derivative, Group, Name, Node, NotRead, Scripted, Statement, Times
from symbackprop.verification.reading.symbols import head_name, known_function, undressed
from symbackprop.verification.reading.vocabulary import ACCENTS, FONTS, GREEK, UPRIGHT

_LETTERS = re.compile(r"\\[A-Za-z]+|[A-Za-z]")
_WORDS = re.compile(r"\\(?:text|mathrm|operatorname|mathit)\s*\{\s*([A-Za-z]+)\s*\}")
_SHOWN = 60


def distrust_line(scope: Scope, latex: str, why: str) -> Scope:
    """The scope that refutes nothing about a letter of an unread line, and judges nothing about what it defines."""
    said = f"the line {_clipped(latex)!r} of the comment block was not understood: {why}"
    surface = read_typed(latex, scope.macros)
    if isinstance(surface, NotRead):
        scope = _distrust_start(scope, latex, said)
        names = _spelled_names(scope, latex)
    else:
        surface = respelled(surface, scope)
        names = _names(surface, scope)
        for statement in surface:
            scope = _distrust_left(scope, statement, said)
    for name in sorted(names):
        scope = scope.with_doubt(name, said)
    return scope


def distrust_key(scope: Scope, key: str, why: str) -> Scope:
    """The scope that judges nothing about the letters of a key under ``symbols`` that was not understood."""
    said = f"the symbol {_clipped(key)!r} of the comment block was not understood: {why}"
    surface = read_typed(key, scope.macros)
    names = _spelled_names(scope, key) if isinstance(surface, NotRead) else _names(surface, scope)
    declared = {name for name in names if (s := scope.find(name)) is not None and s.declared}
    for name in sorted(names):
        scope = scope.with_doubt(name, said)
    for name in sorted(names - declared or names):
        scope = scope.with_taint(name, said)
    return scope


def defines_unread(scope: Scope, tex: str, why: str) -> Scope:
    """The scope after a formula of the note that cannot be parsed: what it may define is not known."""
    return _distrust_start(scope, tex, why, only_new=True)


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _distrust_start(scope: Scope, latex: str, said: str, only_new: bool = False) -> Scope:
    """Distrust what stands before the first relation of a formula that cannot be read."""
    start = re.split(r":?=", latex, maxsplit=1)[0].replace("&", "")
    surface = read_typed(start, scope.macros) if start != latex and start.strip() else NotRead("", None)  # type: ignore[arg-type]
    if isinstance(surface, NotRead) or surface[-1].sides[-1] is None:
        return scope
    return _distrust_side(scope, surface[-1].sides[-1], said, only_new)


def _distrust_left(scope: Scope, statement: Statement, said: str) -> Scope:
    left = statement.sides[0]
    is_equation = bool(statement.relations) and statement.relations[0] in ("=", ":=", "∼", "∈")
    return _distrust_side(scope, left, said) if is_equation and left is not None else scope


def _distrust_side(scope: Scope, left: Node, said: str, only_new: bool = False) -> Scope:
    """Judge nothing about the letter or function that a side names; without one, about its letters that are new."""
    ref = target(left, scope)
    called = _called(left)
    if ref is not None and ref.symbol is not None and (ref.symbol.declared or scope.defined(ref.name)):
        new = not scope.defined(ref.name)
        return scope.with_taint(ref.name, said, member_of(ref)) if new or not only_new else scope
    if only_new:
        return scope
    names = {called} if called else {name for name in _side_names(left, scope) if not _is_declared(name, scope)}
    if any(isinstance(part, Derivative) for part in every(left)):
        names = set()  # an equation about a derivative redefines no letter of it
    for name in sorted(names):
        for other in dict.fromkeys((name, known_function(name) or name)):
            scope = scope.with_taint(other, said)
    return scope


def _called(left: Node) -> str:
    """The function of which a side is a call."""
    if isinstance(left, Times) and len(left.factors) == 2 and isinstance(left.factors[1], Group):
        head = head_name(left.factors[0])
        return head.text if head is not None and left.operators == ("",) else ""
    return ""


def _is_declared(name: str, scope: Scope) -> bool:
    symbol = scope.find(name)
    return symbol is not None and (symbol.declared or scope.defined(symbol.name))


def _names(surface: tuple[Statement, ...], scope: Scope) -> set[str]:
    nodes = [node for s in surface for node in (*s.sides, *s.conditions) if node is not None]
    return set().union(*(_side_names(node, scope) for node in nodes))


def _side_names(node: Node, scope: Scope) -> set[str]:
    """The names under which terms keep the letters and functions of a side."""
    found: set[str] = set()
    for part in references(node):
        ref = refer(part, scope) if isinstance(part, Name | Scripted) else None
        if ref is None:
            continue
        found |= {ref.name, known_function(ref.name) or ref.name}
        if ref.symbol is not None and ref.symbol.function:
            found.add(ref.symbol.function)
    return found


def _spelled_names(scope: Scope, latex: str) -> set[str]:
    """What a text that cannot be parsed may speak of: every letter that stands in it, and what is declared so."""
    decoration = FONTS | UPRIGHT | ACCENTS
    words = {word for found in _WORDS.findall(latex) for word in (found, known_function(found) or found)}
    text = _WORDS.sub(" ", latex)
    letters = {t for t in _LETTERS.findall(text) if not t.startswith("\\") or t in GREEK or t == r"\ell"}
    known = {name for name in scope.symbols if letters & set(_LETTERS.findall(_head(name))) - decoration}
    return letters | words | known


def _head(name: str) -> str:
    """A letter without the scripts in its name."""
    return re.split(r"[_^]", undressed(name), maxsplit=1)[0]
