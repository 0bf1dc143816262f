"""A formula as it is written, before anything is decided about its letters: the tree between LaTeX and terms.

Every node carries the span of the source it was read from, so that a correction can be spelled in the author's own
LaTeX and an objection can point at its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, get_args

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets in the formula's source: ``tex[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    r"""A letter or word in one canonical spelling.

    ``x``, ``\alpha``, ``\hat{y}``, ``\mathbf{x}`` (also from ``\bm``, ``\boldsymbol``), ``\mathcal{L}``,
    ``\mathbb{E}``; words set upright (``\text{var}``, ``\operatorname{diag}``, ``\tanh``) are bare: ``var``, ``diag``,
    ``tanh``. A d that touches a letter outside a derivative or integral gives one name (``dW``, ``d\theta``). A sign
    that stands alone as a script is a name too (``w^*``, ``W_{:,j}``), and an empty matrix cell is the name "".
    """

    text: str
    span: Span
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    r"""One script item group: ``_{jk}`` has items j, k; ``^{(l)}`` has bracket "(" and item l; ``^{l+1}`` one item.

    ``^{[l](i)}`` gives two scripts, ``^{[1]T}`` two as well. ``raw`` is the source between the braces: the elaboration
    decides whether ``in`` is a word or two indices, whether ``2`` is a power or a layer, whether ``T`` transposes.
    """

    items: tuple[Node, ...]
    bracket: str
    raw: str
    span: Span


@dataclass(frozen=True, slots=True)
class Scripted:
    """A base with its subscripts, superscripts (in the order written) and primes."""

    base: Node
    subs: tuple[Script, ...]
    sups: tuple[Script, ...]
    primes: int
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    r"""Printed brackets around comma-separated items: ``(x, y)``, ``[2x, 2y]``, ``\{…\}``.

    ``bracket`` is the opening sign; "(]" and "[)" are half-open intervals, and "" is a list without brackets, which
    stands only as a side of a statement or of a comparison: ``i = 1, \dots, n``.
    """

    bracket: str
    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Plus:
    terms: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Times:
    r"""Factors in the order written; ``operators[k]`` stands before ``factors[k + 1]``.

    An operator is "" (nothing written), ``\cdot``, ``\times``, ``*``, ``\odot``, ``\circ``. A name followed by a group
    with "" between them may be a call; only the elaboration knows.
    """

    factors: tuple[Node, ...]
    operators: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Quotient:
    numerator: Node
    denominator: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Root:
    radicand: Node
    degree: int
    span: Span


@dataclass(frozen=True, slots=True)
class Applied:
    r"""A function written without brackets: ``\log \hat{y}``, ``\tanh^2 x`` (the scripts stay on ``function``)."""

    function: Node
    argument: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    r"""A relation inside a formula: the bound ``i = 1`` of a sum, the condition ``x > 0`` of a case, ``y \mid x`` ("|")
    and
    ``p \| q`` ("‖") inside a bracket. ``0 < x < 1`` nests to the left."""

    left: Node
    relation: str
    right: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Big:
    r"""``\sum``, ``\prod``, ``\int``, ``\lim``, ``\max``, ``\min`` (with bounds), ``\bigcup``… and the body it governs.

    ``lower`` and ``upper`` are what is written below and above (``i``, ``i = 1``, ``j \ne i``, ``x \to 0``);
    ``variable`` is the variable of an integral.
    """

    kind: str
    lower: tuple[Node, ...]
    upper: Node | None
    body: Node
    span: Span
    variable: Node | None = None


@dataclass(frozen=True, slots=True)
class Derivative:
    r"""``\frac{\partial^2 f}{\partial x \partial y}``, ``\frac{d}{dx} f``, ``\partial_x f``, ``\nabla_a C``, ``\delta``
    used as ∂.

    ``operand`` is what is differentiated, ``by`` the variables with their orders; ``sign`` is "∂", "d", "δ" or "∇"
    (whose ``by`` may be empty); ``order`` is the order written in the numerator. ``written_apart`` is true for the
    operator form, where the operand is the factor(s) that follow; ``plus`` for ``\partial^+``.
    """

    sign: str
    operand: Node
    by: tuple[tuple[Node, int], ...]
    order: int
    span: Span
    written_apart: bool = False
    plus: bool = False


@dataclass(frozen=True, slots=True)
class Norm:
    r"""``\|x\|_2``, ``||x||`` ("norm") or ``|x|`` ("abs"); powers and indices of it stand in a Scripted around it."""

    kind: str
    body: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Dots:
    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Matrix:
    rows: tuple[tuple[Node, ...], ...]
    environment: str
    span: Span


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Rows of ``cases``: a value and its conditions; a condition in words is a Name with ``upright`` set."""

    rows: tuple[tuple[Node, tuple[Node, ...]], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class EvaluatedAt:
    r"""``f |_{x=0}`` or ``\Big[F\Big]_a^b`` (then ``lower`` and ``upper`` are values)."""

    body: Node
    lower: Node
    upper: Node | None
    span: Span


Node: TypeAlias = (
    Number
    | Name
    | Scripted
    | Group
    | Plus
    | Negative
    | Times
    | Quotient
    | Root
    | Applied
    | Comparison
    | Big
    | Derivative
    | Norm
    | Dots
    | Matrix
    | CaseRows
    | EvaluatedAt
)


@dataclass(frozen=True, slots=True)
class Statement:
    r"""A chain ``side₀ rel₀ side₁ rel₁ …``; a side is ``None`` where the chain starts or ends with a relation.

    ``relations`` are "=", "≈", "∝", "<", "≤", ">", "≥", "≠", "∼", "∈", ":=", "←", "→", "↦", also "∉", "≪", "≫", "⊂",
    ":". ``connective`` says how it follows from the one before ("", "implies", "iff", "and", "with", "or").
    ``conditions`` are what is written beside it (", i ≠ j", "if x > 0", ``\quad \forall i``). A formula without a
    relation is a statement with one side.
    """

    sides: tuple[Node | None, ...]
    relations: tuple[str, ...]
    conditions: tuple[Node, ...]
    connective: str
    span: Span


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why a formula or a part of it could not be read, and where."""

    reason: str
    span: Span


#: What gives all fields of a node, of a script, of a statement.
_PARTS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    kind: attrgetter(*(field.name for field in fields(kind))) for kind in (*get_args(Node), Script, Statement)
}


def is_part(value: object) -> bool:
    """Whether something is a node, a script or a statement, or a row of such, and no place, number or text."""
    return type(value) in _PARTS or type(value) is tuple


def parts_of(part: Any) -> tuple[Any, ...]:
    """What a node, a script, a statement or a row of such is made of: parts of trees, places, numbers and texts."""
    return part if type(part) is tuple else _PARTS[type(part)](part)


def rebuilt(part: Part, change: Callable[[Any], Any]) -> Part:
    """A new node, or row of nodes, over changed parts; what is no part of a tree stays.

    >>> x = Name("x", Span(1, 2))
    >>> rebuilt(Negative(x, Span(0, 2)), lambda part: Name("y", part.span)).operand.text
    'y'
    """
    if not is_part(part):
        return part
    made = [change(value) if is_part(value) else value for value in parts_of(part)]
    return tuple(made) if type(part) is tuple else type(part)(*made)  # type: ignore[return-value]


def written(part: object) -> object:
    """What a part of a tree says, without the places where it stands: equal for what is written twice."""
    if isinstance(part, tuple):
        return tuple(map(written, part))
    if not is_dataclass(part) or isinstance(part, type):
        return part
    names = [f.name for f in fields(part) if f.name not in ("span", "raw")]
    return type(part).__name__, *(written(getattr(part, name)) for name in names)
