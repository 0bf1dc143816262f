r"""Letters written in several signs: ``\delta C_t`` as one letter, ``z_{r,t}`` as a family whose name holds an r.

What a block declares so is one name from here on: a compound by its first letters and its last one, a labelled family
by its letter with the labels; the running number stays as its only script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.elaborate.abbreviations import written_out
from symbackprop.verification.reading.elaborate.author_signs import in_one_spelling
from symbackprop.verification.reading.elaborate.bracket_indices import with_bracket_indices
from symbackprop.verification.reading.elaborate.class_numbers import with_classes
from symbackprop.verification.reading.elaborate.compounds import CHANGES, compound, gradient, merged, written_apart
from symbackprop.verification.reading.elaborate.differentials import without_differentials
from symbackprop.verification.reading.elaborate.layer_letters import with_layers
from symbackprop.verification.reading.elaborate.primed_indices import with_primed_indices
from symbackprop.verification.reading.elaborate.tables import with_entries
from symbackprop.verification.reading.elaborate.upper_indices import with_upper_indices
from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.labels import (
    find_symbol,
    is_shifted,
    is_transpose,
    letters_in,
    plain_affine,
    script_items,
)
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import (
    Name,
    Node,
    NotRead,
    Number,
    Script,
    Scripted,
    Statement,
    Times,
    rebuilt,
)
from symbackprop.verification.reading.symbols import LabelledFamily, Place, alternatives, head_name, plain, undressed

Part = TypeVar("Part")
ARRAYS = ("vector", "matrix", "tensor")


def with_spellings(scope: Scope, symbols: tuple[tuple[str, str], ...], given: tuple[str, ...] = ()) -> Scope:
    r"""The scope that knows which declared letters are compounds, and which are families with labels.

    A compound may also be defined and not declared: ``\delta c_t = \frac{\partial L}{\partial c_t}``.
    """
    compounds = {texts for key, _ in symbols if (texts := _signs(key))}
    heads = {key for key, _ in symbols}
    for latex in given:
        surface = read_typed(latex, scope.macros)
        for statement in () if isinstance(surface, NotRead) else surface:
            made = compound(statement.sides[0]) if statement.relations and statement.sides[0] is not None else None
            if made is not None and set(made[0][:-1]) <= CHANGES - heads:
                compounds.add(made[0])
            apart = gradient(statement, made)
            if apart is not None and "d" not in heads:
                compounds.add(apart)
    families = {family for _, (family, _) in labelled_keys(symbols)}
    return replace(
        scope,
        compounds=tuple(sorted({*scope.compounds, *compounds}, key=lambda texts: (-len(texts), texts))),
        families=tuple(sorted({*scope.families, *families}, key=lambda f: (-len(f.below + f.above), f.name))),
    )


def in_compounds(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with every compound as one letter."""
    return _mapped(statements, Scope(compounds=scope.compounds)) if scope.compounds else statements


def labelled_keys(symbols: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, tuple[LabelledFamily, str]]]:
    """The keys with labels beside a running number, each with its family and the letter of the number."""
    indices = frozenset(key for key, words in symbols if words.strip() == "index")
    letters = array_letters(symbols)
    for key, _ in symbols:
        node = key_node(key)
        found = labelled(node, indices, letters) if node is not None else None
        if found is not None:
            yield key, found


def array_letters(symbols: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Letters that are declared as arrays or by members, so that below another one they are part of its name."""
    found: set[str] = set()
    for key, words in symbols:
        node = key_node(key)
        head = head_name(node) if node is not None else None
        if head is not None and words.strip() != "index" and (isinstance(node, Scripted) or words.startswith(ARRAYS)):
            found.add(head.text)
    return frozenset(found - {key for key, words in symbols if words.strip() == "index"})


def key_node(key: str) -> Node | None:
    """A key under ``symbols`` as the one letter that it is."""
    surface = read_typed(key)
    if isinstance(surface, NotRead) or len(surface) != 1 or surface[0].relations:
        return None
    node = surface[0].sides[0]
    made = compound(node) if node is not None else None
    return made[1] if made is not None else node


def _signs(key: str) -> tuple[str, ...]:
    if key.isalpha():
        return tuple(key) if len(key) > 1 and key.isascii() else ()
    surface = read_typed(key)
    node = None if isinstance(surface, NotRead) else surface[0].sides[0]
    made = compound(node) if node is not None else None
    return written_apart(made[0]) if made is not None else ()


def labelled(node: Node, indices: frozenset[str], letters: frozenset[str]) -> tuple[LabelledFamily, str] | None:
    """The family that a key with labels beside one running number declares, and the letter of that number.

    ``indices`` are declared to be running, ``letters`` are declared to be something else.
    """
    if not isinstance(node, Scripted) or not isinstance(node.base, Name):
        return None
    if (inner := _number_in_label(node)) is not None:
        label, letter = inner
        return LabelledFamily(node.base.text + "'" * node.primes, (spell(label),), (), "sub"), letter
    if node.primes:
        return None
    indices = indices | _running(node)
    below, above = _items(node.subs), tuple(item for script in node.sups for item in script_items(script))
    running: list[tuple[Node, Place]] = [(item, "sub") for item in below if _runs(item, indices)]
    running += [(item, "sup") for item in above if _runs(item, indices)]
    labels = [item for item in (*below, *above) if not _runs(item, indices)]
    if len(running) != 1 or not labels or not all(_is_label(item, letters) for item in labels):
        return None
    number, place = running[0]
    low, high = (tuple(spell(item) for item in items if not _runs(item, indices)) for items in (below, above))
    return LabelledFamily(node.base.text, low, high, place), letters_in(number)[0]


def _number_in_label(node: Scripted) -> tuple[Name, str] | None:
    """The label and the number of ``v_{n_i}``, where the number stands below the label."""
    only = node.subs[0].items if len(node.subs) == 1 and not node.sups else ()
    label = only[0] if len(only) == 1 else None
    if not isinstance(label, Scripted) or not isinstance(label.base, Name) or label.sups or len(label.subs) != 1:
        return None
    number = label.subs[0].items[0] if len(label.subs[0].items) == 1 else None
    usual = isinstance(number, Name) and number.text in (*INDEX_LETTERS, *LAYER_LETTERS, *TIME_LETTERS)
    return (label.base, number.text) if isinstance(number, Name) and usual else None


def _running(node: Scripted) -> frozenset[str]:
    """The letters of a key that can only be running: shifted, in brackets above, or a time set apart by a comma."""
    items = (*_items(node.subs), *_items(node.sups))
    found = {letter for item in items if is_shifted(item) for letter in letters_in(item)}
    found |= {x for script in node.sups if script.bracket for item in _items((script,)) for x in letters_in(item)}
    apart = any("," in script.raw for script in node.subs)
    return frozenset(found | ({"t"} if apart else set()))


def respelled(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with every compound and every member of a labelled family as one letter."""
    statements = with_bracket_indices(written_out(statements, scope), scope)
    statements = with_upper_indices(with_classes(with_primed_indices(statements, scope), scope), scope)
    statements = with_layers(with_entries(statements, scope), scope)
    statements = in_one_spelling(without_differentials(statements, scope), scope)
    numbered = bool(scope.running) or any(s.kind == "index" for s in scope.symbols.values())
    if not (scope.compounds or scope.families or numbered):
        return statements
    return _mapped(statements, scope)


def _mapped(part: Part, scope: Scope) -> Part:
    made: object = part
    if isinstance(part, Scripted):
        made = _member(part, scope) or part
    elif isinstance(part, Times):
        made = merged(part, scope.compounds)
        made = (_member(made, scope) or made) if isinstance(made, Scripted) else made
    return rebuilt(made, lambda inner: _mapped(inner, scope))  # type: ignore[return-value]


def _member(node: Scripted, scope: Scope) -> Scripted | None:
    """A member of a labelled family under the family's name, the labels in any order and in any brackets."""
    if not isinstance(node.base, Name):
        return None
    spellings = alternatives(node.base.text)
    primed = tuple(spelling + "'" * node.primes for spelling in spellings)
    for family in scope.families:
        read = (_below if family.place == "sub" else _above)(node, family, scope)
        if family.base in (*spellings, *primed) and read is not None:
            subs, sups = read
            primes = 0 if family.base in primed else node.primes
            return replace(node, base=Name(family.name, node.base.span), subs=subs, sups=sups, primes=primes)
    return _undeclared(node, scope) if not node.primes else None


def _undeclared(node: Scripted, scope: Scope) -> Scripted | None:
    r"""A letter with labels that nothing declares: ``\delta_{a,t}`` with a declared t is a family of its own.

    So is ``\delta^h_t`` beside a declared family ``h_t``: an array is no power. And ``\delta^c_t`` beside ``C_t``.
    """
    assert isinstance(node.base, Name)
    indices = frozenset(name for name, symbol in scope.symbols.items() if symbol.kind == "index")
    arrays = frozenset(s.name for s in scope.symbols.values() if s.kind == "quantity" and s.declared and s.axes)
    small = frozenset(s.name.lower() for s in scope.symbols.values() if s.labels and s.declared and len(s.name) == 1)
    small -= scope.symbols.keys()
    arrays |= small
    above = frozenset(letter for script in node.sups for letter in _letters(script))
    indices = indices or (scope.running if above and above <= arrays else indices)
    if not indices or node.base.text == "e" or _is_explained(node, node.base.text, scope):
        return None
    letters = (
        frozenset(undressed(_bare(name)) for name, symbol in scope.symbols.items() if symbol.kind == "quantity") | small
    )
    plain_above = all(script.bracket for script in node.sups if set(_letters(script)) & indices)
    found = labelled(node, indices, letters - indices) if plain_above else None
    read = (_below if found[0].place == "sub" else _above)(node, found[0], scope) if found is not None else None
    if found is None or read is None:
        return None
    return replace(node, base=Name(found[0].name, node.base.span), subs=read[0], sups=read[1])


def _is_explained(node: Scripted, base: str, scope: Scope) -> bool:
    """Whether a letter is declared that the scripts fit: its first number is one."""
    symbol, below, _ = find_symbol(base, node.subs, node.sups, scope)
    items = _items(node.subs[below:])
    return symbol is not None and not (
        symbol.labels and symbol.place == "sub" and items and not _numbers(items[0], scope)
    )


def _letters(script: Script) -> tuple[str, ...]:
    return tuple(letter for item in _items((script,)) for letter in letters_in(item))


def _bare(name: str) -> str:
    """A letter without the scripts in its name."""
    return re.split(r"[_^]", name, maxsplit=1)[0]


Scripts = tuple[tuple[Script, ...], tuple[Script, ...]]


def _below(node: Scripted, family: LabelledFamily, scope: Scope) -> Scripts | None:
    """The scripts without the labels where the number stands below."""
    rest = _rest(_items(node.subs), family.below)
    if not rest or not _numbers(rest[0], scope):
        return None
    sups = list(node.sups)
    if family.above:
        holding = [script for script in sups if _rest(_items((script,)), family.above) == []]
        if not holding:
            return None
        sups.remove(holding[0])
    return (_script(node.subs[0], *rest),), tuple(sups)


def _above(node: Scripted, family: LabelledFamily, scope: Scope) -> Scripts | None:
    """The scripts without the labels where the number stands above."""
    rest = _rest(_items(node.subs), family.below)
    first = node.sups[0] if node.sups else None
    if rest is None or first is None or is_transpose(first):
        return None
    number = _rest(_items((first,)), family.above)
    sups = node.sups[1:]
    if number == [] and sups:  # the label in a script of its own
        first, sups = sups[0], sups[1:]
        number = list(_items((first,)))
    if not number or len(number) > 1 or not _numbers(number[0], scope):
        return None
    subs = (_script(node.subs[0], *rest),) if rest else ()
    return subs, (_script(first, *number), *sups)


def _script(old: Script, *items: Node) -> Script:
    return replace(old, items=items, raw=",".join(spell(item) for item in items))


def _numbers(item: Node, scope: Scope) -> bool:
    """Whether an item of a script may number the members: no letter that is a quantity."""
    letters = letters_in(item)
    return isinstance(item, Number) or bool(letters) and all(_is_index(letter, scope) for letter in letters)


def _is_index(letter: str, scope: Scope) -> bool:
    symbol = scope.find(letter)
    if symbol is not None:
        return symbol.kind in ("index", "size")
    return letter in INDEX_LETTERS or letter in (*LAYER_LETTERS, *TIME_LETTERS, *scope.running)


def _rest(items: tuple[Node, ...], labels: tuple[str, ...]) -> list[Node] | None:
    """The items without the labels, or ``None`` where one of these is missing or they stand in another order."""
    rest: list[Node] = []
    waiting = list(labels)
    for item in items:
        if waiting and spell(item) == waiting[0]:
            waiting.pop(0)
        else:
            rest.append(item)
    return None if waiting else rest


def _items(scripts: tuple[Script, ...]) -> tuple[Node, ...]:
    return tuple(part for script in scripts for item in script_items(script) for part in _flat(item))


def _flat(item: Node) -> Iterator[Node]:
    r"""``z_{h,t}`` inside a script is three items, as is a product in it."""
    if isinstance(item, Scripted) and isinstance(item.base, Name) and not item.primes:
        yield item.base
        for script in (*item.subs, *item.sups):
            for inner in script_items(script):
                yield from _flat(inner)
    elif isinstance(item, Times) and not any(item.operators):
        for factor in item.factors:
            yield from _flat(factor)
    else:
        yield item


def _runs(item: Node, indices: frozenset[str]) -> bool:
    letters = letters_in(item)
    return (
        bool(letters) and all(letter in indices for letter in letters) and (isinstance(item, Name) or is_shifted(item))
    )


def _is_label(item: Node, letters: frozenset[str]) -> bool:
    """A word, a sign, a letter that nobody takes for an index, or one that is declared to be something else."""
    if not isinstance(item, Name):
        return False
    return item.upright or item.text not in INDEX_LETTERS or item.text in letters


def spell(node: Node) -> str:
    """An item of a script as text, without spaces and dress."""
    if isinstance(node, Name):
        return plain(node.text)
    if isinstance(node, Number):
        return str(node.value)
    return str(plain_affine(node)).replace(" ", "")
