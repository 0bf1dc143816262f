"""From two sides of a relation to claims, one for each convention that makes a difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from symbackprop.verification.reading.composites import Part, parts_of
from symbackprop.verification.reading.elaborate.expression import read_node
from symbackprop.verification.reading.elaborate.guesses import guess_words
from symbackprop.verification.reading.elaborate.indicators import condition_terms
from symbackprop.verification.reading.elaborate.literals import literal_axis
from symbackprop.verification.reading.elaborate.numbers import with_numbers
from symbackprop.verification.reading.elaborate.reach import NEAR, UNUSUAL
from symbackprop.verification.reading.elaborate.results import SPECTRAL, Choice
from symbackprop.verification.reading.elaborate.rows import as_rows
from symbackprop.verification.reading.elaborate.state import (
    PLUS,
    SLOTS,
    Convention,
    Env,
    NotUnderstood,
    Reader,
    ShapeConflict,
)
from symbackprop.verification.reading.elaborate.walk import every, stands_in, unbound_letters
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.shapes import ONE, Array, Indices, Misfit, aligned, as_vector, merge_words, number
from symbackprop.verification.reading.surface import (
    Applied,
    Derivative,
    Group,
    Name,
    Node,
    Scripted,
    Span,
    Times,
)
from symbackprop.verification.reading.symbols import GUESSED, Symbol, known_function
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import PRODUCT, Claim, Context, Definition
from symbackprop.verification.terms.counting import Counting
from symbackprop.verification.terms.nodes import Add, Axis, Delta, Diff, Mul, Term
from symbackprop.verification.terms.walk import free_symbols, over_symbols, walk

COMMON_POINT = "(∙)"  # the argument of functions where a formula gives none of them one
MAX_CHOICES = 18
MAX_ENTRIES = 16


@dataclass(frozen=True)
class Formula:
    """What is common to all links of one formula: its source, what functions are applied to, its index letters."""

    tex: str
    arguments: Mapping[str, Node]
    indices: frozenset[str]
    counts: frozenset[str] = frozenset()
    letters: Mapping[Axis, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    assumed: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Claims:
    """The admissible readings of one relation, or why there are none.

    ``conflict`` are two shapes that do not fit, ``guessed`` the same where one of them is a guess.
    """

    choices: tuple[Choice, ...] = ()
    unbound: tuple[str, ...] = ()
    reason: str = ""
    place: Span | None = None
    conflict: tuple[str, str] | None = None
    scope: Scope | None = None


def conventions(scope: Scope, used: set[str], fits: bool) -> list[Convention]:
    """The other conventions worth trying after the usual one."""
    layouts = [scope.layout] if scope.layout else ["shape"]
    if not scope.layout and ("layout" in used or "gradient" in used and not fits):
        layouts += ["numerator", "denominator"]
    paths: tuple[str, ...] = ("", "right") if "direct" in used else ("",)
    paths += ("same",) if "same" in used else ()
    if "∂⁺" in used:
        paths = ("", "ordered") if "∂⁺ on the left" in used else ("",)
    slots = (True, False) if "slots" in used else (True,)
    entries: tuple[str, ...] = ("all", "alone") if "moments of products" in used else ("all",)
    entries += ("",) if "moments" in used and not fits else ()
    orders = (True, False) if "order" in used else (True,)
    nearer = [Convention(layouts[0], near=True)] if "near" in used or "extent" in used else []  # type: ignore[arg-type]
    return nearer + [
        Convention(layout, direct, slot, order, entrywise)  # type: ignore[arg-type]
        for entrywise in entries
        for order in orders
        for slot in slots
        for direct in paths
        for layout in layouts
    ]


def new_reader(scope: Scope, formula: Formula, convention: Convention) -> Reader:
    return Reader(
        scope,
        read_node,
        convention,
        arguments=formula.arguments,
        indices=formula.indices,
        counts=formula.counts,
        letters=formula.letters,
    )


def read_claims(left: Node, right: Node, conditions: tuple[Node, ...], scope: Scope, formula: Formula) -> Claims:
    """Every admissible reading of ``left = right``."""
    tried: list[Convention] = []
    choices: list[Choice] = []
    objections: list[NotUnderstood | ShapeConflict] = []
    unbound: tuple[str, ...] = ()
    pending = [Convention(scope.layout or "shape")]
    last = scope
    while pending:
        convention = pending.pop(0)
        tried.append(convention)
        reader = new_reader(scope, formula, convention)
        try:
            found, unbound = _read(reader, left, right, conditions, formula)
            choices += found
        except (NotUnderstood, ShapeConflict) as objection:
            objections.append(objection)
        last = reader.scope
        if len(tried) == 1:
            fits = bool(choices)
            pending = [c for c in conventions(scope, reader.used, fits) if c not in tried]
    if choices:
        return Claims(as_rows(tuple(_unlike(choices)[:MAX_CHOICES]), scope), unbound, scope=last)
    return _refused(objections)


def _unlike(choices: list[Choice]) -> list[Choice]:
    """The choices that differ in the claim, or in the factors of a product of matrices that it names."""
    kept: list[Choice] = []
    seen: list[tuple[Claim, list[Definition]]] = []
    for choice in choices:
        products = [d for d in choice.context.definitions if d.name.startswith(PRODUCT)]
        if (choice.claim, products) not in seen:
            seen.append((choice.claim, products))
            kept.append(choice)
    return kept


def _refused(objections: list[NotUnderstood | ShapeConflict]) -> Claims:
    """No reading: what is not understood comes before shapes that do not fit."""
    for objection in objections:
        if isinstance(objection, NotUnderstood):
            return Claims(reason=objection.reason, place=objection.span)
    conflict = objections[0]
    assert isinstance(conflict, ShapeConflict)
    shapes = conflict.misfit
    if not all(o.misfit.sure for o in objections if isinstance(o, ShapeConflict)):
        reason = f"{shapes}{GUESSED}"
        return Claims(reason=reason, place=conflict.span)
    return Claims(reason=str(shapes), place=conflict.span, conflict=shapes.shown)


def _read(
    reader: Reader, left: Node, right: Node, conditions: tuple[Node, ...], formula: Formula
) -> tuple[list[Choice], tuple[str, ...]]:
    reader.outer = free_letters(right, formula)
    lefts = reader.read(left, Env())
    before = set(reader.free) | reader.running
    reader.outer, reader.on_right = free_letters(left, formula), True
    rights = reader.read(right, Env())
    new = tuple(letter for letter in reader.free if letter not in before)
    pairs = _pairs(lefts, rights, Span(left.span.start, right.span.end), reader.scope.counting)
    return [_choice(reader, pair, conditions) for pair in pairs], new


def _pairs(lefts: list[Array], rights: list[Array], span: Span, counting: Counting) -> list[tuple[Array, Array]]:
    """The cheapest readings of both sides whose shapes agree."""
    fitting = [(a.cost + b.cost, a, b) for a in lefts for b in rights if a.axes == b.axes]
    if not fitting:
        fitting = [(a.cost + b.cost, a, b) for x in lefts for y in rights for a, b in _loosened(x, y)]
    if not fitting:
        sure = all(array.sure for array in lefts + rights) and not may_agree(lefts[0].axes, rights[0].axes)
        misfit = Misfit(lefts[0].axes, rights[0].axes, "the two sides", sure)
        raise ShapeConflict(misfit.written(counting), span)
    best = min(cost for cost, _, _ in fitting)
    return [(a, b) for cost, a, b in fitting if cost == best]


def may_agree(left: tuple[Axis, ...], right: tuple[Axis, ...]) -> bool:
    """Whether only a row is a column here, or a size is left open that may be the number on the other side."""
    left, right = (tuple(a for a in axes if a != ONE) for axes in (left, right))
    return len(left) == len(right) and all(
        a == b or (a.size is None) != (b.size is None) for a, b in zip(left, right, strict=True)
    )


def _loosened(left: Array, right: Array) -> list[tuple[Array, Array]]:
    """The identity matrix, ones, or a plain 0 take the shape of the other side."""
    if is_nothing(right) and left.axes:
        return [(left, replace(right, axes=left.axes, at=lambda _: number(0)))]
    if len(left.axes) == 2 and left.axes[1] == ONE and right.axes == left.axes[:1]:
        return [(as_vector(left), right)]
    if len(right.axes) == 2 and right.axes[1] == ONE and left.axes == right.axes[:1]:
        return [(left, as_vector(right))]
    if bool(left.axes) != bool(right.axes) and (right if left.axes else left).at(()) == number(0):
        both = aligned((left, right), "the two sides")
        return [(both[0], both[1])]
    if left.axes and not right.axes and (right.ones or right.eye):
        return [(left, aligned((left, right), "the two sides")[1])] if right.ones or len(left.axes) == 2 else []
    return []


def is_nothing(array: Array) -> bool:
    """Whether a side is a plain 0, which stands for an array of zeros as well."""
    return not array.axes and array.at(()) == number(0)


def _choice(reader: Reader, pair: tuple[Array, Array], conditions: tuple[Node, ...]) -> Choice:
    left, right = pair
    inner, terms = _every_part(reader, left, right)
    relations = (*condition_terms(reader, conditions, Env()), *dict.fromkeys(reader.existing))
    free = tuple((letter, axis) for letter, axis in reader.free.items()) + inner
    words = merge_words(_convention_words(reader), left.words, right.words)
    scope = replace(reader.scope, running=reader.scope.running | frozenset(reader.running))
    guesses = guess_words(scope, terms)
    context = scope.context(merge_words(scope.words, guesses))
    claim = Claim(*terms, free, relations)
    unusual = _unusual(reader) or _spectral(words, claim)
    claim, context = with_numbers(reader, claim, _without_open_end(claim, context))
    return Choice(claim, context, words, reader.doubt, unusual)


def _spectral(words: tuple[str, ...], claim: Claim) -> str:
    """A squared 2-norm of a matrix is a penalty where it is differentiated; elsewhere it may be the spectral norm."""
    slopes = any(isinstance(node, Diff) for side in (claim.left, claim.right) for node in walk(side))
    return "true for the Frobenius norm; the 2-norm of a matrix is another" if SPECTRAL in words and not slopes else ""


def _every_part(reader: Reader, left: Array, right: Array) -> tuple[tuple[tuple[str, Axis], ...], tuple[Term, Term]]:
    """Both sides at open indices, and these; of arrays in parts, all parts at once, numbered by an index of its own."""
    parts = list(parts_of(left.axes))
    if len(parts) == 1:
        names, idx = _open_indices(reader, parts[0])
        return names, (_entry(left, idx), _entry(right, idx))
    number = reader.fresh("part")
    found: list[tuple[str, Axis]] = [(number, literal_axis(len(parts)))]
    sides: tuple[list[Term], list[Term]] = ([], [])
    for k, part in enumerate(parts, 1):
        names, idx = _open_indices(reader, part)
        found += names
        mark = Delta(Affine.symbol(number), Affine.of(k))
        for side, array in zip(sides, (left, right), strict=True):
            side.append(Mul((mark, array.at(idx))))
    return tuple(found), (Add(tuple(sides[0])), Add(tuple(sides[1])))


def _open_indices(reader: Reader, part: Part) -> tuple[tuple[tuple[str, Axis], ...], Indices]:
    names = tuple((reader.fresh("i"), axis) for axis in part.axes)
    own = tuple(Affine.of(1) if axis == ONE else Affine.symbol(name) for name, axis in names)
    return tuple((name, axis) for name, axis in names if axis != ONE), part.indices(own)


def _unusual(reader: Reader) -> str:
    r"""Beside a gradient ∇, which is a column, ``\frac{\partial y}{\partial x}`` is the Jacobian, not its transpose."""
    if reader.convention.near and "extent" in reader.used:
        return UNUSUAL
    if reader.used >= {"∇ by a number", "∂ by a number"}:
        return "true for numbers; a gradient ∇ beside a Jacobian is one by a vector: declare it"
    both = reader.used >= {"∇", "layout"} or reader.used >= {"∇ of an array", "∂ of an array"}
    if reader.convention.layout != "denominator" or reader.scope.layout or not both:
        return ""
    return "true in denominator layout only, which is unusual beside a gradient ∇: say which layout is meant"


def _without_open_end(claim: Claim, context: Context) -> Context:
    """The context without a last member (layer L) where nothing mentions it: the layers are those with numbers."""
    last = context.family.last
    terms = [claim.left, claim.right, *(d.body for d in context.definitions)]
    terms += [side for r in claim.conditions for side in (r.left, r.right)]
    terms += [side for _, r in context.assumptions for side in (r.left, r.right)]
    axes = [axis for tensor in context.tensors.values() for axis in tensor.axes]
    axes += [axis for _, axis in claim.free]
    used = set().union(*(free_symbols(term) for term in terms), *(over_symbols(axis) for axis in axes))
    used = used.union(*(label.symbols for d in context.definitions for label in d.labels))
    return context if last is None or last in used else replace(context, family=replace(context.family, last=None))


def _entry(array: Array, idx: Indices) -> Term:
    """An entry for open indices; along axes of a small known size as a choice between the entries one by one."""
    places = [k for k, axis in enumerate(array.axes) if axis.size is not None and axis != ONE and idx[k].number is None]
    count = prod(array.axes[k].size or 1 for k in places)
    if not places or count > MAX_ENTRIES:
        return array.at(idx)
    terms: list[Term] = []
    for numbers in product(*(range(1, (array.axes[k].size or 1) + 1) for k in places)):
        here = list(idx)
        marks: list[Term] = []
        for k, place in zip(places, numbers, strict=True):
            here[k] = Affine.of(place)
            marks.append(Delta(idx[k], here[k]))
        terms.append(Mul((*marks, array.at(tuple(here)))))
    return Add(tuple(terms))


def _convention_words(reader: Reader) -> tuple[str, ...]:
    convention = reader.convention
    layout = convention.layout if reader.used & {"layout", "gradient"} else "shape"
    words = Convention(layout, convention.direct if reader.used & {"direct", "∂⁺"} else "").words
    words += (PLUS,) if "∂⁺" in reader.used and convention.direct == "" else ()
    words += (NEAR,) if convention.near and "near" in reader.used else ()
    return (*words, SLOTS) if convention.slots and "slots" in reader.used else words


def free_letters(node: Node, formula: Formula) -> frozenset[str]:
    """The index letters that stand on a side and that no sum there binds."""
    return unbound_letters(node) & formula.indices


def arguments_of(nodes: tuple[Node, ...], tex: str, scope: Scope) -> tuple[dict[str, Node], Scope]:
    """What each function of a formula is applied to, and the scope with a common point if none is to anything."""
    arguments = function_arguments(nodes, tex)
    if not arguments and (bare := bare_functions(nodes, scope)):
        scope = scope.with_symbol(Symbol(COMMON_POINT, "quantity", declared=False, why="where the functions are taken"))
        arguments = dict.fromkeys(bare, Name(COMMON_POINT, nodes[0].span))
    return arguments, scope


def function_arguments(nodes: tuple[Node, ...], tex: str) -> dict[str, Node]:
    """For each letter before a bracket what it is applied to; letters with different arguments are left out."""
    found: dict[str, Node] = {}
    texts: dict[str, set[str]] = {}
    for node in nodes:
        for name, argument in _applications(node):
            texts.setdefault(name, set()).add(tex[argument.span.start : argument.span.end].replace(" ", ""))
            found.setdefault(name, argument)
    for node in nodes:
        for part in every(node):
            if isinstance(part, Derivative) and isinstance(part.operand, Name) and len(part.by) == 1:
                found.setdefault(part.operand.text, part.by[0][0])
    return {name: node for name, node in found.items() if len(texts.get(name, set())) <= 1}


def bare_functions(nodes: tuple[Node, ...], scope: Scope) -> tuple[str, ...]:
    r"""The functions of a formula of nothing else, applied to nothing, with a prime: ``f' = f (1 - f)``."""
    parts = [part for node in nodes for part in every(node)]
    if any(isinstance(part, Derivative | Applied) for part in parts):
        return ()
    if not any(isinstance(part, Scripted) and part.primes for part in parts):
        return ()
    found: list[str] = []
    for part in parts:
        ref = refer(part, scope) if isinstance(part, Name | Scripted) else None
        if ref is None:
            continue
        symbol, body = ref.symbol, scope.bodies.get(ref.name)
        known = symbol is not None and symbol.kind == "function" or symbol is None and bool(known_function(ref.name))
        if not known and (body is None or len(body.parameters) != 1):
            return ()
        found.append(ref.name)
    return tuple(dict.fromkeys(found))


def _applications(node: Node) -> list[tuple[str, Node]]:
    found: list[tuple[str, Node]] = []
    for part in every(node):
        if not isinstance(part, Times):
            continue
        for k, operator in enumerate(part.operators):
            base = part.factors[k].base if isinstance(part.factors[k], Scripted) else part.factors[k]  # type: ignore[union-attr]
            follower = part.factors[k + 1]
            group = follower.base if isinstance(follower, Scripted) else follower
            if operator != "" or not isinstance(base, Name) or not isinstance(group, Group) or len(group.items) != 1:
                continue
            if not stands_in(base.text, group):
                found.append((base.text, group.items[0]))
    return found
