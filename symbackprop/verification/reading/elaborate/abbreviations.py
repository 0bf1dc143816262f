r"""What a block gives of what is no letter: ``p(x_j \mid z) = …``, ``d\sigma(x) \cdot h = …``, ``E_x[f] = …``.

Such a left side is an abbreviation: wherever it stands just so, its right side stands; no more is said of its parts.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.elaborate.array_functions import EXPECTATION
from symbackprop.verification.reading.labels import script_items
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import (
    Comparison,
    Group,
    Name,
    Node,
    NotRead,
    Scripted,
    Span,
    Times,
    written,
)
from symbackprop.verification.reading.symbols import spelled, undressed

Part = TypeVar("Part")
MAX_DEPTH = 8
_PARAMETERS = (r"\theta", r"\phi", r"\varphi", r"\psi", r"\lambda", r"\omega", r"\eta", r"\Theta")


def with_abbreviations(scope: Scope, block: Block) -> tuple[Scope, Block]:
    """The scope with the abbreviations of a block, and the block without the lines that only say these."""
    found: list[tuple[Times, Node]] = []
    kept: list[str] = []
    tables = {table.name for table in scope.tables}
    arrays = {undressed(key) for key, words in block.symbols if words.startswith(("vector", "matrix"))}
    for latex in block.given:
        surface = read_typed(latex, scope.macros)
        only = None if isinstance(surface, NotRead) or len(surface) != 1 else surface[0]
        whole = only is not None and only.relations in (("=",), (":=",)) and not only.conditions
        left, right = only.sides if only is not None and whole else (None, None)
        if (
            right is not None
            and isinstance(left, Times)
            and _abbreviates(left, tables, arrays)
            and not _holds(right, left)
        ):
            found.append((left, right))
        else:
            kept.append(latex)
    made = replace(scope, abbreviations=(*scope.abbreviations, *found))
    return made, replace(block, given=tuple(kept)) if found else block


def written_out(part: Part, scope: Scope) -> Part:
    """The tree with every abbreviation written out."""
    for _ in range(MAX_DEPTH if scope.abbreviations else 0):
        made = _mapped(part, scope.abbreviations)
        if made is part:
            break
        part = made
    return part


def _abbreviates(left: Times, tables: set[str], arrays: set[str]) -> bool:
    """Whether a left side is none of what the reader has a meaning for: a letter, a call, a moment."""
    head, group = left.factors[:2]
    base = head.base if isinstance(head, Scripted) else head
    if not isinstance(base, Name) or not isinstance(group, Group) or left.operators[0] != "":
        return False
    if len(left.factors) > 2:
        return base.text.startswith("d") and len(base.text) > 1 and not base.upright
    only = group.items[0] if len(group.items) == 1 else None
    if base.text in EXPECTATION:
        return isinstance(head, Scripted) and bool(head.subs)
    if base.text in arrays and isinstance(head, Scripted) and _is_parametrised(head):
        return True
    name = spelled(base.text, head.subs, head.sups) if isinstance(head, Scripted) else base.text
    return isinstance(only, Comparison) and only.relation == "|" and name not in tables


def _is_parametrised(head: Scripted) -> bool:
    r"""Whether a Greek letter below says on what a function depends: ``p_\theta(x)`` is no entry of a vector p."""
    items = [item for script in head.subs for item in script_items(script)]
    greek = len(items) == 1 and isinstance(items[0], Name) and items[0].text in _PARAMETERS
    return greek and not (head.sups or head.primes)


def _mapped(part: Part, known: tuple[tuple[Times, Node], ...]) -> Part:
    if isinstance(part, tuple):
        items = tuple(_mapped(item, known) for item in part)
        return part if all(a is b for a, b in zip(items, part, strict=True)) else items  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type | Span):
        return part
    made: object = part
    for left, right in known if isinstance(part, Times) else ():
        made = _replaced(made, left, right) if isinstance(made, Times) else made
    if made is not part:
        return made  # type: ignore[return-value]
    old = {f.name: getattr(part, f.name) for f in fields(part)}
    new = {name: _mapped(value, known) for name, value in old.items()}
    return part if all(new[name] is old[name] for name in old) else replace(part, **new)


def _replaced(node: Times, left: Times, right: Node) -> Node:
    """The product with the right side, in brackets, for a row of factors that is the left one."""
    count = len(left.factors)
    for k in range(len(node.factors) - count + 1):
        row = node.factors[k : k + count]
        inside = node.operators[k : k + count - 1]
        before = node.operators[k - 1] if k else ""
        if inside != left.operators or before == "/" or written(row) != written(left.factors):
            continue
        place = Span(row[0].span.start, row[-1].span.end)
        meant = Group("(", (_placed(right, place),), place)
        factors = (*node.factors[:k], meant, *node.factors[k + count :])
        operators = (*node.operators[:k], *node.operators[k + count - 1 :])
        return factors[0] if len(factors) == 1 else replace(node, factors=factors, operators=operators)
    return node


def _placed(part: Part, span: Span) -> Part:
    """The tree as if all of it stood at one place."""
    if isinstance(part, tuple):
        return tuple(_placed(item, span) for item in part)  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type | Span):
        return span if isinstance(part, Span) else part  # type: ignore[return-value]
    return replace(part, **{f.name: _placed(getattr(part, f.name), span) for f in fields(part)})


def _holds(node: Node, left: Times) -> bool:
    """Whether a right side leads back to the left one."""
    return written_out(node, Scope(abbreviations=((left, node),))) is not node
