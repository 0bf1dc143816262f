r"""LaTeX of expressions in index form, spelled by a notation; what is written is what the reader of notes can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sympy import (
    Add,
    Expr,
    Function,
    Heaviside,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    erf,
    exp,
    pi,
    sign,
)

from symbackprop.derivation.tangents import Tangent
from symbackprop.notations import Notation
from symbackprop.notations.base import joined
from symbackprop.quantities import Apply, Partial, Quantity, Role
from symbackprop.rendering.leaves import LEAVES
from symbackprop.rendering.order import in_order, is_negative, terms_in_order
from symbackprop.rendering.pieces import ATOM, BIG, POWER, PRODUCT, TERMS, NotPrintable, Piece, brackets
from symbackprop.rendering.positions import position

_RAISED_BY_NAME = frozenset({r"\tanh", r"\cosh", r"\sinh", r"\sin", r"\cos"})


@dataclass(frozen=True)
class Writer:
    r"""Writes the expressions of one model in one notation.

    ``quantities`` tells which letters are quantities, by their label; ``depth`` is the number of the last layer, needed
    where a notation counts from the output.

    >>> from sympy import symbols, Sum
    >>> from symbackprop.notations import notations
    >>> from symbackprop.quantities import Apply, ArgMaximum, Quantity, Role
    >>> j, k, l = symbols("j k l", integer=True)
    >>> w = Quantity(Role.WEIGHT, l + 1, (Integer(2), Integer(4)))
    >>> e, z = Quantity(Role.ERROR, l + 1, (Integer(2),)), Quantity(Role.PREACTIVATION, l, (Integer(4),))
    >>> recursion = Apply("sigmoid", 1, z[j]) * Sum(e[k] * w[k, j], (k, 1, 2))
    >>> known = {q.label: q for q in (w, e, z)}
    >>> print(Writer(notations["nielsen"], known).write(recursion))
    \sigma'(z^{l}_{j}) \sum_{k=1}^{2} w^{l+1}_{kj} \delta^{l+1}_{k}
    >>> print(Writer(notations["backward_epsilon"], known).write(recursion))
    \sigma'(z^{l}_{j}) \sum_{k=1}^{2} w^{l,l-1}_{kj} \varepsilon^{l-1}_{k}
    """

    notation: Notation
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    depth: Expr | int | None = None

    def write(self, expression: Expr) -> str:
        """The LaTeX of ``expression``; constant factors stand before a sum, not behind its sign."""
        return self.piece(_constants_first(expression)).text

    @property
    def objective(self) -> str:
        """The LaTeX of J."""
        return self.notation.spellings[Role.LOSS].array

    def quantity(self, expression: Expr) -> Quantity | None:
        """The quantity of which ``expression`` is an entry, if it is one."""
        if isinstance(expression, Indexed):
            return self.quantities.get(str(expression.base.label))
        return self.quantities.get(expression.name) if isinstance(expression, Symbol) else None

    def piece(self, expression: Expr) -> Piece:
        """The LaTeX of ``expression`` with the strength of its outermost sign."""
        for kind, write in _WRITERS:
            if isinstance(expression, kind):
                return write(self, expression)
        raise NotPrintable(f"{type(expression).__name__} has no LaTeX here: {expression}")

    def bracketed(self, expression: Expr, least: int) -> Piece:
        """``expression``, in brackets if its outermost sign binds less than ``least``."""
        piece = self.piece(expression)
        return piece if piece.level >= least else Piece(brackets(piece), ATOM, piece.tall)

    def indices(self, entry: Expr) -> list[str]:
        """The indices of an entry; the only place on an axis of size 1 is not written."""
        if not isinstance(entry, Indexed):
            return []
        quantity = self.quantity(entry)
        sizes = quantity.axes if quantity is not None else (None,) * len(entry.indices)
        return [self.index(i) for i, n in zip(entry.indices, sizes, strict=True) if not (i == 1 and n == 1)]

    def index(self, index: Expr) -> str:
        """An index or one of its shifts, ``k`` or ``k+1``; a position in it is written as the entry that it is."""
        if index.has(Indexed):
            return self.write(index).replace(" ", "")
        return position(index) if index.free_symbols else str(index)


def _constants_first(expression: Expr) -> Expr:
    if not isinstance(expression, Expr) or not expression.has(Sum):
        return expression
    return expression.replace(lambda node: isinstance(node, Sum), _constant_out)


def _constant_out(total: Sum) -> Expr:
    constant, body = total.function.as_coeff_Mul()
    return total if constant == 1 else constant * Sum(body, *total.limits)


def _entry(writer: Writer, entry: Expr) -> Piece:
    quantity = writer.quantity(entry)
    indices = writer.indices(entry)
    if quantity is not None:
        return Piece(writer.notation.entry(quantity, indices, writer.depth), ATOM)
    if isinstance(entry, Symbol):
        return Piece(writer.notation.size(entry.name, writer.depth), ATOM)
    return Piece(f"{writer.notation.symbol(str(entry.base.label))}_{{{joined(indices)}}}", ATOM)


def _number(writer: Writer, value: Number) -> Piece:
    if value.is_negative:
        return Piece("-" + _number(writer, -value).text, TERMS)
    if isinstance(value, Rational) and value.q >= 100 and 10**40 % value.q == 0:
        return Piece(f"{Decimal(value.p) / Decimal(value.q):f}", ATOM)
    if isinstance(value, Rational) and value.q != 1:
        return Piece(rf"\frac{{{value.p}}}{{{value.q}}}", POWER, tall=True)
    return Piece(str(value), ATOM)


def _common(total: Add) -> tuple[Rational, Expr]:
    """The factor that all terms share up to sign, and the rest: 2 (a - y), which SymPy keeps multiplied out."""
    sizes = {abs(term.as_coeff_Mul()[0]) for term in total.args}
    size = sizes.pop()
    if sizes or size == 1:
        return Integer(1), total
    return size, Add(*(term / size for term in total.args))


def _add(writer: Writer, total: Add) -> Piece:
    factor, rest = _common(total)
    if factor != 1:
        return _factors(writer, [factor, rest])
    text, tall = "", False
    for term in terms_in_order(total.args):
        minus = is_negative(term)
        piece = writer.bracketed(-term if minus else term, BIG)
        text += (" - " if minus else " + ") + piece.text if text else ("-" if minus else "") + piece.text
        tall = tall or piece.tall
    return Piece(text, TERMS, tall)


def _mul(writer: Writer, product: Mul) -> Piece:
    coefficient, rest = product.as_coeff_Mul()
    if coefficient.is_negative:
        positive = writer.bracketed(-product, BIG)
        return Piece("-" + positive.text, TERMS, positive.tall)
    above, below = _split(rest)
    for n, (common, shared) in enumerate(_common(f) if isinstance(f, Add) else (Integer(1), f) for f in above):
        coefficient, above[n] = coefficient * common, shared
    coefficient = _roots_below(coefficient, above, below)
    if not below:
        return _factors(writer, [coefficient, *in_order(above, writer.quantities)])
    top, bottom = coefficient.as_numer_denom()
    behind = [factor for factor in above if isinstance(factor, Sum | Piecewise | Partial)]
    upper = _factors(writer, [top, *in_order((f for f in above if f not in behind), writer.quantities)])
    lower = _factors(writer, [bottom, *in_order(below, writer.quantities)])
    fraction = Piece(rf"\frac{{{upper.text}}}{{{lower.text}}}", POWER, tall=True)
    if not behind:
        return fraction
    tail = _factors(writer, in_order(behind, writer.quantities))
    return Piece(f"{fraction.text} {tail.text}", tail.level if tail.level == BIG else PRODUCT, tall=True)


def _split(product: Expr) -> tuple[list[Expr], list[Expr]]:
    """The factors above and below the bar."""
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in Mul.make_args(product):
        divides = isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp.is_negative
        (below if divides else above).append(1 / factor if divides else factor)
    return above, below


def _roots_below(coefficient: Rational, above: list[Expr], below: list[Expr]) -> Rational:
    r"""Gather the roots of numbers: :math:`1/\sqrt{2\pi}` where SymPy keeps :math:`\sqrt 2 / (2 \sqrt\pi)`."""
    up, down = _take_roots(above), _take_roots(below)
    if up.is_Integer and coefficient.q % up == 0:
        coefficient, up, down = coefficient * up, Integer(1), up * down
    if up != 1:
        above.append(Pow(up / down, Rational(1, 2), evaluate=False))
    elif down != 1:
        below.append(Pow(down, Rational(1, 2), evaluate=False))
    return coefficient


def _take_roots(factors: list[Expr]) -> Expr:
    """Remove the square roots of numbers from ``factors`` and return the product of what stood below them."""
    roots = [f for f in factors if isinstance(f, Pow) and f.base.is_number and f.exp == Rational(1, 2)]
    factors[:] = [f for f in factors if f not in roots]
    return Mul(*(root.base for root in roots))


def _factors(writer: Writer, factors: Iterable[Expr]) -> Piece:
    """Factors side by side; a sum over an index needs brackets unless it is the last."""
    listed = [factor for factor in factors if factor != 1] or [Integer(1)]
    if len(listed) == 1:
        return writer.piece(listed[0])
    pieces = [writer.bracketed(factor, PRODUCT) for factor in listed[:-1]]
    pieces.append(writer.bracketed(listed[-1], BIG))
    text = pieces[0].text
    for piece in pieces[1:]:
        text += (r" \cdot " if piece.text[0].isdigit() else " ") + piece.text
    return Piece(text, min(PRODUCT, pieces[-1].level), any(piece.tall for piece in pieces))


def _pow(writer: Writer, power: Pow) -> Piece:
    base, exponent = power.base, power.exp
    if exponent.is_Rational and exponent.is_negative:
        return Piece(rf"\frac{{1}}{{{writer.write(1 / power)}}}", POWER, tall=True)
    if exponent == Rational(1, 2):
        return Piece(rf"\sqrt{{{writer.write(base)}}}", POWER, tall=True)
    raised = f"{exponent.p}/{exponent.q}" if exponent.is_Rational and exponent.q != 1 else writer.write(exponent)
    call = _call_parts(writer, base)
    if call is not None and call[0] in _RAISED_BY_NAME:
        return Piece(f"{call[0]}^{{{raised}}}{call[1].text}", POWER, call[1].tall)
    inner = writer.piece(base)
    bare = inner.level == ATOM and "^" not in inner.text or call is not None and "^" not in call[0]
    return Piece((inner.text if bare else brackets(inner)) + f"^{{{raised}}}", POWER, inner.tall)


def _sum(writer: Writer, total: Sum) -> Piece:
    signs = ""
    for index, low, high in reversed(total.limits):
        signs += rf"\sum_{{{writer.index(index)}={writer.write(low)}}}^{{{writer.write(high)}}} "
    return Piece(signs + writer.bracketed(total.function, BIG).text, BIG, tall=True)


def _call_parts(writer: Writer, call: Expr) -> tuple[str, Piece] | None:
    """The name of a function and its bracketed argument."""
    if isinstance(call, Apply):
        argument, name = call.argument, writer.notation.function(call.name) + "'" * call.order
    elif isinstance(call, Function) and not isinstance(call, exp | KroneckerDelta | Piecewise | Heaviside):
        argument, name = call.args[0], writer.notation.function(call.func.__name__)
    else:
        return None
    inner = writer.piece(argument)
    return name, Piece(brackets(inner), ATOM, inner.tall)


def _call(writer: Writer, call: Expr) -> Piece:
    parts = _call_parts(writer, call)
    if parts is None:
        raise NotPrintable(f"the function {type(call).__name__} has no LaTeX here: {call}")
    return Piece(parts[0] + parts[1].text, POWER, parts[1].tall)


def _exp(writer: Writer, power: exp) -> Piece:
    argument = writer.piece(power.args[0])
    if argument.tall:
        return Piece(r"\exp" + brackets(argument), POWER, tall=True)
    return Piece(f"e^{{{argument.text}}}", POWER)


def _partial(writer: Writer, partial: Partial) -> Piece:
    if isinstance(partial.numerator, Partial):
        return _second(writer, partial)
    by = writer.quantity(partial.denominator)
    of = writer.quantity(partial.numerator)
    if by is not None and of is not None and of.layer is None:
        own = writer.notation.gradient_entry(by, writer.indices(partial.denominator), writer.depth)
        if own is not None:
            return Piece(own, ATOM)
    return Piece(
        derivative(writer, writer.bracketed(partial.numerator, POWER).text, writer.write(partial.denominator)),
        POWER,
        True,
    )


def _second(writer: Writer, partial: Partial) -> Piece:
    """A derivative of a derivative, with both denominators below one bar."""
    below = (partial.numerator.denominator, partial.denominator)
    of = writer.bracketed(partial.numerator.numerator, POWER).text
    return Piece(
        rf"\frac{{\partial^{{2}} {of}}}{{" + " ".join(rf"\partial {writer.write(by)}" for by in below) + "}",
        POWER,
        True,
    )


def _tangent(writer: Writer, rate: Tangent) -> Piece:
    inner = writer.piece(rate.args[0])
    opening, closing = (r"\left\{", r"\right\}") if inner.tall else (r"\{", r"\}")
    return Piece(rf"\mathcal{{R}}{opening}{inner.text}{closing}", ATOM, inner.tall)


def derivative(writer: Writer, numerator: str, denominator: str) -> str:
    """The quotient of a derivative."""
    bar = writer.notation.derivative
    return bar.replace("{numerator}", numerator).replace("{denominator}", denominator)


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Writer, Expr], Piece]], ...] = (
    (Number, _number),
    (type(pi), lambda writer, value: Piece(r"\pi", ATOM)),
    ((Indexed, Symbol), _entry),
    (Add, _add),
    (Mul, _mul),
    (exp, _exp),
    (Pow, _pow),
    (Sum, _sum),
    (Partial, _partial),
    (Tangent, _tangent),
    *LEAVES,
    ((Apply, erf, sign, Function), _call),
)
