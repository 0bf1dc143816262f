"""Which axes of the letters of a note have one size: what is added, equated or contracted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from symbackprop.verification.reading.elaborate.axes import Placeholders, uses
from symbackprop.verification.reading.elaborate.usage import with_sizes
from symbackprop.verification.reading.inference.fitting import Fitter, Shape
from symbackprop.verification.reading.inference.letters import SAMPLE, Letter, value_of
from symbackprop.verification.reading.inference.ranks import Rank, Unknowns, letters_of
from symbackprop.verification.reading.scope import LAYER_LETTERS, Scope
from symbackprop.verification.reading.shapes import ONE
from symbackprop.verification.reading.surface import Name, Scripted, Statement
from symbackprop.verification.reading.symbols import AS_USED, Symbol
from symbackprop.verification.terms.nodes import Axis
from symbackprop.verification.terms.walk import axis_at

_AXES: Mapping[Rank, int] = {"scalar": 0, "vector": 1, "row": 1, "matrix": 2}
_WORDS: Mapping[Rank, str] = {"vector": "a vector", "row": "a row", "matrix": "a matrix", "scalar": "a number"}


def symbols_of(unknowns: Unknowns, ranks: Mapping[str, Rank], scope: Scope) -> list[Symbol]:
    """The letters that are arrays, each with its axes."""
    opened = {name: _symbol(letter, ranks[name]) for name, letter in _first(unknowns).items() if name in ranks}
    there = with_sizes(tuple(x for s in unknowns.statements for x in s.sides if x is not None), scope)
    for symbol in opened.values():
        there = there.with_symbol(symbol)
    solver = Placeholders()
    _join_samples(opened, solver)
    settled: set[str] = set()
    for statement in sorted(unknowns.statements, key=_weight):
        names = {letter.name for letter in letters_of(statement, unknowns.usage)}
        if _weight(statement) < 2 or not names <= settled:
            settled |= names if _weight(statement) or _names_a_space(statement, unknowns) else set()
            Fitter(_shapes(opened, unknowns.known), _joining(solver), unknowns.space, unknowns.usage).statement(
                statement
            )
            _share_indices(statement, there, solver)
    made = []
    alone = _used_whole(unknowns, opened)
    names = {f"{base}_{{{letter}}}" for base, letter in unknowns.usage.lone}
    called = {body.partition("_")[0] for body in unknowns.usage.bodies if "_" in body}  # h beside h_\theta(x)
    for symbol in opened.values():
        shown = symbol.axes and symbol.name in alone or symbol.name in names
        if shown and symbol.name not in called and not symbol.name.endswith(value_of(" ")[1:]):
            made.append(_settled(symbol, solver))
    return made


def _join_samples(opened: Mapping[str, Symbol], solver: Placeholders) -> None:
    """A letter alone is one of its samples: x is of the shape of ``x^{(i)}``."""
    for symbol in opened.values():
        alone = (
            opened.get(symbol.name.removesuffix(f"^{SAMPLE}").removesuffix(f"_{SAMPLE}")) if symbol.leading else None
        )
        own = (symbol.axes or ())[1:]
        if alone is not None and alone is not symbol and len(alone.axes or ()) == len(own):
            for left, right in zip(own, alone.axes or (), strict=True):
                solver.unify(left, right)


def _share_indices(statement: Statement, scope: Scope, solver: Placeholders) -> None:
    """One index letter runs over one axis: over that of y and of t in ``\\sum_i t_i \\log y_i``."""
    join = _joining(solver)
    classes: dict[tuple[int, str], Axis] = {}
    for side in (side for side in statement.sides if side is not None):
        for key, axis in uses(side, scope, {}):
            join(classes.setdefault(key, axis), axis)


def _names_a_space(statement: Statement, unknowns: Unknowns) -> bool:
    """Whether a membership says how many entries there are: ``\\mathbb{R}^n``, and no plain set."""
    right = statement.sides[-1]
    return right is not None and unknowns.space(right) is not None


def _used_whole(unknowns: Unknowns, opened: Mapping[str, Symbol]) -> set[str]:
    """The letters that stand somewhere without all their indices; of the others their indices tell enough."""
    letters = (letter for statement in unknowns.statements for letter in letters_of(statement, unknowns.usage))
    ranks = {name: len(symbol.axes or ()) - symbol.leading for name, symbol in opened.items()}
    return {letter.name for letter in letters if letter.indices < ranks.get(letter.name, 0) or letter.counts == SAMPLE}


def _first(unknowns: Unknowns) -> dict[str, Letter]:
    """Every open letter as it is first met, the members of a family before those that are only numbered."""
    found: dict[str, Letter] = {}
    counts = unknowns.counts()
    for statement in unknowns.statements:
        for letter in letters_of(statement, unknowns.usage):
            known = found.get(letter.name)
            if letter.name in counts and (known is None or letter.counts and not known.counts):
                found[letter.name] = letter
    return found


def _symbol(letter: Letter, rank: Rank) -> Symbol:
    if letter.counts == SAMPLE:
        return _samples(letter, rank)
    labels = (letter.counts,) if letter.counts else ()
    widths = labels if set(labels) & set(LAYER_LETTERS) else ()
    axes = Placeholders.axes(letter.name, _AXES[rank], widths)
    axes = (ONE, *axes) if rank == "row" else axes
    why = f"{_WORDS[rank]}, {AS_USED}"
    return Symbol(letter.name, "quantity", axes, labels, letter.place, declared=True, certain=False, why=why)


def _samples(letter: Letter, rank: Rank) -> Symbol:
    """A letter of which the members are samples: the first of its axes numbers them."""
    axes = (*Placeholders.axes(SAMPLE, 1, ()), *Placeholders.axes(letter.name, _AXES[rank], ()))
    why = f"{_WORDS[rank]} for each sample, {AS_USED}"
    return Symbol(letter.name, "quantity", axes, (), letter.place, leading=1, declared=True, certain=False, why=why)


def _shapes(opened: Mapping[str, Symbol], known: Mapping[str, Shape | None]) -> Callable[[Letter], Shape | None]:
    def shape_of(letter: Letter) -> Shape | None:
        if letter.name in known:
            return known[letter.name]
        symbol = opened.get(letter.name)
        if symbol is None or symbol.axes is None:
            return None
        if symbol.leading:
            return symbol.axes[1:]
        env = {symbol.labels[0]: letter.label} if symbol.labels and letter.label is not None else {}
        return tuple(axis_at(axis, env) for axis in symbol.axes)

    return shape_of


def _joining(solver: Placeholders) -> Callable[[Axis, Axis], bool]:
    def join(left: Axis, right: Axis) -> bool:
        left, right = solver.resolve(left), solver.resolve(right)
        if ONE in (left, right):
            return left == right
        for open_axis, other in ((left, right), (right, left)):
            if open_axis.name.startswith("?") and not open_axis.labels and _is_member(other):
                solver.known[open_axis.name] = ((), other)
                return True
        solver.unify(left, right)
        return solver.resolve(left) == solver.resolve(right)

    return join


def _is_member(axis: Axis) -> bool:
    """Whether an axis belongs to one layer: the last, or one with a number."""
    return bool(axis.labels) and all(label.symbols <= {"L"} for label in axis.labels)


def _settled(symbol: Symbol, solver: Placeholders) -> Symbol:
    axes = tuple(solver.settled(axis) for axis in symbol.axes or ())
    return replace(symbol, axes=axes)


def _weight(statement: Statement) -> int:
    """Spaces that are named come first, then what may define the letter on its left; a claim may be wrong."""
    if "∈" in statement.relations:
        return 0
    left = statement.sides[0]
    return 1 if statement.relations[:1] in (("=",), (":=",)) and isinstance(left, Name | Scripted) else 2
