"""Long axes of known size made short for the search of a counterexample, where nothing depends on the number itself."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.refutation.features import reached, sides
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Axis, Call, Entry, Lambda, Num, Prod, Relation, Size, Sum, Term
from symbackprop.verification.terms.walk import map_children, walk

LONGEST = 9


def narrowed(claim: Claim, context: Context) -> tuple[Claim, Context, dict[int, int]]:
    """The claim with axes of more than nine entries made short, all different, and which size became which.

    A claim that could know the number (a literal beyond 2, or an entry beyond the second) is left as it is.
    """
    roots = (claim.left, claim.right, *sides(claim.conditions), *sides(r for _, r in context.assumptions))
    terms = reached(roots, context)
    axes = [a for tensor in context.tensors.values() for a in tensor.axes] + [a for t in terms for a in axes_of(t)]
    axes += [axis for _, axis in claim.free] + [axis for free, _ in context.assumptions for _, axis in free]
    sizes = sorted({a.size for a in axes if a.size is not None})
    long = [size for size in sizes if size > LONGEST]
    if not long or any(_knows_numbers(term) for term in terms):
        return claim, context, {}
    free = [number for number in range(3, 3 + len(sizes) + len(long)) if number not in sizes]
    table = dict(zip(long, free, strict=False))
    return _claim(claim, table), _context(context, table), table


def _knows_numbers(term: Term) -> bool:
    """Whether a term holds a literal with which a size could be compared (784, or 28 for its root)."""
    for node in walk(term):
        if isinstance(node, Num) and max(abs(node.value.numerator), node.value.denominator) > 2:
            return True
        if isinstance(node, Entry) and any((a.number or 0) > 2 for a in node.indices):
            return True
    return False


def axes_of(term: Term) -> list[Axis]:
    """Every axis that a term sums over, counts or binds."""
    found: list[Axis] = []
    for node in walk(term):
        if isinstance(node, Sum | Prod) and isinstance(node.over, Axis):
            found.append(node.over)
        elif isinstance(node, Size):
            found.append(node.axis)
        elif isinstance(node, Call):
            found += [axis for argument in node.arguments for _, axis in argument.indices]
    return found


def _axis(axis: Axis, table: dict[int, int]) -> Axis:
    return axis if axis.size is None else replace(axis, size=table.get(axis.size, axis.size))


def _term(term: Term, table: dict[int, int]) -> Term:
    term = map_children(term, lambda child: _term(child, table))
    match term:
        case Size(axis):
            return Size(_axis(axis, table))
        case Sum(index, over, body) | Prod(index, over, body) if isinstance(over, Axis):
            return type(term)(index, _axis(over, table), body)
        case Call(arguments=arguments):
            bound = [tuple((name, _axis(axis, table)) for name, axis in a.indices) for a in arguments]
            return replace(term, arguments=tuple(Lambda(b, a.body) for b, a in zip(bound, arguments, strict=True)))
    return term


def _relation(relation: Relation, table: dict[int, int]) -> Relation:
    return Relation(_term(relation.left, table), relation.op, _term(relation.right, table))


def _free(free: tuple[tuple[str, Axis], ...], table: dict[int, int]) -> tuple[tuple[str, Axis], ...]:
    return tuple((name, _axis(axis, table)) for name, axis in free)


def _claim(claim: Claim, table: dict[int, int]) -> Claim:
    conditions = tuple(_relation(relation, table) for relation in claim.conditions)
    return Claim(_term(claim.left, table), _term(claim.right, table), _free(claim.free, table), conditions)


def _context(context: Context, table: dict[int, int]) -> Context:
    def moved(tensor: Tensor) -> Tensor:
        mean, variance = (None if m is None else _term(m, table) for m in (tensor.mean, tensor.variance))
        return replace(tensor, axes=tuple(_axis(a, table) for a in tensor.axes), mean=mean, variance=variance)

    def rewritten(definition: Definition) -> Definition:
        return replace(definition, body=_term(definition.body, table))

    return replace(
        context,
        tensors={name: moved(tensor) for name, tensor in context.tensors.items()},
        definitions=tuple(map(rewritten, context.definitions)),
        assumptions=tuple((_free(free, table), _relation(r, table)) for free, r in context.assumptions),
    )
