r"""Letters that are declared with what they depend on: ``\phi(s)`` as a vector, ``x(s, a)`` as one for each s and a.

Where nothing numbers them, the letter with its brackets is one letter: ``\phi(s)`` wherever it is written so.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Applied, Group, Name, Node, NotRead, Scripted, Statement, Times
from symbackprop.verification.reading.symbols import Symbol, Table, known_function
from symbackprop.verification.terms.nodes import Axis

FIRST = 0xA000  #: where letters begin that stand in for such a one until its shape is known; no note writes them


def stand_in(number: int) -> str:
    """A letter for the key of a block that is declared with arguments."""
    return chr(FIRST + number)


def number_axes(numbers: tuple[str, ...]) -> tuple[Axis, ...]:
    """The axes along which letters that number entries run."""
    return tuple(Axis(f"dim({letter.rstrip(chr(39))})") for letter in numbers)


def with_shapes(scope: Scope) -> Scope:
    """The scope with the declared shapes at the letters that they are of."""
    for table in scope.tables:
        symbol = scope.symbols.get(table.stands) if table.stands else None
        if symbol is None or symbol.axes is None:
            continue
        axes, count = (*number_axes(table.numbers), *symbol.axes), len(table.numbers)
        made: Symbol = replace(symbol, name=table.name, axes=axes, leading=count, place="sub" if count else "")
        if makes_steps(table):
            made = replace(symbol, name=table.name, labels=table.numbers, place="sub")
        symbols = {name: s for name, s in scope.symbols.items() if name != table.stands}
        scope = replace(scope, symbols=symbols).with_symbol(made)
    return scope


def makes_steps(table: Table) -> bool:
    """Whether a letter is declared for any time: ``h(t)`` is one of a family, as ``h_t`` is."""
    alone = len(table.letters) == 1 and table.letters == table.numbers and not table.parameters
    return alone and table.letters[0] == "t"  # a τ may be a trajectory


def without_logs(surface: tuple[Statement, ...] | NotRead, scope: Scope) -> tuple[Statement, ...] | NotRead:
    r"""``\log p = e``, which defines p, as ``p = \exp(e)``."""
    if isinstance(surface, NotRead) or len(surface) != 1 or surface[0].relations != ("=",):
        return surface
    left, right = surface[0].sides
    head = left.function if isinstance(left, Applied) else None
    logarithm = isinstance(head, Name) and known_function(head.text) == "log" and not scope.knows(head.text)
    if not logarithm or right is None or not isinstance(left, Applied) or not _is_new(left.argument, scope):
        return surface
    power = Times((Name("exp", right.span, upright=True), Group("(", (right,), right.span)), ("",), right.span)
    return (replace(surface[0], sides=(left.argument, power)),)


def _is_new(node: Node, scope: Scope) -> bool:
    """Whether a letter, with what it depends on in brackets, is one that nothing defines yet."""
    head = node.factors[0] if isinstance(node, Times) and len(node.factors) == 2 and not any(node.operators) else node
    listed = head is node or isinstance(node, Times) and isinstance(node.factors[1], Group)
    base = head.base if isinstance(head, Scripted) else head
    if not listed or not isinstance(base, Name) or isinstance(head, Scripted) and (head.sups or head.primes):
        return False
    symbol = scope.find(base.text)
    free = symbol is None or symbol.kind == "quantity" and not symbol.is_random
    return free and not known_function(base.text) and not scope.defined(base.text)


def plain_table(head: str, letters: tuple[str, ...], sign: str) -> Table:
    """A letter with its brackets as one letter."""
    return Table(f"{head}({sign.join(letters)})", letters, (), head=head)
