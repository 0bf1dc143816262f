"""Everything decided so far about the letters of a note; frozen, every decision makes a new scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from symbackprop.verification.reading.composites import is_made, part_name, parts_of, whole_name
from symbackprop.verification.reading.surface import Comparison, Node, Times
from symbackprop.verification.reading.symbols import LabelledFamily, Layers, Symbol, Table, alternatives, look_alikes
from symbackprop.verification.terms.context import Context, Definition, Family, Tensor
from symbackprop.verification.terms.counting import Counting
from symbackprop.verification.terms.nodes import Axis, Entry, Relation
from symbackprop.verification.terms.walk import entry_names, walk

Layout: TypeAlias = Literal["", "shape", "numerator", "denominator"]
Assumption: TypeAlias = tuple[tuple[tuple[str, Axis], ...], Relation]

LAYER_LETTERS = ("l", "L")
TIME_LETTERS = ("t", "T", r"\tau")
LAST = {"L": "l", "T": "t"}


@dataclass(frozen=True)
class FunctionBody:
    """``name(parameters) := body``, as written."""

    name: str
    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True)
class Scope:
    r"""The letters with their meaning and why, what is defined, and the conventions of the note.

    ``head`` is the first side of a chain that goes on in the next formula. ``running`` are the letters that number
    layers or times, ``first`` the lowest number that has a definition, ``last`` the letter of the highest. ``soft``
    names letters whose definition comes from a preset and gives way to one of the note; ``problems`` says what of a
    comment block was not understood. ``conditions`` are those of the note
    itself, as written and as read. ``firm`` names letters that a block defines, ``declared`` those
    it declares; ``tainted`` ones, with the reason, have a
    definition that was not understood, so nothing that leads to them can be judged; ``doubted`` ones stand in a line of
    a block that was not understood, so nothing that leads to them is refuted. ``counting`` says how the
    layers are numbered, ``writes_sums`` whether the note writes its sums out; ``narrow`` are axes that have one
    entry only (a single output). ``costs`` are the usual costs, as written and as defined, where a notation is named
    and no network; the first is in force until the note defines its own. ``supposed`` says in words what is taken of a
    letter that a block leaves open (an unknown cost, the sign of a root). ``compounds`` are declared letters of several
    signs (``\delta C``), ``families`` those with labels beside their running number, the longest first. ``arguments``
    are the letters that stand in brackets behind a quantity where it is defined: ``\zeta(x) = …``.
    ``beside`` is what is assumed of the numbers of members and entries; ``tables`` are arrays written as functions;
    ``layers`` says where index letters tell layers apart; ``counting_letters`` are those of which the note says which
    member or entry they mean (``k = 1``); ``earlier`` are defined in a section above and not in this one;
    ``abbreviations`` are expressions that stand for others.
    """

    symbols: Mapping[str, Symbol] = field(default_factory=lambda: MappingProxyType({}))
    definitions: tuple[Definition, ...] = ()
    bodies: Mapping[str, FunctionBody] = field(default_factory=lambda: MappingProxyType({}))
    running: frozenset[str] = frozenset()
    first: int = 1
    last: str | None = None
    assumptions: tuple[Assumption, ...] = ()
    conditions: tuple[tuple[str, Assumption], ...] = ()
    words: tuple[str, ...] = ()
    layout: Layout = ""
    head: Node | None = None
    macros: Mapping[str, tuple[int, str]] = field(default_factory=lambda: MappingProxyType({}))
    notation: str = ""
    soft: frozenset[str] = frozenset()
    firm: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    tainted: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    doubted: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[str, ...] = ()
    counting: Counting = Counting()
    narrow: frozenset[Axis] = frozenset()
    writes_sums: bool = False
    costs: tuple[tuple[str, Definition], ...] = ()
    supposed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    compounds: tuple[tuple[str, ...], ...] = ()
    families: tuple[LabelledFamily, ...] = ()
    arguments: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    beside: tuple[Comparison, ...] = ()
    tables: tuple[Table, ...] = ()
    layers: Layers = Layers()
    counting_letters: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()
    abbreviations: tuple[tuple[Times, Node], ...] = ()

    @classmethod
    def empty(cls, macros: Mapping[str, tuple[int, str]] | None = None) -> Scope:
        """A scope that knows nothing but the author's own macros."""
        return cls(macros=MappingProxyType(dict(macros or {})))

    def find(self, name: str) -> Symbol | None:
        """The symbol of this spelling, or of the same letter in bold or plain."""
        for spelling in self.spellings(name):
            if spelling in self.symbols:
                return self.symbols[spelling]
        return None

    def spellings(self, base: str) -> tuple[str, ...]:
        """The ways to write a letter, the one that is declared among letters that look alike included."""
        others = [
            other
            for other in look_alikes(base)
            if any(key == other or key.startswith((other + "^", other + "_")) for key in self.declared)
        ]
        return (*alternatives(base), *others)

    def knows(self, name: str) -> bool:
        return self.find(name) is not None

    def defined(self, name: str) -> bool:
        return name in self.bodies or any(whole_name(d.name) == name for d in self.definitions)

    def with_symbol(self, symbol: Symbol) -> Scope:
        symbols = {**self.symbols, symbol.name: symbol}
        running = self.running | frozenset(symbol.labels)
        last = self.last
        if symbol.labels and last is None:
            last = next((top for top, low in LAST.items() if low in symbol.labels), None)
        return replace(self, symbols=MappingProxyType(symbols), running=running, last=last)

    def with_definition(self, definition: Definition) -> Scope:
        """Add a definition; one for a single number stands before one for every member."""
        soft = definition.name in self.soft
        rest = tuple(
            d for d in self.definitions if d.name != definition.name or not soft and d.labels != definition.labels
        )
        numbered = definition.labels and all(label.symbols <= {self.last} for label in definition.labels)
        if soft and numbered:
            rest = tuple(d for d in self.definitions if d.name != definition.name or d.labels != definition.labels)
            return replace(self, definitions=(definition, *rest))
        definitions = (definition, *rest) if numbered else (*rest, definition)
        supposed = {name: words for name, words in self.supposed.items() if name != definition.name}
        name = {definition.name}
        return replace(
            self, definitions=definitions, soft=self.soft - name, supposed=supposed, earlier=self.earlier - name
        )

    def with_body(self, body: FunctionBody) -> Scope:
        return replace(self, bodies=MappingProxyType({**self.bodies, body.name: body}))

    def without(self, name: str) -> Scope:
        """Forget the definitions of a letter."""
        bodies = {k: body for k, body in self.bodies.items() if k != name}
        definitions = tuple(d for d in self.definitions if d.name != name)
        return replace(self, definitions=definitions, bodies=bodies)

    def without_soft(self) -> Scope:
        """Forget the definitions of a preset that another one replaces."""
        kept = tuple(d for d in self.definitions if d.name not in self.soft)
        return replace(self, definitions=kept, soft=frozenset())

    def reused(self, name: str) -> Scope:
        """Forget a letter that the note starts to use for something else, and distrust what was defined with it."""
        stale = sorted({d.name for d in self.definitions if name in reachable(self, d.name)} - {name})
        scope = self.without(name)
        for other in stale:
            scope = scope.without(other).with_taint(other, f"{name} stands for something else by now")
        opened = set(stale) - self.declared
        symbols = {k: _opened(s) if k in opened else s for k, s in scope.symbols.items() if k != name}
        kept = (condition for condition in scope.conditions if not _speaks_of(condition[1][1], name))
        return replace(scope, symbols=symbols, conditions=tuple(kept))

    def redefined(self, name: str) -> Scope:
        """Forget the definitions of a letter that the note defines anew, and its shape where no block declares it."""
        symbol = self.symbols.get(name)
        if symbol is None or name in self.declared:
            return self.without(name)
        return self.reused(name).with_symbol(_opened(symbol))

    def with_taint(self, name: str, reason: str, member: str = "") -> Scope:
        """Distrust a letter, or one member of its family, until it is defined again."""
        return replace(self, tainted={**self.tainted, (name, member): reason})

    def cleared(self, name: str, member: str = "") -> Scope:
        """Trust a letter, or one member of its family, that is defined again; a stale definition is gone by then."""
        gone = ((name, member), (name, ""))
        doubted = {k: reason for k, reason in self.doubted.items() if k != name or member}
        return replace(self, tainted={k: r for k, r in self.tainted.items() if k not in gone}, doubted=doubted)

    def with_doubt(self, name: str, reason: str) -> Scope:
        """Refute nothing about a letter of which a line was not understood."""
        return replace(self, doubted={**self.doubted, name: reason})

    def stated(self, name: str) -> Scope:
        """The note itself says what a preset supposes of a letter: if it is the cost, no other one is meant."""
        return replace(self, costs=()) if self.costs and self.costs[0][1].name == name else self

    def with_words(self, *words: str) -> Scope:
        return replace(self, words=tuple(dict.fromkeys(self.words + words)))

    def context(self, words: tuple[str, ...] = ()) -> Context:
        """What a claim is judged against."""
        found = (_tensor(s) for _, s in sorted(self.symbols.items()) if s.kind == "quantity")
        tensors = {part.name: part for tensor in found for part in _parts(tensor)}
        unknown = frozenset(s.name for s in self.symbols.values() if s.kind == "function" and not s.function)
        family = Family(self.running, self.last, self.first, self.counting)
        return Context(tensors, self.definitions, unknown, family, self.assumptions, words)


def _speaks_of(relation: Relation, name: str) -> bool:
    """Whether a relation is about a letter, and not only about its first members (``v_0 = 0``)."""
    found = (part for side in (relation.left, relation.right) for part in walk(side) if isinstance(part, Entry))
    return any(e.name == name and not (e.labels and all(x.number is not None for x in e.labels)) for e in found)


def _opened(symbol: Symbol) -> Symbol:
    """The symbol as a guess; its next definition gives it a shape."""
    return replace(symbol, declared=False, axes=symbol.axes if symbol.labels else ())


def _tensor(symbol: Symbol) -> Tensor:
    axes = (*(symbol.axes or ()), *(axis for _, axis in symbol.fixed))
    law, matrices = symbol.law, (symbol.inverse_of, symbol.determinant_of)
    return Tensor(symbol.name, axes, symbol.labels, symbol.mean, symbol.variance, matrices[0], law, matrices[1])


def _parts(tensor: Tensor) -> Iterator[Tensor]:
    """The letters that a tensor is in terms: itself, or one a part where an axis is made of others."""
    if not is_made(tensor.axes):
        yield tensor
        return
    for part in parts_of(tensor.axes):
        yield replace(tensor, name=part_name(tensor.name, part.numbers), axes=part.axes)


def mentions(scope: Scope, name: str) -> set[str]:
    symbol = scope.symbols.get(name)
    matrix = (symbol.inverse_of or symbol.determinant_of) if symbol is not None else None
    found: set[str] = {matrix} if matrix is not None else set()
    for definition in scope.definitions:
        if definition.name == name:
            found |= entry_names(definition.body)
    return found


def unknown_cost(letter: str) -> str:
    """The name of the unknown function that a cost is taken as, which no author writes."""
    return rf"\ell of {letter}"


def reachable(scope: Scope, name: str) -> set[str]:
    """Every letter that the definitions of ``name`` lead to."""
    seen: set[str] = set()
    stack = [name]
    while stack:
        for other in sorted(mentions(scope, stack.pop()) - seen):
            seen.add(other)
            stack.append(other)
    return seen
