r"""Letters of several signs, ``\delta C_t``: as they are found, spelled, and merged into one letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.verification.reading.labels import is_transpose
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Derivative, Name, Node, Scripted, Span, Statement, Times
from symbackprop.verification.reading.symbols import head_name

CHANGES = frozenset({r"\delta", r"\Delta"})
"""Signs before a letter that make a name of both."""
APART = "d "
"""The first letter of ``d z_t``, written apart, in a block that says that this is one name."""


def with_own_compounds(scope: Scope, statements: Sequence[Statement]) -> Scope:
    r"""The scope that knows the compounds on the left of the equations of a note, ``\delta C_t = …``.

    A δ that is declared, or of which an equation says what it is, is a factor.
    """
    lefts = [s.sides[0] for s in statements if s.relations[:1] in (("=",), (":=",)) and s.sides[0] is not None]
    alone = {head.text for left in lefts if (head := head_name(left)) is not None}
    made = [made for left in lefts if (made := compound(left)) is not None]
    found = {texts for texts, letter in made if set(texts[:-1]) <= CHANGES - alone and not _is_transposed(letter)}
    found = {texts for texts in found if not any(scope.knows(text) for text in texts[:-1])}
    compounds = tuple(sorted({*scope.compounds, *found}, key=lambda texts: (-len(texts), texts)))
    return replace(scope, compounds=compounds)


def _is_transposed(letter: Name | Scripted) -> bool:
    """Whether a letter is transposed, and so stands in a product."""
    return isinstance(letter, Scripted) and any(map(is_transpose, letter.sups))


def compound(node: Node) -> tuple[tuple[str, ...], Name | Scripted] | None:
    r"""The letters of ``\delta C_t`` and the one letter that they make."""
    if not isinstance(node, Times) or any(node.operators) or len(node.factors) < 2:
        return None
    *heads, last = node.factors
    base = last.base if isinstance(last, Scripted) else last
    if not isinstance(base, Name) or not all(isinstance(head, Name) for head in heads):
        return None
    texts = (*(head.text for head in heads if isinstance(head, Name)), base.text)
    return texts, _joined(tuple(node.factors))


def gradient(statement: Statement, made: tuple[tuple[str, ...], Name | Scripted] | None) -> tuple[str, ...] | None:
    r"""The letters of ``d z_t`` where a statement says that it is the derivative by ``z_t``; ``None`` for all else."""
    right = statement.sides[1] if len(statement.sides) == 2 else None
    if made is None or len(made[0]) != 2 or made[0][0] != "d" or not isinstance(right, Derivative):
        return None
    bases = [by.base if isinstance(by, Scripted) else by for by, _ in right.by]
    alike = len(bases) == 1 and isinstance(bases[0], Name) and bases[0].text == made[0][1]
    return written_apart(made[0]) if alike and not _is_transposed(made[1]) else None


def written_apart(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The letters of a compound of which the first may be a d with a space behind it."""
    return (APART, *texts[1:]) if len(texts) == 2 and texts[0] == "d" else texts


def _joined(factors: tuple[Node, ...]) -> Name | Scripted:
    last = factors[-1]
    base = last.base if isinstance(last, Scripted) else last
    texts = [part.text for part in (*factors[:-1], base) if isinstance(part, Name)]
    name = Name(compound_name(tuple(texts)), Span(factors[0].span.start, base.span.end))
    return replace(last, base=name, span=Span(name.span.start, last.span.end)) if isinstance(last, Scripted) else name


def compound_name(texts: tuple[str, ...]) -> str:
    return ("" if texts[0] == "d" or all(len(text) == 1 for text in texts) else " ").join(texts)


def merged(node: Times, compounds: tuple[tuple[str, ...], ...]) -> Node:
    """The product with the declared compounds in it as one factor each, the longest first."""
    factors, operators = list(node.factors), list(node.operators)
    place = 0
    while place < len(factors):
        for texts in compounds:
            row = factors[place : place + len(texts)]
            if _spells(row, operators[place : place + len(texts) - 1], texts):
                factors[place : place + len(texts)] = [_joined(tuple(row))]
                del operators[place : place + len(texts) - 1]
                break
        place += 1
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _spells(row: list[Node], operators: list[str], texts: tuple[str, ...]) -> bool:
    if len(row) != len(texts) or any(operators):
        return False
    last = row[-1].base if isinstance(row[-1], Scripted) else row[-1]
    names = [part for part in (*row[:-1], last) if isinstance(part, Name)]
    touching = all(a.span.end == b.span.start for a, b in zip(names, names[1:], strict=False))
    return [name.text for name in names] == [text.rstrip() for text in texts] and (
        touching or any(len(text) > 1 for text in texts)
    )
