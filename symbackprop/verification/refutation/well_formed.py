"""What must hold before a claim has a value: known indices, fitting shapes, derivatives of things that depend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symbackprop.verification.budget import Budget
from symbackprop.verification.refutation.features import reached, sides
from symbackprop.verification.refutation.labels import label_symbols
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Axis, Call, Diff, Entry, Num, Over, Prod, Sum, Term
from symbackprop.verification.terms.walk import axis_at, children, entry_names, size_and_depth, walk

NUMBER_BITS = 4_096
Scope = Mapping[str, Over]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a claim: a code, a sentence, and the two shapes if they are what clashes."""

    code: str
    message: str
    shapes: tuple[str, str] | None = None


def fault(claim: Claim, context: Context, budget: Budget) -> Fault | None:
    """The first reason why ``claim`` cannot be judged, or has shapes that do not fit."""
    return (
        _too_large(claim, budget)
        or _names(claim)
        or _unbound(claim, context)
        or _underived(claim, context)
        or (_misfit(claim, context))
    )


def _too_large(claim: Claim, budget: Budget) -> Fault | None:
    for side in (claim.left, claim.right, *sides(claim.conditions)):
        nodes, depth = size_and_depth(side, budget.nodes)
        if nodes > budget.nodes or depth > budget.depth:
            return Fault("SBP011", f"out of budget: {nodes} nodes, {depth} deep")
        for node in walk(side):
            if (
                isinstance(node, Num)
                and max(abs(node.value.numerator), node.value.denominator).bit_length() > NUMBER_BITS
            ):
                return Fault("SBP011", "out of budget: a number of more than 1,200 digits")
    return None


def _names(claim: Claim) -> Fault | None:
    symbols = {name for name, _ in claim.free} | {
        s for side in (claim.left, claim.right) for node in walk(side) if isinstance(node, Entry)
        for a in (*node.labels, *node.indices) for s in a.symbols
    }  # fmt: skip
    bad = sorted(s for s in symbols if s.startswith(("#", "%")))
    return Fault("SBP020", f"{bad[0]!r} cannot be the name of an index") if bad else None


def _unbound(claim: Claim, context: Context) -> Fault | None:
    _, _, wrong = label_symbols(claim, context)
    if wrong:
        return Fault(
            "SBP003", f"the index {wrong[0]} is bound nowhere: it is neither summed over nor an index of the left side"
        )
    return None


def _underived(claim: Claim, context: Context) -> Fault | None:
    """A derivative of something that nothing connects with what it is taken by would be a meaningless 0."""
    for term in reached((claim.left, claim.right), context):
        for node in walk(term):
            if isinstance(node, Diff) and not _connected(node, context):
                what = node.body.name if isinstance(node.body, Entry) else "the expression"
                return Fault("SBP022", f"nothing says how {what} depends on {node.by.name}: its definition is missing")
    return None


def _connected(node: Diff, context: Context) -> bool:
    mentioned = entry_names(node.body)
    if not mentioned or node.by.name in mentioned:  # the derivative of a number is 0
        return True
    bodies = [d.body for d in context.definitions if isinstance(node.body, Entry) and d.name == node.body.name]
    if not node.total:
        return any(node.by.name in entry_names(body) for body in bodies)
    return any(node.by.name in entry_names(term) for term in reached([node.body], context))


# -- shapes ----------------------------------------------------------------------------------------------------------
def _misfit(claim: Claim, context: Context) -> Fault | None:
    for side in (claim.left, claim.right):
        for entry, scope in _entries(side, dict(claim.free)):
            found = _entry_misfit(entry, scope, context)
            if found is not None:
                return found
    return None


def _entries(term: Term, scope: Scope) -> Iterator[tuple[Entry, Scope]]:
    """Every entry with the ranges of the indices in scope."""
    if isinstance(term, Entry):
        yield term, scope
    if isinstance(term, Sum | Prod):
        yield from _entries(term.body, {**scope, term.index: term.over})
    elif isinstance(term, Call):
        for argument in term.arguments:
            yield from _entries(argument.body, {**scope, **dict(argument.indices)})
    else:
        for child in children(term):
            yield from _entries(child, scope)


def _entry_misfit(entry: Entry, scope: Scope, context: Context) -> Fault | None:
    tensor = context.tensors.get(entry.name)
    if tensor is None:
        return None
    if len(tensor.axes) != len(entry.indices) or len(tensor.labels) != len(entry.labels):
        return Fault(
            "SBP021", f"{entry.name} has {len(tensor.axes)} axes and is used with {len(entry.indices)} indices"
        )
    env = dict(zip(tensor.labels, entry.labels, strict=True))
    for place, (axis, index) in enumerate(zip(tensor.axes, entry.indices, strict=True)):
        declared, used = axis_at(axis, env), scope.get(str(index.name))
        if isinstance(used, Axis) and _differ(declared, used):
            names = (axis_name(used), axis_name(declared))
            where = f"axis {place + 1} of {entry.name} has {names[1]} entries, its index {index} runs over {names[0]}"
            mixed = (declared.size is None) != (used.size is None)
            return Fault("SBP021" if mixed else "SBP002", f"shapes do not fit: {where}", names)
        if index.number is not None and declared.size is not None and not 1 <= index.number <= declared.size:
            return Fault("SBP002", f"{entry.name} has no entry {index}", (str(index), axis_name(declared)))
    return None


def _differ(left: Axis, right: Axis) -> bool:
    if left.size is not None and right.size is not None:
        return left.size != right.size
    return left != right


def axis_name(axis: Axis) -> str:
    """The size of an axis as it is written: ``n_(l - 1)``, or its number.

    >>> from symbackprop.verification.terms.affine import Affine
    >>> axis_name(Axis("n", (Affine.symbol("l") + (-1),))), axis_name(Axis("k", size=3))
    ('n_(l - 1)', '3')
    """
    if axis.size is not None:
        return str(axis.size)
    return axis.name + (f"_({', '.join(map(str, axis.labels))})" if axis.labels else "")
