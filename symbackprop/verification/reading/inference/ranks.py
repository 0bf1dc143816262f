"""How many axes each undeclared letter has: the choice under which the formulas of a note fit best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Literal, TypeAlias

from symbackprop.verification.reading.elaborate.occurrences import SPECIAL
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.inference.fitting import Fitter, Shape
from symbackprop.verification.reading.inference.letters import Letter, Usage, called_name, value_of
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS
from symbackprop.verification.reading.shapes import ONE
from symbackprop.verification.reading.surface import Group, Name, Node, Scripted, Statement, Times
from symbackprop.verification.terms.nodes import Axis

Rank: TypeAlias = Literal["scalar", "vector", "row", "matrix"]
_ANY = Axis("∙")
_SHAPES: Mapping[Rank, Shape] = {"scalar": (), "vector": (_ANY,), "row": (ONE, _ANY), "matrix": (_ANY, _ANY)}
#: Price of a rank for a small and for a capital letter, before any formula is looked at: far below a misfit.
_SMALL: Mapping[Rank, float] = {"scalar": 0.0, "vector": 0.1, "row": 0.35, "matrix": 0.5}
_BOLD: Mapping[Rank, float] = {"vector": 0.0, "row": 0.35, "scalar": 0.4, "matrix": 0.6}
_CAPITAL: Mapping[Rank, float] = {"matrix": 0.0, "scalar": 0.3, "row": 0.35, "vector": 0.4}
#: Formulas looked at in all, so that a note of a thousand formulas costs no more than a long one.
#: How much more a misfit in what may be a definition costs than one in a claim.
DEFINES = 5
_MOST_TRIALS = 12_000
_MOST_LOWERED = 8
_MOST_ROUNDS = 24


@dataclass(frozen=True)
class Unknowns:
    """The statements of a part of a note, the shapes of the letters that are known, and what spaces are named."""

    statements: tuple[Statement, ...]
    usage: Usage
    known: Mapping[str, Shape | None]
    space: Callable[[Node], Shape | None]

    def names(self, statement: Statement) -> frozenset[str]:
        """The letters of a statement whose shapes are to be found."""
        return frozenset(letter.name for letter in letters_of(statement, self.usage) if letter.name not in self.known)

    def counts(self) -> dict[str, int]:
        """How many indices each of them carries at most."""
        found: dict[str, int] = {}
        for letter in (letter for statement in self.statements for letter in letters_of(statement, self.usage)):
            if letter.name not in self.known:
                found[letter.name] = max(found.get(letter.name, 0), letter.indices)
        return found


def letters_of(statement: Statement, usage: Usage) -> Iterable[Letter]:
    """The letters of a statement, with the scripts they carry there."""
    nodes: Iterable[Node] = (side for side in statement.sides if side is not None)
    for node in nodes:
        for ref in references(node):
            name = called_name(ref)
            if name in usage.bodies or name in usage.functions:
                yield from (Letter(parameter) for parameter in usage.bodies.get(name, ()))
                if name not in SCALAR_NAMES:
                    yield Letter(value_of(name))
                continue
            letter = usage.letter_of(ref)
            if letter is not None and is_open(ref, letter, usage):
                yield letter


def is_open(ref: Name | Scripted, letter: Letter, usage: Usage) -> bool:
    """Whether a letter is one whose shape may be asked for: no running number, no word, no name of a loss."""
    base = ref.base if isinstance(ref, Scripted) else ref
    if not isinstance(base, Name) or base.upright and len(base.text) > 1 or base.text in SPECIAL - {"V"}:
        return False
    if base.text.startswith("d") and len(base.text) > 1:  # dW is a gradient or a differential
        return False
    counted = letter.name in (*LAYER_LETTERS, *TIME_LETTERS, *"ijkmnN", "e", r"\pi")
    shown = letter.name in usage.bold | usage.indexed
    return (shown or not counted) and letter.name not in SCALAR_NAMES


def find_ranks(unknowns: Unknowns) -> tuple[float, dict[str, Rank]]:
    """The price of the cheapest ranks, and the ranks.

    The letters that a formula defines follow from the rest; the rest is tried one by one, then two by two where they
    stand together. What a capital letter is, the definitions say: a claim may be wrong, and would seem right with
    numbers or rows for matrices.
    """
    search = _Search(unknowns, {})
    best = _best(search, search.starts())
    leading = tuple(statement for statement in unknowns.statements if _may_define(statement))
    first = _Search(replace(unknowns, statements=leading), {})
    _, ranks = _best(first, first.starts())
    firm = {name: ranks[name] for name in first.free if _is_capital(name)}
    if all(best[1].get(name) == rank for name, rank in firm.items()):
        return best
    search = _Search(unknowns, firm)
    near = {name: firm.get(name, best[1].get(name)) or search.options(name)[0] for name in search.free}
    return _best(search, [*search.starts(), near])


def _best(search: _Search, starts: Iterable[Mapping[str, Rank]]) -> tuple[float, dict[str, Rank]]:
    return min((search.descend(start) for start in starts), key=lambda found: found[0])


class _Search:
    """``defining`` are the statements that say what a letter is, in order; the rank of such a letter follows.

    The ranks in ``firm`` are known.
    """

    def __init__(self, unknowns: Unknowns, firm: Mapping[str, Rank]) -> None:
        self.unknowns, self.firm = unknowns, firm
        self.counts = unknowns.counts()
        self.used = [unknowns.names(statement) for statement in unknowns.statements]
        self.ranks: dict[str, Rank | None] = {name: self.options(name)[0] for name in sorted(self.counts)}
        self.defining = self._definitions()
        self.free = [name for name in sorted(self.counts) if name not in self.defining]
        self.touched = {name: self._touched(name) for name in self.free}
        self.defined = {place: name for name, place in self.defining.items()}
        self.met: dict[tuple[object, ...], tuple[int, Rank | None]] = {}
        self.leading = {k for k, statement in enumerate(unknowns.statements) if _may_define(statement)}
        self.trials = 0

    def _definitions(self) -> dict[str, int]:
        """The first statement that defines each letter, whose right side has a shape once the letters have one."""
        found: dict[str, int] = {}
        for place, statement in enumerate(self.unknowns.statements):
            name = self._defined(statement)
            if not name or name in found or name in self._behind(place, found):
                continue
            if self._fitter().of(statement.sides[1]) is not None:
                found[name] = place
        return found

    def _behind(self, place: int, found: Mapping[str, int]) -> set[str]:
        """The letters on the right of a statement, and those that what defines them leads to."""
        reached: set[str] = set()
        stack = [place]
        while stack:
            right = self.unknowns.statements[stack.pop()].sides[1]
            refs = references(right) if right is not None else ()
            letters = {letter.name for ref in refs if (letter := self.unknowns.usage.letter_of(ref)) is not None}
            stack += sorted(found[name] for name in letters - reached if name in found)
            reached |= letters
        return reached

    def _defined(self, statement: Statement) -> str:
        left, right = (*statement.sides[:2], None)[:2]
        if isinstance(left, Times) and statement.relations[:1] in (("=",), (":=",)) and right is not None:
            name = called_name(left.factors[0])
            bare = len(left.factors) == 2 and left.operators == ("",) and isinstance(left.factors[1], Group)
            return value_of(name) if bare and value_of(name) in self.counts else ""
        if statement.relations[:1] not in (("=",), (":=",)) or not isinstance(left, Name | Scripted) or right is None:
            return ""
        letter = self.unknowns.usage.letter_of(left)
        if letter is None or not is_open(left, letter, self.unknowns.usage) or letter.indices or letter.marks:
            return ""
        inside = {self.unknowns.usage.letter_of(ref) for ref in references(right)}
        again = any(other is not None and other.name == letter.name for other in inside)
        return "" if again or letter.name not in self.counts or self.counts[letter.name] else letter.name

    def _touched(self, name: str) -> list[int]:
        """The statements whose fit depends on a letter: with it, or with one that is defined by it."""
        reached = {name}
        for defined, place in self.defining.items():
            reached |= {defined} if self.used[place] & reached else set()
        return [place for place, used in enumerate(self.used) if used & reached]

    def options(self, name: str) -> tuple[Rank, ...]:
        """The ranks that a letter may have, the likeliest first."""
        count = self.counts[name]
        if name in self.firm:
            return (self.firm[name],)
        if count:
            return ("vector",) if count == 1 else ("matrix",) if count == 2 else ("scalar",)
        prices = self.prices(name)
        return tuple(sorted(prices, key=lambda rank: prices[rank]))

    def prices(self, name: str) -> Mapping[Rank, float]:
        if _is_capital(name):
            return _CAPITAL
        return _BOLD if name.partition("_")[0] in self.unknowns.usage.bold else _SMALL

    def starts(self) -> list[dict[str, Rank]]:
        """All small letters as numbers or as vectors, capital ones as matrices."""
        plain = {name: self.options(name)[0] for name in self.free}
        arrays: dict[str, Rank] = {n: "vector" if "vector" in self.options(n)[:2] else r for n, r in plain.items()}
        return [plain, arrays]

    def prior(self, names: Iterable[str]) -> float:
        return sum(self.prices(name)[rank] for name in names if (rank := self.ranks[name]) is not None)

    def _fitter(self, defined: str | None = None, found: Rank | None = None) -> Fitter:
        """Under the present ranks, and under one that was found for the letter that is defined."""
        unknowns = self.unknowns

        def shape_of(letter: Letter) -> Shape | None:
            if letter.name in unknowns.known:
                return _blurred(unknowns.known[letter.name])
            rank = found if letter.name == defined else self.ranks.get(letter.name)
            return None if rank is None else _SHAPES[rank]

        return Fitter(shape_of, lambda a, b: a == b, lambda node: _blurred(unknowns.space(node)), unknowns.usage)

    def price(self, places: Iterable[int]) -> int:
        """What the misfits in some of the statements cost; the letters defined there get their ranks."""
        total = 0
        for place in places:
            price, rank = self._fit(place)
            total += price * (DEFINES if place in self.leading else 1)
            if place in self.defined:
                self.ranks[self.defined[place]] = rank
        return total

    def _fit(self, place: int) -> tuple[int, Rank | None]:
        """The price of one statement and the rank of its right side, under the present ranks of its letters."""
        name = self.defined.get(place)
        key = (place, *(self.ranks[other] for other in sorted(self.used[place]) if other != name))
        if key not in self.met:
            self.trials += 1
            statement = self.unknowns.statements[place]
            fitter = self._fitter()
            rank = _rank(fitter.of(statement.sides[1])) if name is not None else None
            fitter = self._fitter(name, rank)
            fitter.statement(statement)
            self.met[key] = fitter.price, rank
        return self.met[key]

    def descend(self, start: Mapping[str, Rank]) -> tuple[float, dict[str, Rank]]:
        """Better choices for single letters, then for pairs, until there are none."""
        self.ranks |= start
        everywhere = range(len(self.unknowns.statements))
        self.price(everywhere)
        pairs = {
            pair for used in self.used if len(used) <= 8 for pair in combinations(sorted(used & set(self.free)), 2)
        }
        better, rounds = True, 0
        while better and self.trials < _MOST_TRIALS and rounds < _MOST_ROUNDS:
            rounds += 1
            better = sum(self._improved((name,)) for name in self.free) > 0
            better = better or sum(self._improved(pair) for pair in sorted(pairs)) > 0
            better = better or any(self._lowered(place) for place in everywhere)
        price = self.price(everywhere) + self.prior(self.free)
        return price, {name: rank for name, rank in self.ranks.items() if rank is not None}

    def _improved(self, move: tuple[str, ...]) -> bool:
        if self.trials > _MOST_TRIALS:
            return False
        places = sorted({place for name in move for place in self.touched[name]})
        now = tuple(self.ranks[name] for name in move)
        first = self.price(places)
        if len(move) > 1 and not first:
            return False
        best, choice = first + self.prior(move), now
        for tried in product(*(self.options(name) for name in move)):
            self.ranks.update(zip(move, tried, strict=True))
            cost = self.price(places) + self.prior(move) if tried != now else best
            if cost < best:
                best, choice = cost, tried
        self.ranks.update(zip(move, choice, strict=True))
        self.price(places)
        return choice != now

    def _lowered(self, place: int) -> bool:
        """Whether a statement that does not fit calls for three of its letters to be numbers, or rows, together."""
        if not self.price([place]):
            return False
        reaching = [n for n in self.free if place in self.touched[n] and not self.counts[n] and n not in self.firm]
        for three in combinations(reaching[:_MOST_LOWERED], 3):
            places = sorted({other for name in three for other in self.touched[name]})
            now = {name: self.ranks[name] for name in three}
            before = self.price(places) + self.prior(three)
            self.ranks |= {name: "row" if _is_capital(name) else "scalar" for name in three}
            if self.price(places) + self.prior(three) < before:
                return True
            self.ranks |= now
            self.price(places)
        return False


def _rank(shape: Shape | None) -> Rank | None:
    if shape is None or len(shape) > 2:
        return None
    return "row" if len(shape) == 2 and shape[0] == ONE else ("scalar", "vector", "matrix")[len(shape)]


def _may_define(statement: Statement) -> bool:
    """Whether a statement has a letter on its left: it is believed before a claim, which may be wrong."""
    left = statement.sides[0]
    return (
        "∈" in statement.relations or statement.relations[:1] in (("=",), (":=",)) and isinstance(left, Name | Scripted)
    )


def _blurred(shape: Shape | None) -> Shape | None:
    """A shape of which only the rank counts, and which axes have one entry."""
    return None if shape is None else tuple(ONE if axis == ONE else _ANY for axis in shape)


def _is_capital(name: str) -> bool:
    letter = name.lstrip("\\").removeprefix("hat{").removeprefix("tilde{").removeprefix("bar{")
    return letter[:1].isupper()
