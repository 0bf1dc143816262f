r"""Relations that are assumed: equations between free letters, ``x \in \mathbb{R}^n``, ``w \sim U(-a, a)``."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbackprop.verification.function_laws import slope_law
from symbackprop.verification.reading.elaborate.axes import size_axis
from symbackprop.verification.reading.elaborate.claims import Formula, new_reader
from symbackprop.verification.reading.elaborate.results import Choice, Link
from symbackprop.verification.reading.elaborate.state import Convention, Env, NotUnderstood, ShapeConflict
from symbackprop.verification.reading.labels import refer, script_items
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.shapes import number
from symbackprop.verification.reading.surface import Group, Name, Node, Scripted, Times
from symbackprop.verification.reading.symbols import Symbol, undressed
from symbackprop.verification.terms.context import DIRECT, PRODUCT, WRITTEN_OUT, Context, Definition
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Call,
    Diff,
    Entry,
    Expect,
    Fn,
    Integral,
    Limit,
    Mul,
    Pow,
    Relation,
    Size,
    Term,
)
from symbackprop.verification.terms.walk import entry_names, walk

_JUDGED = (Diff, Fn, Expect, Call, Limit, Integral)
UNIFORM = ("U", r"\mathcal{U}", "Uniform", "Unif", r"\mathrm{U}", "uniform")
NORMAL = ("N", r"\mathcal{N}", "Normal", r"\mathrm{N}", "normal", "Gaussian")
BERNOULLI = ("Bernoulli", "Bern", "Ber", "bernoulli", r"\mathrm{Bern}", r"\mathcal{B}")
UNREAD = "unread"
#: law -> the words for it and how many parameters it has
LAWS = {"uniform": (UNIFORM, 2), "normal": (NORMAL, 2), "bernoulli": (BERNOULLI, 1)}


def is_condition(choice: Choice, scope: Scope) -> bool:
    """An equation between free letters, each side with one that the other has not: it can only be assumed.

    So can the derivative of an unknown function.
    """
    left, right = choice.claim.left, choice.claim.right
    if slope_law(Relation(left, "=", right), choice.context.unknown) is not None:
        return True
    if _of_first_members((left, right), choice.context):
        return True
    parts = {d.name for d in choice.context.definitions if isinstance(d.body, Entry) and not scope.defined(d.name)}
    names = _free_things(left, choice.context, parts), _free_things(right, choice.context, parts)
    apart = names[0] - names[1] and names[1] - names[0]
    if not names[0] | names[1] or names[0] & names[1] and not apart:
        return False
    if any(isinstance(node, _JUDGED) for side in (left, right) for node in walk(side)):
        return False
    letters = _made_of(entry_names(left) | entry_names(right), choice.context, parts)
    return bool(names[0] and names[1] or letters) and not any(scope.defined(name) for name in letters)


def _of_first_members(sides: tuple[Term, Term], context: Context) -> bool:
    """Whether nothing but members with numbers stands there that no recursion defines: ``m_0 = 0``."""
    entries = [node for side in sides for node in walk(side) if isinstance(node, Entry)]
    numbered = all(e.labels and all(label.number is not None for label in e.labels) for e in entries)
    free = not any(_is_covered(entry, d, context) for entry in entries for d in context.definitions)
    return bool(entries) and numbered and free


def _is_covered(entry: Entry, definition: Definition, context: Context) -> bool:
    pairs = zip(definition.labels, entry.labels, strict=False)
    met = all(a == b or a.number is None and (b.number or 0) >= context.family.first for a, b in pairs)
    return definition.name == entry.name and met


def can_be_assumed(choice: Choice, heads: tuple[Choice, ...], links: list[Link], scope: Scope) -> bool:
    """Whether an equation is a condition: by itself, or after one in a chain of conditions (``Σ z_j = Σ v_j = 0``)."""
    goes_on = bool(links) and links[-1].kind == "condition" and all(is_condition(head, scope) for head in heads[:1])
    sides = (choice.claim.left, choice.claim.right)
    return is_condition(choice, scope) and (not heads or goes_on or _of_first_members(sides, choice.context))


def _free_things(term: Term, context: Context, parts: set[str]) -> set[str]:
    sizes = {node.axis.name for node in walk(term) if isinstance(node, Size)}
    return _made_of(entry_names(term), context, parts) | sizes


def _made_of(names: set[str], context: Context, parts: set[str]) -> set[str]:
    """The letters with inverses, products of matrices, and ``parts`` of others replaced by what they are made of."""
    tensors = context.tensors
    names = {(tensors[n].matrix or n) if n in tensors else n for n in names}
    found = {name for name in names if not name.startswith((DIRECT, PRODUCT, WRITTEN_OUT)) and name not in parts}
    for definition in context.definitions:
        if definition.name in names - found:
            found |= _made_of(entry_names(definition.body) - {definition.name}, context, parts)
    return found


def declare_membership(left: Node, right: Node, scope: Scope) -> tuple[Scope, str]:
    r"""The shape that ``x \in \mathbb{R}^{m \times n}`` states; a reason if it is not understood."""
    ref = refer(left, scope) if isinstance(left, Name | Scripted) else None
    if not is_real_space(right) or ref is None:
        return scope, "a membership that says nothing of a shape"
    axes = space_axes(right, scope)
    if axes is None:
        return scope, "the sizes in this membership are not understood"
    if ref.symbol is not None and ref.symbol.declared and ref.symbol.certain:
        return scope, ""
    scope = scope.without(ref.name)
    for axis in axes:
        if axis.size is None and not scope.knows(axis.name):
            scope = scope.with_symbol(Symbol(axis.name, "size", (axis,), why="a size in a membership"))
    old = ref.symbol or Symbol(ref.name, "quantity")
    return scope.with_symbol(
        replace(old, kind="quantity", axes=axes, declared=True, certain=False, why="its shape is stated in the note")
    ), ""


def is_real_space(node: Node) -> bool:
    r"""Whether something is ``\mathbb{R}``, with or without a power."""
    base = node.base if isinstance(node, Scripted) else node
    return isinstance(base, Name) and base.text in (r"\mathbb{R}", "R", r"\mathbf{R}", "ℝ")


def space_axes(node: Node, scope: Scope) -> tuple[Axis, ...] | None:
    r"""The axes of the members of ``\mathbb{R}^{m \times n}``; ``None`` if its sizes are not understood."""
    if not isinstance(node, Scripted):
        return ()
    if len(node.sups) != 1 or node.subs:
        return None
    items = script_items(node.sups[0])
    parts: tuple[Node, ...] = items
    if len(items) == 1 and isinstance(items[0], Times) and set(items[0].operators) <= {r"\times", "×", ""}:
        parts = items[0].factors
    found = [size_axis(part, scope) or (Axis(part.text) if isinstance(part, Name) else None) for part in parts]
    return None if any(axis is None for axis in found) else tuple(axis for axis in found if axis is not None)


def declare_random(left: Node, right: Node, scope: Scope, formula: Formula) -> tuple[Scope, str]:
    r"""Law and moments that ``w \sim U(-a, a)`` or ``x \sim N(\mu, \sigma^2)`` state; a reason if not understood."""
    ref = refer(left, scope) if isinstance(left, Name | Scripted) else None
    if ref is None or ref.symbol is None:
        return scope, "this distribution is not understood"
    unread = scope if ref.symbol.is_random else scope.with_symbol(replace(ref.symbol, law=UNREAD))
    stated = _stated_law(right)
    if stated is None:
        return unread, "this distribution is not understood"
    law, items = stated
    reader = new_reader(scope, formula, Convention())
    try:
        values = [reader.scalar(item, Env()).at(()) for item in items]
    except (NotUnderstood, ShapeConflict) as objection:
        return unread, str(objection)
    mean, variance = _moments(law, values)
    if ref.symbol.is_random and not _same_law(ref.symbol, law, mean, variance):
        scope = scope.with_taint(ref.name, "the note gives it two distributions")
    symbol = replace(
        ref.symbol, mean=mean, variance=variance, law=law, declared=True, why="its distribution is stated in the note"
    )
    return scope.with_symbol(symbol), ""


def _same_law(symbol: Symbol, law: str, mean: Term, variance: Term) -> bool:
    return symbol.law in ("", law) and (symbol.mean, symbol.variance) == (mean, variance)


def _stated_law(right: Node) -> tuple[str, tuple[Node, ...]] | None:
    """The name of a law that is known, and its parameters."""
    if not isinstance(right, Times) or len(right.factors) != 2:
        return None
    name, group = right.factors
    if not isinstance(name, Name) or not isinstance(group, Group):
        return None
    for law, (words, count) in LAWS.items():
        if (name.text in words or undressed(name.text) in words) and len(group.items) == count:
            return law, group.items
    return None


def _moments(law: str, values: list[Term]) -> tuple[Term, Term]:
    if law == "uniform":
        first, second = values
        width = Add((second, Mul((number(-1), first))))
        mean = Mul((number(Fraction(1, 2)), Add((first, second))))
        return mean, Mul((number(Fraction(1, 12)), Pow(width, number(2))))
    if law == "bernoulli":
        return values[0], Mul((values[0], Add((number(1), Mul((number(-1), values[0]))))))
    return values[0], values[1]
