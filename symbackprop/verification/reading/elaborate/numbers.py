r"""What a block assumes of numbers that members and entries carry: ``t < T``, ``i \ne j``.

Such a relation is about no quantity. It stands beside every claim in which its numbers are free.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.indicators import OPERATORS, condition_terms
from symbackprop.verification.reading.elaborate.state import Env, Reader
from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.labels import letters_in, plain_affine
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Comparison, Node, Span, Statement
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Relation, Whole
from symbackprop.verification.terms.walk import entry_names, free_symbols


def numbers_compared(statement: Statement, scope: Scope) -> tuple[Comparison, ...]:
    """The relations of a statement where it speaks of numbers of members or entries only, else nothing."""
    sides = [side for side in statement.sides if side is not None]
    if len(sides) != len(statement.sides) or not all(relation in OPERATORS for relation in statement.relations):
        return ()
    if any(plain_affine(side) is None for side in sides):
        return ()
    pairs = tuple(
        Comparison(left, relation, right, Span(left.span.start, right.span.end))
        for left, relation, right in zip(sides, statement.relations, sides[1:], strict=False)
    )
    return pairs if pairs and _are_numbers(pairs, scope) else ()


def _are_numbers(pairs: tuple[Comparison, ...], scope: Scope) -> bool:
    letters = [x for pair in pairs for x in _letters(pair)]
    if not all(_may_number(x, scope) for x in letters):
        return False
    if any(OPERATORS[pair.relation] == "=" and not all(map(letters_in, (pair.left, pair.right))) for pair in pairs):
        return False
    sure = any(x in scope.running or scope.knows(x) for x in letters)
    usual = all(x in INDEX_LETTERS for x in letters) and all(len(set(_letters(pair))) == 2 for pair in pairs)
    return sure or usual


def _may_number(letter: str, scope: Scope) -> bool:
    symbol = scope.find(letter)
    return symbol is None or symbol.kind == "index"


def _letters(pair: Comparison) -> tuple[str, ...]:
    return (*letters_in(pair.left), *letters_in(pair.right))


def with_numbers(reader: Reader, claim: Claim, context: Context) -> tuple[Claim, Context]:
    """The claim with what is assumed of its free indices, and the context with what is assumed of its free labels."""
    names = entry_names(claim.left) | entry_names(claim.right)
    indices = {name for name, _ in claim.free}
    free = indices | free_symbols(claim.left) | free_symbols(claim.right)
    for pair in reader.scope.beside:
        letters = set(_letters(pair))
        made: tuple[Relation, ...] = ()
        if letters & names:
            made = condition_terms(reader, (pair,), Env())
        elif letters & free and letters <= free | {context.family.last}:
            made = (Relation(_number(pair.left), OPERATORS[pair.relation], _number(pair.right)),)  # type: ignore[arg-type]
        if letters & (names | indices):
            claim = replace(claim, conditions=(*claim.conditions, *made))
        else:
            context = replace(context, assumptions=(*context.assumptions, *(((), relation) for relation in made)))
    return claim, context


def _number(node: Node) -> Whole:
    value = plain_affine(node)
    assert value is not None
    return Whole(value)
