r"""Blocks that look at one step of time: ``a = W x_t + U h_{t-1}`` and ``h_t = \tanh(a)``, where a has no time.

What is of an earlier time is given there. Were it the same letter one step before, the a of all times would be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.block_symbols import Key
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import is_shifted, letters_in, script_items
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import TIME_LETTERS, Scope, reachable
from symbackprop.verification.reading.surface import Name, Node, NotRead, Scripted
from symbackprop.verification.reading.symbols import spelled
from symbackprop.verification.terms.nodes import Diff, Entry, Prod, Range, Sum, Term
from symbackprop.verification.terms.walk import walk

_GIVEN = " is given: one step is looked at"
_BESIDE = " is declared beside the member of the next time"
Graph = dict[str, set[str]]


def earlier_members(block: Block, scope: Scope) -> dict[str, tuple[str, Key]]:
    """The members of an earlier time that a block with one step gives: key, its words, and the letter that it is."""
    lines = list(_lines(block, scope))
    graph: Graph = {}
    for left, right in lines:
        graph.setdefault(_spelling(left), set()).update(map(_spelling, references(right)))
    earlier = {_spelling(ref) for _, right in lines for ref in references(right) if _is_earlier(ref)}
    timed = {_spelling(left) for left, _ in lines if _times(left)}
    bridges = [x for x, uses in graph.items() if x not in timed and uses & earlier]
    if not any(x in _reached(name, graph) for x in bridges for name in timed):
        return {}
    words = {_key_name(key): (key, said) for key, said in block.symbols}
    found: dict[str, tuple[str, Key]] = {}
    for name in sorted(earlier):
        now = next((said for key, said in words.items() if _bare(key) == _bare(name)), None)
        key, said = words.get(name) or (name, now[1] if now is not None else "")
        if said:
            found[key] = (said, Key(name))
    return found


def given_words(steps: Mapping[str, tuple[str, Key]]) -> dict[str, str]:
    """What is said of such members under a claim that speaks of them."""
    return {place.name: f"{place.name}{_GIVEN}" for _, place in steps.values()}


def of_other_times(choice: Choice, scope: Scope) -> str:
    """Why a claim that speaks of a further time is not refuted: nothing says how that and the given one go together."""
    given = {_bare(name): name for name, words in scope.supposed.items() if words.endswith(_GIVEN)}
    for side in (choice.claim.left, choice.claim.right) if given else ():
        for entry in (node for node in walk(side) if isinstance(node, Entry) and node.name in given):
            if any(label.name is None for label in entry.labels):
                return (
                    f"{given[entry.name]} is a given number here, and a further time of {entry.name} stands beside it"
                )
    return ""


def given_beside(block: Block) -> dict[str, str]:
    """Members of an earlier time that have keys of their own beside the letter at its time: ``h_t`` and ``h_{t-1}``."""
    nodes = [surface[0].sides[0] for key, _ in block.symbols if not isinstance(surface := read_typed(key), NotRead)]
    now = {_bare(_spelling(node)) for node in nodes if node is not None and _times(node) and not _is_earlier(node)}
    earlier = [_spelling(node) for node in nodes if node is not None and _is_earlier(node)]
    return {name: f"{name}{_BESIDE}" for name in earlier if _bare(name) in now}


def of_one_or_all(choice: Choice, scope: Scope) -> str:
    r"""Why a gradient by weights of all times is not refuted: with a key of its own ``h_{t-1}`` may be a given number.

    A sum over times, in the claim or in what is differentiated, says that all of them are meant.
    """
    given = {_bare(name): name for name, words in scope.supposed.items() if words.endswith(_BESIDE)}
    nodes = [node for side in (choice.claim.left, choice.claim.right) for node in walk(side)] if given else []
    if any(_runs_through(node) for node in nodes):
        return ""
    for node in (node for node in nodes if isinstance(node, Diff) and node.total and not node.by.labels):
        tops = {entry.name for entry in walk(node.body) if isinstance(entry, Entry)}
        reached = tops.union(*(reachable(scope, name) for name in tops))
        if any(d.name in reached and any(map(_runs_through, walk(d.body))) for d in scope.definitions):
            continue
        for name in sorted(reached & set(given)):
            if {name, node.by.name} <= reachable(scope, name):
                return f"{given[name]} has a key of its own: it may be given, or depend on {node.by.name} as well"
    return ""


def _runs_through(node: Term) -> bool:
    return isinstance(node, Sum | Prod) and isinstance(node.over, Range)


def _lines(block: Block, scope: Scope) -> Iterator[tuple[Node, Node]]:
    for latex in block.given:
        surface = read_typed(latex, scope.macros)
        for statement in () if isinstance(surface, NotRead) else surface:
            left, right = statement.sides[0], statement.sides[-1]
            if len(statement.sides) == 2 and isinstance(left, Name | Scripted) and right is not None:
                yield left, right


def _spelling(node: Node) -> str:
    if isinstance(node, Scripted) and isinstance(node.base, Name):
        return spelled(node.base.text, node.subs, node.sups)
    return node.text if isinstance(node, Name) else ""


def _bare(name: str) -> str:
    return re.split(r"[_^]", name, maxsplit=1)[0]


def _key_name(key: str) -> str:
    surface = read_typed(key)
    side = None if isinstance(surface, NotRead) else surface[0].sides[0]
    return _spelling(side) if side is not None else ""


def _times(node: Node) -> set[str]:
    """The letters of time in the scripts of a letter."""
    scripts = (*node.subs, *node.sups) if isinstance(node, Scripted) else ()
    return {x for script in scripts for item in script_items(script) for x in letters_in(item)} & set(TIME_LETTERS)


def _is_earlier(ref: Node) -> bool:
    """Whether the only script of a letter is a time and a step: ``h_{t-1}``."""
    scripts = (*ref.subs, *ref.sups) if isinstance(ref, Scripted) else ()
    items = script_items(scripts[0]) if len(scripts) == 1 else ()
    return len(items) == 1 and is_shifted(items[0]) and bool(_times(ref) - {"T"})


def _reached(name: str, graph: Graph) -> set[str]:
    seen: set[str] = set()
    stack = [name]
    while stack:
        for other in sorted(graph.get(stack.pop(), set()) - seen):
            seen.add(other)
            stack.append(other)
    return seen
