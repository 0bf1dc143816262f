"""How far a sum without brackets reaches: over all terms behind it that carry its index."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.state import Env, Reader
from symbackprop.verification.reading.elaborate.walk import bound_letter, unbound_letters
from symbackprop.verification.reading.surface import Big, Negative, Node, Plus, Span, Times


def extended(reader: Reader, node: Plus, env: Env) -> tuple[Node, str]:
    r"""``\sum_i y_i \log a_i + (1 - y_i) \log(1 - a_i)`` with all of it under the sum, and words for that.

    A term behind a sum whose index it carries can only belong under it, unless the index is free on the other side.
    """
    for k, term in enumerate(node.terms):
        big = _last_sum(term)
        letter = bound_letter(big) if big is not None else None
        if letter is None or letter in env.bound or letter in reader.outer:
            continue
        carrying = [n for n, other in enumerate(node.terms) if n > k and letter in unbound_letters(other)]
        if carrying:
            stop = carrying[-1] + 1
            whole = _over(term, node.terms[k + 1 : stop])
            rest = (*node.terms[:k], whole, *node.terms[stop:])
            made = rest[0] if len(rest) == 1 else replace(node, terms=rest)
            return made, f"the sum over {letter} goes on over the terms behind it that carry {letter}"
    return node, ""


def _last_sum(term: Node) -> Big | None:
    """The sum at the end of a term: it may have a sign and factors before it."""
    if isinstance(term, Negative):
        return _last_sum(term.operand)
    if isinstance(term, Times):
        return _last_sum(term.factors[-1])
    return term if isinstance(term, Big) and term.kind.lstrip("\\") == "sum" else None


def _over(term: Node, more: tuple[Node, ...]) -> Node:
    """The term with more terms under its last sum."""
    if isinstance(term, Negative):
        return replace(term, operand=_over(term.operand, more))
    if isinstance(term, Times):
        return replace(term, factors=(*term.factors[:-1], _over(term.factors[-1], more)))
    assert isinstance(term, Big)
    inner = term.body.terms if isinstance(term.body, Plus) else (term.body,)
    span = Span(term.body.span.start, more[-1].span.end)
    return replace(term, body=Plus((*inner, *more), span), span=Span(term.span.start, span.end))
