r"""Kronecker deltas and indicators: ``\delta_{ij}``, ``1_{i=j}``, ``\mathbb{1}(x > 0)``, and conditions in general."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.labels import letters_in, plain_affine, script_items
from symbackprop.verification.reading.shapes import Array, Indices, aligned, join, number, scalar
from symbackprop.verification.reading.surface import Comparison, Dots, Group, Name, Node, Number, Plus, Scripted
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Cases, Delta, Relation, Term

ONES = ("1", r"\mathbb{1}", r"\mathbf{1}", r"\mathbb{I}", "I", r"\mathbf{I}", r"\mathbb{1}")
OPERATORS = {
    sign: operator
    for operator, signs in {
        "=": ("=", "=="), "<": ("<", r"\lt"), ">": (">", r"\gt"), "<=": ("≤", r"\le", r"\leq", r"\leqslant"),
        ">=": ("≥", r"\ge", r"\geq", r"\geqslant"), "!=": ("≠", r"\ne", r"\neq", r"\not="),
    }.items()
    for sign in signs
}  # fmt: skip


WHOLE_SETS = (r"\mathbb{R}", r"\mathbb{N}", r"\mathbb{Z}", "R")


def relation(reader: Reader, node: Comparison, env: Env) -> Relation:
    """A condition between two numbers or two indices."""
    operator = OPERATORS.get(node.relation)
    if operator is None:
        raise NotUnderstood(f"the relation {node.relation} is no condition that can be checked", node.span)
    left, right = reader.scalar(node.left, env).at(()), reader.scalar(node.right, env).at(())
    return Relation(left, operator, right)  # type: ignore[arg-type]


def indicator(reader: Reader, factor: Node, group: Group | None, env: Env) -> Array | None:
    r"""``1_{i=j}``, ``\mathbb{1}(x > 0)`` or ``\mathbb{1}\{…\}``, or ``None`` if it is none of these."""
    base = factor.base if isinstance(factor, Scripted) else factor
    one = isinstance(base, Number) and base.value == 1 or isinstance(base, Name) and base.text in ONES
    if not one:
        return None
    if (
        group is not None
        and len(group.items) == 1
        and isinstance(group.items[0], Comparison)
        and not isinstance(factor, Scripted)
    ):
        return _condition(reader, group.items[0], env)
    if group is None and isinstance(factor, Scripted) and factor.subs and not factor.sups:
        items = factor.subs[0].items
        inner = items[0].items[0] if len(items) == 1 and isinstance(items[0], Group) and items[0].items else items[0]
        if isinstance(inner, Comparison):
            return _condition(reader, inner, env)
    return None


def iverson(reader: Reader, node: Group, env: Env) -> Array | None:
    """``[i = j]``: 1 where it holds, 0 elsewhere; ``None`` for any other bracket."""
    only = node.items[0] if len(node.items) == 1 else None
    if node.bracket != "[" or not isinstance(only, Comparison) or only.relation not in OPERATORS:
        return None
    return _condition(reader, only, env)


def _condition(reader: Reader, node: Comparison, env: Env) -> Array:
    """1 where a relation holds, entry by entry."""
    equal = OPERATORS.get(node.relation)
    ends = (_index(reader, node.left, env), _index(reader, node.right, env))
    if equal == "=" and ends[0] is not None and ends[1] is not None:
        return scalar(Delta(ends[0], ends[1]))
    operator = OPERATORS.get(node.relation)
    if operator is None:
        raise NotUnderstood(f"the relation {node.relation} is no condition that can be checked", node.span)
    sides = aligned((reader.read(node.left, env)[0], reader.read(node.right, env)[0]), "a condition")

    def at(idx: Indices) -> Term:
        compared = Relation(sides[0].at(idx), operator, sides[1].at(idx))  # type: ignore[arg-type]
        return Cases((((compared,), number(1)),), number(0))

    return join(sides, sides[0].axes, at)


def _index(reader: Reader, node: Node, env: Env) -> Affine | None:
    """An index expression, if every letter of the node is an index here."""
    letters = letters_in(node)
    if not letters and not isinstance(node, Number):
        return None
    if any(not _is_index_letter(reader, letter, env) for letter in letters):
        return None
    plain = plain_affine(node)
    return (
        plain.substitute({x: Affine.symbol(env.bound[x].name) for x in letters if x in env.bound}) if plain else plain
    )


def _is_index_letter(reader: Reader, letter: str, env: Env) -> bool:
    symbol = reader.scope.find(letter)
    running = letter in reader.indices or letter in reader.free
    return letter in env.bound or (symbol.kind == "index" if symbol else running)


KRONECKER = (r"\delta", r"\mathbb{1}", r"\mathbf{1}", "I", r"\mathbb{I}", r"\mathbf{I}")


def kronecker(reader: Reader, node: Scripted, env: Env) -> Array | None:
    r"""``\delta_{ij}`` with two indices, if the note has no other use for the letter."""
    if not isinstance(node.base, Name) or node.base.text not in KRONECKER:
        return None
    symbol = reader.scope.find(node.base.text)
    if symbol is not None and symbol.declared and len(symbol.axes or ()) == 2 or node.sups or len(node.subs) != 1:
        return None
    items = script_items(node.subs[0])
    if len(items) != 2:
        return None
    ends = [_index(reader, item, env) for item in items]
    numbers = [x for item, end in zip(items, ends, strict=True) if end is None for x in letters_in(item)]
    if symbol is None and any(ends) and any(_is_declared_number(reader, x) for x in numbers):
        raise NotUnderstood(f"{numbers[0]} is a quantity here and no index: compare it, as in 1_{{y = k}}", node.span)
    return scalar(Delta(ends[0], ends[1])) if ends[0] is not None and ends[1] is not None else None


def _is_declared_number(reader: Reader, letter: str) -> bool:
    symbol = reader.scope.find(letter)
    return symbol is not None and symbol.declared and symbol.kind == "quantity" and symbol.axes == ()


def _says_no_more(node: Node) -> bool:
    r"""Whether a set is one that an index runs through or a number is taken from: ``{1, …, K}``, ``\mathbb{R}^n``."""
    if isinstance(node, Scripted) and not node.subs and node.sups[0].raw not in ("+", "*", "-"):
        node = node.base
    runs = any(isinstance(part, Dots) or isinstance(part, Name) and part.text.startswith("…") for part in every(node))
    return runs or isinstance(node, Name) and node.text in WHOLE_SETS


def _ends(node: Comparison) -> tuple[Comparison, ...] | None:
    r"""What ``j = 2, \dots, n`` and ``j \in \{1, \dots, n - 1\}`` say beyond that j is an index; ``None`` for no range.

    The numbers may go down: ``l = L - 1, \dots, 1``.
    """
    items = node.right.items if isinstance(node.right, Group) and node.right.bracket in ("", "{", "\\{") else ()
    dots = [k for k, item in enumerate(items) if isinstance(item, Dots)]
    if node.relation not in ("=", "∈") or len(dots) != 1 or not dots[0]:
        return None
    letters = node.left.items if isinstance(node.left, Group) else (node.left,)
    first, last = items[0], items[-1]
    if isinstance(last, Number) and not isinstance(first, Number):
        first, last = last, first
    if not all(isinstance(letter, Name) for letter in letters) or isinstance(first, Number) and first.value == 0:
        return () if node.relation == "∈" else None
    low = () if isinstance(first, Number) and first.value == 1 else (("≥", first),)
    high = () if isinstance(last, Name | Number | Dots) else (("≤", last),)
    return tuple(Comparison(letter, sign, end, node.span) for letter in letters for sign, end in (*low, *high))


def condition_terms(reader: Reader, nodes: tuple[Node, ...], env: Env) -> tuple[Relation, ...]:
    """The conditions among what is written beside a formula."""
    found: list[Relation] = []
    for node in nodes:
        if isinstance(node, Comparison) and node.relation == "→":
            continue  # it stands over the arrow of a limit and says nothing of the equations beside it
        if isinstance(node, Comparison) and (ends := _ends(node)) is not None:
            found += [relation(reader, end, env) for end in ends]
            continue
        if isinstance(node, Comparison) and node.relation == "∈" and _says_no_more(node.right):
            continue
        if isinstance(node, Comparison):
            found.append(relation(reader, node, env))
        elif not isinstance(node, Name | Plus):
            raise NotUnderstood("a condition that is no comparison", node.span)
    return tuple(found)
