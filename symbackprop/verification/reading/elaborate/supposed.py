"""A cost of which a block says only that it is a scalar: an unknown function of what the equations hand on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.verification.reading.elaborate.costs import under_costs
from symbackprop.verification.reading.elaborate.named_costs import NAMED
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import TIME_LETTERS, Scope, reachable, unknown_cost
from symbackprop.verification.reading.surface import Derivative, Name, Node, Scripted
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Axis, Call, Diff, Entry, Lambda, Range, Sum, Term
from symbackprop.verification.terms.walk import Names, entry_names, free_symbols, freshen, walk

NUMBER = "t#0"
"""The running time of a cost that is a sum."""


def with_supposed_costs(scope: Scope) -> Scope:
    r"""Define each declared cost letter that nothing defines or uses as an unknown function of the last quantities.

    ``L: scalar`` beside ``z = W x`` and ``a = \sigma(z)`` makes L an unknown function of a. A definition of the note's
    own replaces it. Where the last quantities are numbered by a time it is a sum over the times of unknown functions,
    so that its gradients by them are open. A scope without equations stays as it is.
    """
    handed_on = _handed_on(scope)
    if not handed_on:
        return scope
    read = {name for definition in _equations(scope) for name in entry_names(definition.body)}
    usual = _usual_cost(scope)
    for symbol in [s for s in scope.symbols.values() if _is_cost(s, scope) and s.name not in read]:
        if usual and symbol.why in NAMED:
            body: Term = Entry(usual, (), ())
            words = f"{symbol.name} is taken as {usual}, the cost of the network: nothing else is said of it"
        else:
            function = Symbol(unknown_cost(symbol.name), "function", why="an unknown cost")
            scope = scope.with_symbol(function)
            body = _cost(function.name, tuple(argument for _, argument in handed_on), scope)
            letters = ", ".join(name for name, _ in handed_on)
            what = "a sum over the times of unknown functions" if _is_sum(body) else "an unknown function"
            words = f"{symbol.name} is taken as {what} of {letters}: nothing else is said of it"
        scope = scope.with_definition(Definition(symbol.name, (), (), body))
        scope = replace(scope, soft=scope.soft | {symbol.name}, supposed={**scope.supposed, symbol.name: words})
    return scope


def _usual_cost(scope: Scope) -> str:
    """The cost of a preset, if what the equations hand on is what it is of."""
    soft = [d.name for d in scope.definitions if d.name in scope.soft and not (d.labels or d.indices)]
    costs = [name for name in soft if name not in scope.supposed and _names_a_cost(name)]
    last = {argument.body.name for _, argument in _handed_on(scope) if isinstance(argument.body, Entry)}
    return next((name for name in costs if last <= reachable(scope, name)), "")


def with_renewed_costs(scope: Scope) -> Scope:
    """The scope in which the costs that a note only names depend on what is defined by now."""
    shown = [s.name for s in scope.symbols.values() if s.why in NAMED]
    return with_supposed_costs(_without(shown, scope)) if shown else scope


def without_supposed(scope: Scope) -> Scope:
    """The scope without what is supposed of costs: what comes now may say more of what these depend on."""
    return _without(sorted(scope.supposed), scope)


def _without(names: list[str], scope: Scope) -> Scope:
    for name in (name for name in names if name in scope.soft and name in scope.supposed):
        scope = replace(scope.without(name), soft=scope.soft - {name})
    return scope


def without_other_costs(scope: Scope, sides: Iterable[Node]) -> Scope:
    r"""The scope without a cost of a preset which these sides differentiate by letters that it does not depend on.

    ``\frac{\partial J}{\partial Z}`` of a network of one's own, Z and A, is no derivative of the cost of z and a.
    """
    slopes = [part for side in sides for part in every(side) if isinstance(part, Derivative)]
    for slope in slopes:
        found = [refer(n, scope) if isinstance(n, Name | Scripted) else None for n in (slope.operand, slope.by[0][0])]
        cost, by = (ref.symbol.name if ref is not None and ref.symbol is not None else "" for ref in found)
        own = scope.defined(by) and by not in scope.soft and by not in reachable(scope, cost)
        if own and cost in scope.soft and cost not in scope.supposed and scope.symbols[cost].is_number:
            errors = [d.name for d in scope.definitions if isinstance(d.body, Diff) and cost in entry_names(d.body)]
            for name in (cost, *errors):
                scope = scope.without(name)
            scope = replace(scope, soft=scope.soft - {cost}, costs=())
    return scope


def under_any_cost(choices: tuple[Choice, ...], scope: Scope) -> tuple[Choice, ...]:
    """The readings under each usual cost, each with what is supposed of the letters on which it rests."""
    choices = under_costs(choices, scope)
    if not scope.supposed:
        return choices
    said = tuple(replace(choice, words=(*choice.words, *_words(choice, scope))) for choice in choices)
    return (*said, *(made for choice in said if (made := _at_the_end(choice, scope)) is not None))


def _cost(function: str, arguments: tuple[Lambda, ...], scope: Scope) -> Term:
    """An unknown function, or where its arguments are of one time the sum of such functions over the times."""
    if not any(NUMBER in free_symbols(argument.body) for argument in arguments):
        return Call(function, (), (), arguments)
    over = Range(Affine.of(scope.first), Affine.symbol(scope.last or ""))
    return Sum(NUMBER, over, Call(function, (Affine.symbol(NUMBER),), (), arguments))


def _is_sum(body: Term) -> bool:
    return isinstance(body, Sum) and body.index == NUMBER


def _at_the_end(choice: Choice, scope: Scope) -> Choice | None:
    """The same with a cost of the last time alone: what is false of a sum over the times may be meant so."""
    if not _words(choice, scope):
        return None
    made = []
    for definition in choice.context.definitions:
        body = definition.body
        if definition.name in scope.supposed and isinstance(body, Sum) and isinstance(body.over, Range):
            body = freshen(body.body, {body.index: body.over.hi}, Names("e#"))
        made.append(replace(definition, body=body))
    if tuple(made) == choice.context.definitions:
        return None
    unusual = choice.unusual or "true where the cost is one of the last time alone: say what it is"
    return replace(choice, context=replace(choice.context, definitions=tuple(made)), unusual=unusual)


def _words(choice: Choice, scope: Scope) -> list[str]:
    letters = entry_names(choice.claim.left) | entry_names(choice.claim.right)
    met = set().union(letters, *(reachable(scope, letter) for letter in letters))
    return [words for name, words in scope.supposed.items() if name in met]


def _is_cost(symbol: Symbol, scope: Scope) -> bool:
    """Whether a letter is declared as a scalar, is one that costs go by, and means nothing else here."""
    sizes = {axis.name for axis in _axes(scope)}
    plain = symbol.kind == "quantity" and symbol.axes == () and not symbol.labels and not symbol.is_random
    if not (symbol.declared and plain) or symbol.name in sizes or scope.defined(symbol.name):
        return False
    if symbol.why in NAMED:
        return True
    numbers = {symbol_ for axis in _axes(scope) for label in axis.labels for symbol_ in label.symbols}
    return _names_a_cost(symbol.name) and symbol.name not in numbers and symbol.name != scope.last


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
    if any(_is_timed(symbol) for name in names if (symbol := scope.symbols.get(name)) is not None):
        read = {other for d in equations for other in _read_at_once(d)}
    ends = [name for name in names if name not in read]
    if not ends and names:
        ends = [name for name in names[-1:] if scope.symbols.get(name, Symbol(name, "quantity")).labels]
    found = []
    for name in ends:
        symbol = scope.symbols.get(name)
        if symbol is None or symbol.kind != "quantity" or symbol.axes is None or symbol.is_random:
            return []
        if len(symbol.labels) > 1:
            return []
        if symbol.labels and scope.last is None:
            return []
        found.append((_spelled(symbol, scope), _argument(symbol, scope)))
    return found if len({_is_timed(scope.symbols[name]) for name in ends}) == 1 else []


def _read_at_once(definition: Definition) -> set[str]:
    """The other letters that a definition reads, of families those members with its own number."""
    entries = {node for node in walk(definition.body) if isinstance(node, Entry) and node.name != definition.name}
    return {e.name for e in entries if not e.labels or not definition.labels or e.labels == definition.labels}


def _is_timed(symbol: Symbol) -> bool:
    return any(label in TIME_LETTERS for label in symbol.labels)


def _spelled(symbol: Symbol, scope: Scope) -> str:
    if _is_timed(symbol):
        return f"{symbol.name}_{symbol.labels[0]}"
    return f"{symbol.name}^{{{scope.last}}}" if symbol.labels else symbol.name


def _argument(symbol: Symbol, scope: Scope) -> Lambda:
    number = NUMBER if _is_timed(symbol) else scope.last or ""
    last = {label: Affine.symbol(number) for label in symbol.labels}
    indices = tuple(f"_{k}" for k in range(len(symbol.axes or ())))
    axes = [replace(axis, labels=tuple(a.substitute(last) for a in axis.labels)) for axis in symbol.axes or ()]
    labels = tuple(last[label] for label in symbol.labels)
    entry = Entry(symbol.name, labels, tuple(map(Affine.symbol, indices)))
    return Lambda(tuple(zip(indices, axes, strict=True)), entry)
