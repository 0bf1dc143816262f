"""Letters that a note shows in sums with arrays only, which may as well be numbers: ``softmax(o + c)``."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Link, Scope, read_formula
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.surface import NotRead
from symbackprop.verification.reading.symbols import AS_USED, Symbol
from symbackprop.verification.terms.walk import entry_names
from symbackprop.verification.verdict import Judgement, Verdict

SHAPES_SHOWN = ", under shapes that nothing but the formulas of the note shows: declare them"


def rests_on_shapes(link: Link, scope: Scope) -> bool:
    """Whether a letter of a claim has a shape that only the formulas of the note show together."""
    names = {name for c in link.readings for name in entry_names(c.claim.left) | entry_names(c.claim.right)}
    found = (symbol for name, symbol in scope.symbols.items() if name in names)
    return any(symbol.why.endswith(AS_USED) and bool(symbol.axes) for symbol in found)


def with_numbers(tex: str, number: int, scope: Scope, seed: int) -> Judgement | None:
    """The verdict on link ``number`` where it is proved with one of its letters as a number, not as a vector."""
    for symbol in _vectors(tex, scope):
        shape = replace(symbol, axes=(), why=f"a number, {AS_USED}")
        links = read_formula(tex, scope.with_symbol(shape), gradients=True).links
        judged = judge_link(links[number], seed=seed) if number < len(links) else None
        if judged is not None and judged.verdict is Verdict.PROVED:
            return replace(judged, assumptions=(f"{symbol.name} is a number", *judged.assumptions))
    return None


def _vectors(tex: str, scope: Scope) -> list[Symbol]:
    """The letters of a formula that only the note shows to be vectors, and of which no definition speaks."""
    surface = read_typed(tex, scope.macros)
    if isinstance(surface, NotRead):
        return []
    refs = (ref for s in surface for side in s.sides if side is not None for ref in references(side))
    found = {ref.symbol.name: ref.symbol for node in refs if (ref := refer(node, scope)) is not None and ref.symbol}
    used = {name for d in scope.definitions for name in (d.name, *entry_names(d.body))}
    shown = (s for name, s in sorted(found.items()) if s.why.endswith(AS_USED) and name not in used)
    return [s for s in shown if len(s.axes or ()) == 1 and not s.leading]
