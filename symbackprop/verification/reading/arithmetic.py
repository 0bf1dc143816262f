r"""Sums, products, quotients and roots of nodes, by way of token strings that the core parses.

The string of a sum is ``-q_{0}+q_{1}…``, of a product ``q_{0}\cdot q_{1}/q_{2}…``, always with the operator written
out. Long ones are cut into pieces of at most ``CHUNK`` tokens, the result of one piece being the first token of the
next (+, −, · and / all associate to the left), so that the strings which occur are few. What comes back must hold
every token once and in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from symbackprop.verification.reading.adapter import NotArithmetic, parse
from symbackprop.verification.reading.surface import Negative, Node, Number, Plus, Quotient, Root, Span, Times

CHUNK = 6


def sum_of(signed: Sequence[tuple[str, Node]]) -> Node:
    """The sum of terms, each with its sign "+" or "-" (the first may be "")."""
    terms = list(signed)
    if len(terms) == 1 and terms[0][0] in ("", "+"):
        return terms[0][1]
    carried = False
    while True:
        piece, rest = terms[:CHUNK], terms[CHUNK:]
        total = _read("".join(f"{sign}q_{{{k}}}" for k, (sign, _) in enumerate(piece)), piece, carried)
        if not rest:
            return total
        terms, carried = [("", total), *rest], True


def product_of(factors: Sequence[tuple[str, Node]]) -> Node:
    r"""The product of factors, each with the operator before it: "", ``\cdot``, ``*``, ``\times``, ``/``…"""
    waiting, carried = list(factors), False
    while len(waiting) > 1:
        piece, waiting = waiting[:CHUNK], waiting[CHUNK:]
        signs = ["" if k == 0 else "/" if sign == "/" else r"\cdot " for k, (sign, _) in enumerate(piece)]
        product = _read("".join(f"{sign}q_{{{k}}}" for k, sign in enumerate(signs)), piece, carried)
        waiting, carried = [("", product), *waiting], True
    return waiting[0][1]


def quotient_of(numerator: Node, denominator: Node, span: Span) -> Node:
    r"""``\frac{numerator}{denominator}``."""
    _expect(parse(r"\frac{q_{0}}{q_{1}}"), ["q_{0}", "q_{1}"])
    return Quotient(numerator, denominator, span)


def root_of(radicand: Node, degree: int, span: Span) -> Node:
    r"""``\sqrt[degree]{radicand}``."""
    power = parse(r"\sqrt{q_{0}}" if degree == 2 else rf"\sqrt[{degree}]{{q_{{0}}}}")
    if not power.is_Pow or power.exp != Fraction(1, degree):
        raise NotArithmetic(f"the core reads a root of degree {degree} as {power}")
    return Root(radicand, degree, span)


def _read(text: str, tokens: list[tuple[str, Node]], carried: bool) -> Node:
    """The node of one token string; ``carried`` says that token 0 is what the piece before came to."""
    tree = parse(text)
    _expect(tree, [f"q_{{{k}}}" for k in range(len(tokens))])
    if tree.is_Add:
        return _plus([_signed(term, tokens) for term in tree.args], carried)
    if tree.is_Mul and tree.args[0] != -1:
        return _times(_flat(tree), tokens, carried)
    return _signed(tree, tokens)


def _expect(tree: Any, names: list[str]) -> None:
    found: list[str] = []
    stack = [tree]
    while stack:
        part = stack.pop()
        if part.is_Symbol:
            found.append(f"q_{{{_number(part)}}}")
        stack += reversed(part.args)
    if found != names:
        raise NotArithmetic(f"the core returned the tokens {found} for {names}")


def _signed(tree: Any, tokens: list[tuple[str, Node]]) -> Node:
    if not tree.is_Mul:
        return tokens[_number(tree)][1]
    minus, symbol = tree.args
    if minus != -1:
        raise NotArithmetic(f"the core returned {tree} for a token with its sign")
    node = tokens[_number(symbol)][1]
    return Negative(node, node.span)


def _flat(product: Any) -> list[Any]:
    """The factors of a product whose first factor may be a product again (what stands before a slash)."""
    first, *rest = product.args
    return [*(_flat(first) if first.is_Mul else [first]), *rest]


def _number(symbol: Any) -> int:
    return int(symbol.name.strip("q_{}"))  # the cores name it q_{1} or q_1


def _plus(terms: list[Node], carried: bool) -> Node:
    first = terms[0]
    flat = (*first.terms, *terms[1:]) if carried and isinstance(first, Plus) else tuple(terms)
    return Plus(flat, Span(flat[0].span.start, flat[-1].span.end))


def _times(factors: Sequence[Any], tokens: list[tuple[str, Node]], carried: bool) -> Node:
    """Fold the factors from the left; a power −1 is what stands after a slash."""
    written: list[Node] = []
    operators: list[str] = []
    for factor in factors:
        below = factor.is_Pow
        place = _number(factor.base if below else factor)
        operator, node = tokens[place]
        if below:
            whole = _joined(written, operators)
            written, operators = [Quotient(whole, node, Span(whole.span.start, node.span.end))], []
        elif place == 0 and carried and isinstance(node, Times):
            written, operators = list(node.factors), list(node.operators)
        else:
            operators += [operator] if written else []
            written.append(node)
    return _joined(written, operators)


def _joined(factors: list[Node], operators: list[str]) -> Node:
    if len(factors) == 1:
        return factors[0]
    return Times(tuple(factors), tuple(operators), Span(factors[0].span.start, factors[-1].span.end))


def number(text: str, span: Span) -> Number:
    """An exact number: ``0.5`` is 1/2."""
    return Number(Fraction(text), span)
