r"""By what a formula differentiates, where that is no plain letter: ``\log \sigma^2``, or the s of φ(s)."""

from __future__ import annotations

from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.reading.surface import Applied, Group, Name, Node, Times
from symbackprop.verification.reading.symbols import known_function
from symbackprop.verification.terms.nodes import Add, Entry, Fn, Mul, Num, Pow, Term


def is_called(node: Node, scope: Scope) -> bool:
    r"""Whether it is the logarithm or exponential of something, ``\log \sigma^2``."""
    call = isinstance(node, Times) and len(node.factors) == 2 and isinstance(node.factors[1], Group)
    head = node.function if isinstance(node, Applied) else node.factors[0] if call else None  # type: ignore[union-attr]
    plain = isinstance(head, Name) and not scope.knows(head.text) and head.text not in scope.bodies
    return plain and known_function(head.text) in ("log", "exp")  # type: ignore[union-attr]


def inside_of(term: Term) -> Entry | None:
    r"""The one entry of which a term is an invertible function: that of ``\sigma^2``, ``\log \sigma^2``, ``-x``."""
    match term:
        case Entry():
            return None
        case Fn("log" | "exp", 0, inner) | Pow(inner, Num()):
            return inner if isinstance(inner, Entry) else inside_of(inner)
        case Mul(factors) | Add(factors):
            rest = [factor for factor in factors if not isinstance(factor, Num)]
            one = rest[0] if len(rest) == 1 else None
            return one if isinstance(one, Entry) else inside_of(one) if one is not None else None
    return None


def silent_table(names: set[str], by: str, scope: Scope) -> str:
    """A letter such as φ(s), to which these lead, where ``by`` is its s: what it is as a function of s nobody says."""
    tables = [t for t in scope.tables if t.head and by in t.letters and by not in t.parameters]
    found = (t.name for t in tables if any(t.name in (name, *reachable(scope, name)) for name in sorted(names)))
    return next(found, "")
