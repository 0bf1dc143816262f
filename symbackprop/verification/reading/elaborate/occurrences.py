"""Every letter of a formula that nothing explains yet, with all that the formula shows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from symbackprop.verification.reading.elaborate.walk import bound_letter, every, references
from symbackprop.verification.reading.labels import find_symbol, is_jacobian, letters_in, power_of_square, script_items
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import Big, Comparison, Group, Name, Node, Scripted, Times
from symbackprop.verification.reading.symbols import alternatives, head_name, known_function, plain, spelled
from symbackprop.verification.terms.walk import free_symbols

# Names with a meaning of their own, unless they are declared.
SPECIAL = frozenset(
    [
        r"E",
        r"\mathbb{E}",
        r"\mathbf{E}",
        r"\mathrm{E}",
        r"Var",
        r"var",
        r"\mathbb{V}",
        r"V",
        r"Cov",
        r"cov",
        r"diag",
        r"Diag",
        r"tr",
        r"Tr",
        r"trace",
        r"max",
        r"min",
        r"sum",
        r"mean",
        r"concat",
        r"Concat",
        r"concatenate",
        r"cat",
        r"\mathbf{1}",
        r"\mathbf{0}",
        r"\vec{0}",
        r"\mathbb{0}",
        r"\mathbb{1}",
        r"1",
        r"I",
        r"\mathbf{I}",
        r"\mathbb{I}",
        r"\pi",
        r"e",
        r"\mathrm{e}",
        r"vec",
        r"det",
        r"\infty",
        r"sup",
        r"inf",
        r"argmax",
        r"argmin",
        r"otherwise",
        r"and",
        r"with",
        r"if",
        r"for",
        r"softmax",
    ]
)
# These have a meaning of their own only before brackets.
LETTERS_TOO = frozenset({"E", "V", "I", "1"})


@dataclass
class Occurrences:
    """Everything that a formula shows of one undeclared letter."""

    name: str
    calls: list[Group] = field(default_factory=list)
    primed: bool = False
    bare: int = 0
    scripted: list[Scripted] = field(default_factory=list)


def calls(times: Times) -> Iterator[tuple[Node, Group]]:
    """The factors with a bracket right behind them, and the brackets."""
    for k, operator in enumerate(times.operators):
        follower = times.factors[k + 1]
        group = follower.base if isinstance(follower, Scripted) else follower
        if operator == "" and isinstance(group, Group):
            yield times.factors[k], group


def collect(nodes: tuple[Node, ...], scope: Scope, indices: set[str]) -> Mapping[str, Occurrences]:
    """The open letters by the name they are to be kept under, in the order met."""
    collector = _Collector(nodes, scope, indices)
    for node in nodes:
        collector.walk(node)
    return _in_one_font(collector.found)


def _in_one_font(found: dict[str, Occurrences]) -> dict[str, Occurrences]:
    r"""The open letters without the entries of others: ``x_i`` beside a bold ``\mathbf{x}`` that has no index."""
    kept = dict(found)
    for name, seen in found.items():
        plain_ones = [o for o in alternatives(name) if o in found and not _is_bold(o)] if _is_bold(name) else []
        entries = found[plain_ones[0]] if plain_ones else Occurrences("")
        alone = seen.bare and not (seen.scripted or seen.calls or entries.bare or entries.calls)
        if alone and entries.scripted and all(map(_is_entry, entries.scripted)):
            kept.pop(entries.name, None)
    return kept


def _is_bold(name: str) -> bool:
    return any(dress in name for dress in (r"\mathbf{", r"\vec{"))


def _is_entry(ref: Scripted) -> bool:
    """Whether a letter has as many indices below as its kind has axes: a small one one, a capital two."""
    name = head_name(ref)
    letter = re.sub(r"\\(hat|tilde|bar)|[{}\\]", "", name.text) if name is not None else ""
    items = [item for script in ref.subs for item in script_items(script)]
    running = {x for item in items for x in letters_in(item)} & {*LAYER_LETTERS, *TIME_LETTERS}
    return len(items) == (1 if letter[:1].islower() else 2) and not running and not ref.primes


class _Collector:
    """Gathers the occurrences node by node."""

    def __init__(self, nodes: tuple[Node, ...], scope: Scope, indices: set[str]) -> None:
        self.scope, self.indices = scope, indices
        self.found: dict[str, Occurrences] = {}
        self.ends = last_summed(nodes, scope)
        self.numbered = _numbered(nodes, scope)
        self.bare = {node.text for node in nodes if isinstance(node, Name)}
        products = [part for node in nodes for part in every(node) if isinstance(part, Times)]
        self.called = {id(factor): group for part in products for factor, group in calls(part)}
        heads = (head_name(factor) for part in products for factor, _ in calls(part))
        self.before_brackets = {head.text for head in heads if head is not None}

    def walk(self, node: Node) -> None:
        bounds = [part for big in every(node) if isinstance(big, Big) and bound_letter(big) for part in big.lower]
        inside = {id(part.left) for part in bounds if isinstance(part, Comparison)} | self._numbers(node)
        for ref in references(node):
            name = head_name(ref)
            if name is not None and id(ref) not in inside and not self._explained(ref, name):
                self._add(ref, name)

    def _numbers(self, node: Node) -> set[int]:
        r"""The letters of ``l = L - 1, \dots, 1`` beside a formula, which number members as the l of it does."""
        names = [ref for ref in references(node) if isinstance(ref, Name)]
        if (
            not isinstance(node, Comparison | Name)
            or not (self.bare | {name.text for name in names}) & self.scope.running
        ):
            return set()
        return {id(name) for name in names if name.text in (*self.scope.running, self.scope.last)}

    def _explained(self, ref: Name | Scripted, name: Name) -> bool:
        if isinstance(ref, Scripted) and id(ref) in self.called and is_jacobian(ref):
            return find_symbol(name.text, ref.subs, (), self.scope)[0] is None
        if isinstance(ref, Scripted) and ref.primes:
            primed = find_symbol(name.text + "'" * ref.primes, ref.subs, ref.sups, self.scope)[0]
            if primed is not None and primed.name.startswith(name.text + "'"):
                return True
        if name.text in self.numbered and numbered_key(ref):
            return numbered_key(ref) in self.scope.symbols
        return not self._is_primed_letter(ref, name) and self._settled(ref, name)

    def _settled(self, ref: Name | Scripted, name: Name) -> bool:
        numbered = name.text == r"\pi" and isinstance(ref, Scripted) and bool(ref.subs)  # \pi_k is no constant
        if name.text in SPECIAL - LETTERS_TOO and not numbered or known_function(name.text):
            return True
        if isinstance(ref, Scripted):
            if power_of_square(ref, self.scope) is not None:
                return True
            symbol = self.scope.find(name.text)
            shaped = symbol is None or symbol.kind != "quantity" or symbol.axes is not None
            return shaped and find_symbol(name.text, ref.subs, ref.sups, self.scope)[0] is not None
        if self.scope.knows(name.text) or name.text in self.indices or name.text in self.ends:
            return True
        return name.upright and len(name.text) > 12

    def _is_primed_letter(self, ref: Name | Scripted, name: Name) -> bool:
        """A prime on what is no function is part of the name."""
        if not isinstance(ref, Scripted) or not ref.primes or id(ref) in self.called:
            return False
        symbol = self.scope.find(name.text)
        function = symbol is not None and symbol.kind == "function" or name.text in self.scope.bodies
        return not function and name.text not in self.before_brackets and not known_function(name.text)

    def _add(self, ref: Name | Scripted, name: Name) -> None:
        key = numbered_key(ref) if name.text in self.numbered else ""
        if isinstance(ref, Scripted) and key:
            self._plain(key, replace(ref, sups=ref.sups[1:]))
        elif isinstance(ref, Scripted) and self._is_primed_letter(ref, name):
            self._plain(name.text + "'" * ref.primes, ref)
        elif isinstance(ref, Scripted) and id(ref) in self.called and self._names_a_function(ref):
            self._seen(spelled(name.text, ref.subs, ())).calls.append(self.called[id(ref)])
        else:
            self._usual(ref, name)

    def _plain(self, key: str, ref: Scripted) -> None:
        seen = self._seen(key)
        if ref.subs:
            seen.scripted.append(ref)
        else:
            seen.bare += 1

    def _usual(self, ref: Name | Scripted, name: Name) -> None:
        seen = self._seen(name.text)
        if isinstance(ref, Scripted):
            seen.primed = seen.primed or ref.primes > 0
            if ref.subs or ref.sups:
                seen.scripted.append(ref)
        if id(ref) in self.called:
            seen.calls.append(self.called[id(ref)])
        elif isinstance(ref, Name):
            seen.bare += 1

    def _seen(self, key: str) -> Occurrences:
        return self.found.setdefault(key, Occurrences(key))

    def _names_a_function(self, ref: Scripted) -> bool:
        r"""Whether a subscript is part of a function's name: the parameters of ``h_\theta(x)``."""
        letters = [x for script in ref.subs for item in script_items(script) for x in letters_in(item)]
        labels = (*LAYER_LETTERS, *TIME_LETTERS, *self.scope.running)
        return bool(letters) and not any(x in self.indices or x in labels for x in letters)


def last_summed(nodes: tuple[Node, ...], scope: Scope) -> frozenset[str]:
    """The last number of members, where a sum here or in a definition runs up to it: then it is no quantity."""
    if scope.last is None or scope.knows(scope.last):
        return frozenset()
    uppers = {big.upper.text for n in nodes for big in every(n) if isinstance(big, Big) and isinstance(big.upper, Name)}
    summed = scope.last in uppers or any(scope.last in free_symbols(d.body) for d in scope.definitions)
    return frozenset({scope.last}) if summed else frozenset()


def numbered_key(ref: Name | Scripted) -> str:
    """The key of a letter whose first superscript is a bare number: ``a^0``, ``w^{10}``; else an empty one."""
    if not isinstance(ref, Scripted) or not isinstance(ref.base, Name) or not ref.sups or ref.sups[0].bracket:
        return ""
    return spelled(ref.base.text, (), ref.sups[:1]) if plain(ref.sups[0].raw).isdigit() else ""


def _numbered(nodes: tuple[Node, ...], scope: Scope) -> set[str]:
    """Letters whose bare superscript numbers are layers: nobody writes a 0 or 1 as a power, nor ``w^{21}_j``."""
    found: set[str] = set()
    bare: set[str] = set()
    for node in nodes:
        for ref in references(node):
            name = head_name(ref)
            if isinstance(ref, Name):
                bare.add(ref.text)
            if name is None or not isinstance(ref, Scripted) or not numbered_key(ref):
                continue
            raw = plain(ref.sups[0].raw)
            pair = len(raw) == 2 and int(raw[0]) == int(raw[1]) + 1
            known = any(
                symbol.startswith(name.text + "^{") and symbol[len(name.text) + 2 : -1].isdigit()
                for symbol in scope.symbols
            )
            if raw in ("0", "1") or pair or known or scope.notation == "backward_epsilon":
                found.add(name.text)
    families = {
        name
        for name in found
        if (s := scope.find(name)) is not None and s.kind == "quantity" and (s.labels or s.declared)
    }
    return found - families - (bare if scope.notation != "backward_epsilon" else set())
