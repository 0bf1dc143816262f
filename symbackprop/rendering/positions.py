"""An index that is computed, such as (j-1)n+k: what runs stands before the size by which it is multiplied."""

from __future__ import annotations

from collections import defaultdict

from sympy import Add, Expr, Integer, Mul, expand

from symbackprop.notations.base import number


def position(index: Expr) -> str:
    """An index, or a sum of indices and sizes.

    >>> from symbackprop.quantities import as_index, as_size
    >>> j, k, n, m = as_index("j"), as_index("k"), as_size("n"), as_size("m")
    >>> position(j * n + k - n), position(k - n * (j - 1)), position(2 * j + k - 1)
    ('(j-1)n+k', 'k-(j-1)n', '2j+k-1')
    >>> position(j * m * n - m * n + k * n - n + j)
    '(j-1)mn+(k-1)n+j'
    """
    by_size: dict[Expr, Expr] = defaultdict(lambda: Integer(0))
    for term in Add.make_args(expand(index)):
        size = Mul(*(factor for factor in Mul.make_args(term) if factor.free_symbols and factor.is_positive))
        by_size[size] += term / size
    running = {size: steps for size, steps in by_size.items() if size != 1 and not steps.is_number}
    if not running:
        return number(index)
    parts = []
    for size in sorted(running, key=lambda s: (-len(Mul.make_args(s)), str(s))):
        steps, falls = running[size], _falls(running[size])
        text = number(-steps if falls else steps)
        letters = str(size).replace("*", "")
        parts.append(("-" if falls else "+") + (text if len(text) == 1 else f"({text})") + letters)
    rest = Add(*(size * steps for size, steps in by_size.items() if size not in running))
    if rest != 0:
        first = number(rest)
        parts.append(first if first.startswith("-") else f"+{first}")
    # What is positive stands in front.
    text = "".join(sorted(parts, key=lambda part: part.startswith("-")))
    return text.removeprefix("+")


def _falls(steps: Expr) -> bool:
    """Whether the first index is counted down."""
    letters = sorted(steps.free_symbols, key=str)
    return bool(steps.coeff(letters[0]).is_negative)
