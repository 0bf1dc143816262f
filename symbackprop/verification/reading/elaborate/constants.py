"""The value of a term that is made of numbers only."""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.terms.nodes import Add, Mul, Num, Pow, Term

MAX_EXPONENT = 64


def constant(term: Term) -> Fraction | None:
    """The exact value of sums, products and whole powers of numbers; ``None`` for every other term.

    >>> from symbackprop.verification.terms.build import add, div, entry, num
    >>> constant(div(num(7), 2)), constant(add(1, entry("x")))
    (Fraction(7, 2), None)
    """
    match term:
        case Num(value):
            return value
        case Add(parts) | Mul(parts):
            total = Fraction(0 if isinstance(term, Add) else 1)
            for part in parts:
                known = constant(part)
                if known is None:
                    return None
                total = total + known if isinstance(term, Add) else total * known
            return total
        case Pow(base, exponent):
            low, high = constant(base), constant(exponent)
            if low is None or high is None or high.denominator != 1 or abs(high) > MAX_EXPONENT or not low:
                return None
            return low ** int(high)
    return None
