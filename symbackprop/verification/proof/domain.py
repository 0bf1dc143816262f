"""Where both sides of a claim are defined: what stands in their logarithms and roots is above 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.verification.terms.context import Context
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Diff,
    Entry,
    Expect,
    Fn,
    Mul,
    Num,
    Over,
    Pow,
    Sum,
    Term,
)

WORDS = "where what stands in logarithms and roots is above 0"


@dataclass(frozen=True)
class Domain:
    """Terms that are above 0 wherever the sides are defined, also for every value of an index, and whole letters."""

    terms: tuple[Term, ...] = ()
    general: tuple[tuple[Term, str, Over], ...] = ()
    letters: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.terms or self.general or self.letters)


def domain_of(sides: tuple[Term, ...], context: Context) -> Domain:
    """The domain that the sides have by themselves, and by the definitions of the scalars that they name.

    >>> from symbackprop.verification.terms.build import entry, fn, mul
    >>> domain_of((fn("log", mul(entry("x"), entry("y"))), fn("log", entry("x"))), Context()).terms[1].name
    'x'
    """
    seen: set[str] = set()
    arguments: list[tuple[Term, dict[str, Over]]] = []
    queue = list(sides)
    while queue:
        term = queue.pop(0)
        arguments += _arguments(term, {})
        for name in _scalars(term):
            if name not in seen:
                seen.add(name)
                queue += [d.body for d in context.definitions if d.name == name and not d.labels and not d.indices]
    if any(_is_even(term) for term, _ in arguments):
        return Domain()
    terms = [term for term, bound in arguments if not bound]
    entries = [(term, bound) for term, bound in arguments if bound and isinstance(term, Entry)]
    letters = {entry.name for entry, bound in entries if _all(entry, bound, context)}
    general = [(term, *next(iter(bound.items()))) for term, bound in arguments if len(bound) == 1]
    return Domain(tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(general)), frozenset(letters))


def _is_even(term: Term) -> bool:
    """Whether a factor is an even power: of log x² = 2 log x and √x² = x nobody knows what sign of x is meant."""
    match term:
        case Mul(parts):
            return any(map(_is_even, parts))
        case Pow(base, Num(exponent)):
            return exponent.numerator % 2 == 0 and not isinstance(base, Num) or _is_even(base)
    return False


def _scalars(term: Term) -> Iterator[str]:
    """The scalars that are evaluated wherever the term is."""
    if isinstance(term, Entry) and not term.labels and not term.indices:
        yield term.name
    for part in _evaluated(term):
        yield from _scalars(part)


def _evaluated(term: Term) -> tuple[Term, ...]:
    """The parts that are evaluated wherever the term is; none of cases, limits, integrals and unknown functions."""
    match term:
        case Add(parts) | Mul(parts):
            return parts
        case Pow(base, exponent):
            return (base, exponent)
        case Fn(_, _, argument):
            return (argument,)
        case Sum(_, _, body) | Expect(body) | Diff(body, _, _):
            return (body,)
    return ()


def _arguments(term: Term, bound: dict[str, Over]) -> Iterator[tuple[Term, dict[str, Over]]]:
    """What stands in logarithms and roots, with the bound indices in it."""
    if isinstance(term, Expect):
        return  # of random entries, which are any outcome
    if isinstance(term, Sum):
        bound = {**bound, term.index: term.over}
    argument = None
    if isinstance(term, Fn) and term.name in ("log", "sqrt"):
        argument = term.argument
    elif isinstance(term, Pow) and isinstance(term.exponent, Num) and term.exponent.value.denominator > 1:
        argument = term.base
    if argument is not None:
        used = {name: bound[name] for name in _symbols(argument) if name in bound}
        yield argument, used
    for part in _evaluated(term):
        yield from _arguments(part, bound)


def _symbols(term: Term) -> set[str]:
    places = (*term.labels, *term.indices) if isinstance(term, Entry) else ()
    return {name for place in places for name in place.symbols}.union(*map(_symbols, _evaluated(term)))


def _all(entry: Entry, bound: dict[str, Over], context: Context) -> bool:
    """Whether the sum runs over all entries of a letter without labels, each index over its whole axis."""
    tensor = context.tensors.get(entry.name)
    names = [index.name for index in entry.indices]
    if tensor is None or entry.labels or len(set(names)) != len(tensor.axes) or any(a.labels for a in tensor.axes):
        return False
    overs: list[Over | None] = [bound.get(str(name)) for name in names]
    return overs == list[Over | None](tensor.axes) and all(isinstance(over, Axis) for over in overs)
