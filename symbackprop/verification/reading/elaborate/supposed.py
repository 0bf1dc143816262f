"""A cost of which a block says only that it is a scalar: an unknown function of what the equations hand on."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.costs import under_costs
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.scope import TIME_LETTERS, Scope, reachable, unknown_cost
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Axis, Call, Diff, Entry, Lambda
from symbackprop.verification.terms.walk import entry_names, walk


def with_supposed_costs(scope: Scope) -> Scope:
    r"""Define each declared cost letter that nothing defines or uses as an unknown function of the last quantities.

    ``L: scalar`` beside ``z = W x`` and ``a = \sigma(z)`` makes L an unknown function of a. A definition of the note's
    own replaces it. A scope without equations, or whose last quantities are numbered by a time, stays as it is.
    """
    handed_on = _handed_on(scope)
    if not handed_on:
        return scope
    read = {name for definition in _equations(scope) for name in entry_names(definition.body)}
    for symbol in [s for s in scope.symbols.values() if _is_cost(s, scope) and s.name not in read]:
        function = Symbol(unknown_cost(symbol.name), "function", why="an unknown cost")
        arguments = tuple(lambda_ for _, lambda_ in handed_on)
        cost = Definition(symbol.name, (), (), Call(function.name, (), (), arguments))
        letters = ", ".join(name for name, _ in handed_on)
        words = f"{symbol.name} is taken as an unknown function of {letters}: nothing else is said of it"
        scope = scope.with_symbol(function).with_definition(cost)
        scope = replace(scope, soft=scope.soft | {symbol.name}, supposed={**scope.supposed, symbol.name: words})
    return scope


def under_any_cost(choices: tuple[Choice, ...], scope: Scope) -> tuple[Choice, ...]:
    """The readings under each usual cost, each with what is supposed of the letters on which it rests."""
    choices = under_costs(choices, scope)
    return tuple(replace(c, words=(*c.words, *_words(c, scope))) for c in choices) if scope.supposed else choices


def _words(choice: Choice, scope: Scope) -> list[str]:
    letters = entry_names(choice.claim.left) | entry_names(choice.claim.right)
    met = set().union(letters, *(reachable(scope, letter) for letter in letters))
    return [words for name, words in scope.supposed.items() if name in met]


def _is_cost(symbol: Symbol, scope: Scope) -> bool:
    """Whether a letter is declared as a scalar, is one that costs go by, and means nothing else here."""
    numbers = {symbol_ for axis in _axes(scope) for label in axis.labels for symbol_ in label.symbols}
    sizes = {axis.name for axis in _axes(scope)}
    taken = symbol.name in numbers | sizes or symbol.name == scope.last or scope.defined(symbol.name)
    plain = symbol.kind == "quantity" and symbol.axes == () and not symbol.labels and not symbol.is_random
    return symbol.declared and plain and _names_a_cost(symbol.name) and not taken


def _names_a_cost(name: str) -> bool:
    r"""``L``, ``\mathcal{L}`` or one of these with a label, ``J_0``."""
    return name in SCALAR_NAMES or name.partition("_")[0] in SCALAR_NAMES


def _equations(scope: Scope) -> list[Definition]:
    r"""The definitions without those of costs (``J = J_0 + \lambda \|W\|^2``)."""
    derived = {d for d in scope.definitions if any(isinstance(node, Diff) for node in walk(d.body))}
    whole = [d for d in scope.definitions if d not in derived]
    return [d for d in whole if d.indices or d.labels or not _names_a_cost(d.name)]


def _axes(scope: Scope) -> list[Axis]:
    return [axis for symbol in scope.symbols.values() for axis in symbol.axes or ()]


def _handed_on(scope: Scope) -> list[tuple[str, Lambda]]:
    """The defined quantities that no other equation reads, each as an argument; of layers the last one."""
    equations = _equations(scope)
    names = list(dict.fromkeys(d.name for d in equations))
    read = {other for d in equations for other in entry_names(d.body) if other != d.name}
    ends = [name for name in names if name not in read]
    if not ends and names:
        ends = [name for name in names[-1:] if scope.symbols.get(name, Symbol(name, "quantity")).labels]
    found = []
    for name in ends:
        symbol = scope.symbols.get(name)
        if symbol is None or symbol.kind != "quantity" or symbol.axes is None or symbol.is_random:
            return []
        if len(symbol.labels) > 1 or any(label in TIME_LETTERS for label in symbol.labels):
            return []
        if symbol.labels and scope.last is None:
            return []
        found.append((_spelled(symbol, scope), _argument(symbol, scope)))
    return found


def _spelled(symbol: Symbol, scope: Scope) -> str:
    return f"{symbol.name}^{{{scope.last}}}" if symbol.labels else symbol.name


def _argument(symbol: Symbol, scope: Scope) -> Lambda:
    last = {label: Affine.symbol(scope.last or "") for label in symbol.labels}
    indices = tuple(f"_{k}" for k in range(len(symbol.axes or ())))
    axes = [replace(axis, labels=tuple(a.substitute(last) for a in axis.labels)) for axis in symbol.axes or ()]
    labels = tuple(last[label] for label in symbol.labels)
    entry = Entry(symbol.name, labels, tuple(map(Affine.symbol, indices)))
    return Lambda(tuple(zip(indices, axes, strict=True)), entry)
