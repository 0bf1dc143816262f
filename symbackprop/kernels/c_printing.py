"""Scalar expressions and indices as C."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Function, Mul, Pow, Rational, Symbol
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from symbackprop.errors import NotDerivable
from symbackprop.kernels.masks import Choice, Mask
from symbackprop.kernels.writer import IndexPrinter

#: Functions of ours (see ``c_functions.c``), and those of the C library, which have an f behind them for float.
_OWN = {
    "exp": "exp_of",
    "expm1": "expm1_of",
    "tanh": "tanh_of",
    "expit": "logistic",
    "exponential": "exp_of",
    "erfcx": "erfcx_of",
}
_OWN |= {name: name for name in ("softplus", "xlogy", "sign")}
_LIBRARY = {"Abs": "fabs"} | {
    name: name for name in ("log", "log1p", "sin", "cos", "sinh", "cosh", "erf", "erfc", "floor")
}


class CPrinter(StrPrinter):
    """Scalar expressions as C in one dtype; ``names`` maps each symbol to the text that stands for it.

    >>> from sympy import exp
    >>> from symbackprop.quantities import ARGUMENT as z
    >>> CPrinter({z: "z1[i]"}, "float32").code(z**2 / 3 + exp(-z) + Mask(z > 0))
    '0.333333333f*square(z1[i]) + (z1[i] > 0) + exp_of(-z1[i])'
    """

    def __init__(self, names: Mapping[Symbol, str], dtype: str) -> None:
        super().__init__()
        self.names, self.suffix = names, "f" if dtype == "float32" else ""

    def code(self, expression: Expr) -> str:
        return str(self.doprint(expression))

    def _print_Symbol(self, symbol: Symbol) -> str:
        if symbol not in self.names:
            raise NotDerivable(f"backend 'c' has no value for {symbol}; use backend 'numpy'")
        return self.names[symbol]

    def _number(self, value: Expr) -> str:
        if value.is_Integer and abs(int(value)) < 2**31:
            return str(int(value))
        text = f"{float(value):.9g}" if self.suffix else repr(float(value))
        return text + ("" if any(mark in text for mark in ".en") else ".0") + self.suffix

    def _print_Rational(self, value: Expr) -> str:
        return self._number(value)

    _print_Float = _print_NumberSymbol = _print_Integer = _print_Rational

    def _print_Infinity(self, value: Expr) -> str:
        return "INFINITY"

    def _print_NegativeInfinity(self, value: Expr) -> str:
        return "-INFINITY"

    def _print_Mul(self, product: Expr) -> str:
        number = Mul(*(f for f in product.args if f.is_number and not f.has(Function)))
        others = [f for f in product.args if not (f.is_number and not f.has(Function))]
        below = [f.base**-f.exp for f in others if _in_denominator(f)]
        texts = [self.parenthesize(f, PRECEDENCE["Mul"]) for f in others if not _in_denominator(f)]
        if number == -1 and texts:
            texts[0] = f"-{texts[0]}"
        elif number != 1 or not texts:
            texts.insert(0, self._number(number))
        divisors = [f"({self._print(f)})" if f.args else self._print(f) for f in below]
        return "*".join(texts) + "".join(f"/{text}" for text in divisors)

    def _print_Pow(self, power: Expr, rational: bool = False) -> str:
        base, exponent = power.base, power.exp
        if power.is_number and not power.has(Function):
            return self._number(power)
        if _in_denominator(power):
            return f"1/({self._print(base**-exponent)})"
        if exponent == Rational(1, 2):
            return f"sqrt{self.suffix}({self._print(base)})"
        if exponent == 2:
            return f"square({self._print(base)})"
        if exponent == 4:
            return f"square({self._print(base**2)})"
        if exponent == 3:
            return f"{self.parenthesize(base, PRECEDENCE['Mul'])}*{self._print(base**2)}"
        return f"pow{self.suffix}({self._print(base)}, {self._print(exponent)})"

    def _print_Mask(self, mask: Mask) -> str:
        relation = mask.relation
        return f"({self._print(relation.lhs)} {relation.rel_op} {self._print(relation.rhs)})"

    def _print_Choice(self, choice: Choice) -> str:
        mask, value, other = map(self._print, choice.args)
        return f"({mask} ? {value} : {other})"

    def _print_Max(self, expression: Expr) -> str:
        return self._extreme("largest", "<", expression)

    def _print_Min(self, expression: Expr) -> str:
        return self._extreme("smallest", ">", expression)

    def _extreme(self, name: str, sign: str, expression: Expr) -> str:
        """NaN stays NaN: a number is taken only where the comparison with it says so."""
        first, *others = sorted(expression.args, key=lambda e: (bool(e.is_number), str(e)))
        text = self._print(first)
        for other in others:
            number = self._print(other)
            short = other.is_number and first.is_Symbol and text.replace("[", "").replace("]", "").isidentifier()
            text = f"({text} {sign} {number} ? {number} : {text})" if short else f"{name}({text}, {number})"
        return text

    def _print_rounded(self, expression: Expr) -> str:
        return f"({self._print(expression.args[0])})"

    def _print_Function(self, expression: Expr) -> str:
        name = type(expression).__name__
        known = _OWN.get(name) or (name in _LIBRARY and _LIBRARY[name] + self.suffix)
        if not known:
            raise NotDerivable(f"backend 'c' has no {name}; use backend 'numpy'")
        return f"{known}({', '.join(map(self._print, expression.args))})"

    _print_Abs = _print_sign = _print_floor = _print_exp = _print_log = _print_Function

    def emptyPrinter(self, expr: object) -> str:
        raise NotDerivable(f"backend 'c' cannot write {expr}; use backend 'numpy'")


def _in_denominator(factor: Expr) -> bool:
    return isinstance(factor, Pow) and bool(factor.exp.is_number and factor.exp.is_negative)


class CIndexPrinter(IndexPrinter):
    """Whole-number arithmetic as C.

    >>> from sympy import floor
    >>> i = Symbol("i")
    >>> CIndexPrinter({i: "i"}).code(floor(i / 2) + 3 * i)
    '3*i + floor_of(i, 2)'
    """

    def _print_floor(self, expression: Expr) -> str:
        above, below = expression.args[0].together().as_numer_denom()
        return f"floor_of({self._print(above)}, {self._print(below)})"

    def _print_Mod(self, expression: Expr) -> str:
        return f"modulo({', '.join(map(self._print, expression.args))})"

    def _print_Max(self, expression: Expr) -> str:
        first, *others = sorted(map(self._print, expression.args))
        for other in others:
            first = f"at_least({first}, {other})"
        return first

    def _print_Pow(self, power: Expr, rational: bool = False) -> str:
        if not (power.exp.is_Integer and power.exp > 0):
            raise NotDerivable(f"backend 'c' has no index {power}; use backend 'numpy'")
        return "*".join([self.parenthesize(power.base, PRECEDENCE["Mul"])] * int(power.exp))
