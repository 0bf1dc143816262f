r"""Laws of functions, ``\sigma'(z) = \sigma(z)(1 - \sigma(z))``, in notes where z is numbered by layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.elaborate.functions import known_name
from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Name, Node, Statement, Times, rebuilt

Part = TypeVar("Part")
CONSTANTS = ("e", r"\mathrm{e}", r"\pi", r"\infty")


def law_apart(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with a family letter that stands without its number as a letter of its own.

    Only where nothing else is in them but functions and numbers: a law holds for any number in the place of the letter.
    """
    nodes = [node for s in statements for node in (*s.sides, *s.conditions) if node is not None]
    dummies: set[str] = set()
    for node in nodes:
        for ref_node in references(node):
            ref = refer(ref_node, scope)
            if ref is None or known_name(ref, scope) or ref.name in CONSTANTS and ref.symbol is None:
                continue
            symbol = ref.symbol
            family = symbol is not None and symbol.kind == "quantity" and symbol.labels and not symbol.joins
            if not family or not isinstance(ref_node, Name):
                return statements
            dummies.add(ref_node.text)
    if len(dummies) != 1 or not any(_is_call(node, scope) for node in nodes):
        return statements
    return _renamed(statements, *dummies)


def _is_call(node: Node, scope: Scope) -> bool:
    """Whether a function is applied to something somewhere in a tree."""
    for part in every(node):
        for head, _ in calls(part) if isinstance(part, Times) else ():
            ref = refer(head, scope)  # type: ignore[arg-type]
            if ref is not None and known_name(ref, scope):
                return True
    return False


def _renamed(part: Part, name: str) -> Part:
    if isinstance(part, Name):
        return replace(part, text=f"({name})") if part.text == name else part
    return rebuilt(part, lambda inner: _renamed(inner, name))
