"""Scalar expressions as source, by SymPy's printer, in one dtype and with masks in place of branches."""

from __future__ import annotations

from sympy import Expr, Integer, Mul, Pow, Symbol, exp
from sympy.printing.numpy import SciPyPrinter
from sympy.printing.precedence import PRECEDENCE

from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.libraries import NUMPY, Library
from symbackprop.kernels.masks import Choice, Mask
from symbackprop.kernels.stable import erfc, expit, rounded, softplus, xlogy
from symbackprop.kernels.tails import erfcx, exponential


class KernelPrinter(SciPyPrinter):
    """SymPy's SciPy printer with short module names, folded constants, masks and our stable functions.

    ``names`` maps each symbol to the text that stands for it. A Python number takes the dtype of the array that it
    meets, but a mask has none to give, so a number that meets only masks is printed in the kernel's ``dtype``.
    """

    def __init__(self, names: dict[Symbol, str], dtype: str = "float64", library: Library = NUMPY) -> None:
        super().__init__({"fully_qualified_modules": True})
        self.names = names
        self.dtype = dtype
        self.library = library

    def code(self, expression: Expr) -> str:
        """The source text of ``expression``.

        >>> from symbackprop.quantities import ARGUMENT as z
        >>> KernelPrinter({z: "z1"}).code(z * expit(-z) / 2 + Mask(z > 0))
        '0.5*z1*special.expit(-z1) + 1.0*(z1 > 0)'
        """
        if isinstance(expression, Mask):
            return self._number_times_masks(Integer(1), [expression])
        return str(self.doprint(expression))

    def _handle_UnevaluatedExpr(self, expression: Expr) -> Expr:  # noqa: N802 - a method of SymPy's printer
        """The expression itself: no real part is in it that the printer would have to take away."""
        return expression

    def _module_format(self, fqn: str, register: bool = True) -> str:
        module, _, name = fqn.rpartition(".")
        return self.library.function(module, name)

    def _print_Symbol(self, symbol: Symbol) -> str:
        return self.names.get(symbol) or checked_name(symbol.name)

    def _number(self, value: Expr) -> str:
        return str(int(value)) if value.is_Integer else repr(float(value))

    def _print_Rational(self, value: Expr) -> str:
        return self._number(value)

    _print_Float = _print_NumberSymbol = _print_Rational

    def _print_Mul(self, product: Expr) -> str:
        number = Mul(*(f for f in product.args if _is_number(f)))
        masks = [f for f in product.args if isinstance(f, Mask)]
        arrays = [f for f in product.args if not _is_number(f) and not isinstance(f, Mask)]
        if not arrays:
            return self._number_times_masks(number, masks)
        below = [f.base ** (-f.exp) for f in arrays if _in_denominator(f)]
        above = [f for f in arrays if not _in_denominator(f)]
        texts = [self.parenthesize(f, PRECEDENCE["Mul"]) for f in (*above, *masks)]
        if number == -1 and texts:
            texts[0] = "-" + texts[0]
        elif number != 1 or not texts:
            texts.insert(0, self._number(number))
        return "*".join(texts) + "".join("/" + self.parenthesize(f, PRECEDENCE["Pow"]) for f in below)

    def _number_times_masks(self, number: Expr, masks: list[Mask]) -> str:
        return self.library.of_masks(repr(float(number)), list(map(self._print, masks)), self.dtype)

    def _print_Add(self, total: Expr) -> str:
        text = ""
        for term in sorted(total.as_ordered_terms(), key=lambda term: bool(term.could_extract_minus_sign())):
            piece = self._number_times_masks(Integer(1), [term]) if isinstance(term, Mask) else self._print(term)
            if text:
                text += f" - {piece[1:]}" if piece.startswith("-") else f" + {piece}"
            else:
                text = piece
        return text

    def _print_Pow(self, power: Expr, rational: bool = False) -> str:
        if _is_number(power):
            return self._number(power)
        if _in_denominator(power):
            return "1/" + self.parenthesize(power.base ** (-power.exp), PRECEDENCE["Pow"])
        if power.exp == Integer(1) / 2:
            return self.library.root(self._print(power.base), _is_size(power.base))
        if power.exp.is_Integer and 2 < power.exp <= 4:
            return "(" + "*".join([self.parenthesize(power.base, PRECEDENCE["Mul"])] * int(power.exp)) + ")"
        return f"{self.parenthesize(power.base, PRECEDENCE['Pow'])}**{self.parenthesize(power.exp, PRECEDENCE['Pow'])}"

    def _print_Mask(self, mask: Mask) -> str:
        relation = mask.relation
        return f"({self._print(relation.lhs)} {relation.rel_op} {self._print(relation.rhs)})"

    def _print_Choice(self, choice: Choice) -> str:
        mask, value, other = choice.args
        condition = "*".join(self.parenthesize(factor, PRECEDENCE["Mul"]) for factor in Mul.make_args(mask))
        return self.library.choice(condition, self._print(value), self._print(other), self.dtype)

    def _print_Infinity(self, value: Expr) -> str:
        return f"{self.library.name}.inf"

    def _print_NegativeInfinity(self, value: Expr) -> str:
        return f"-{self.library.name}.inf"

    def _extreme(self, name: str, expression: Expr) -> str:
        # SymPy puts numbers first; an array first reads better and is the faster order.
        (text, _), *others = sorted(((self._print(e), _is_size(e)) for e in expression.args), reverse=True)
        for other, number in others:
            text = self.library.extreme(name, text, other, number)
        return text

    def _print_Max(self, expression: Expr) -> str:
        return self._extreme("maximum", expression)

    def _print_Min(self, expression: Expr) -> str:
        return self._extreme("minimum", expression)

    def _print_Abs(self, expression: Expr) -> str:
        return f"{self.library.name}.abs({self._print(expression.args[0])})"

    def _print_expit(self, expression: expit) -> str:
        argument = expression.args[0]
        if argument.is_number:
            return repr(float(1 / (1 + exp(-argument))))
        return f"{self.library.special}.expit({self._print(argument)})"

    def _print_erfc(self, expression: erfc) -> str:
        return f"{self.library.special}.erfc({self._print(expression.args[0])})"

    def _print_erfcx(self, expression: erfcx) -> str:
        return f"{self.library.special}.erfcx({self._print(expression.args[0])})"

    def _print_exponential(self, expression: exponential) -> str:
        return f"{self.library.name}.exp({self._print(expression.args[0])})"

    def _print_rounded(self, expression: rounded) -> str:
        return f"({self._print(expression.args[0])})"

    def _print_xlogy(self, expression: xlogy) -> str:
        return f"{self.library.special}.xlogy({', '.join(map(self._print, expression.args))})"

    def _print_softplus(self, expression: softplus) -> str:
        return self.library.softplus(self._print(expression.args[0]))


def _is_number(factor: Expr) -> bool:
    """Whether SymPy can give the value; it does not know that of our own functions."""
    return bool(factor.is_number) and not factor.has(expit, erfc, softplus)


def _is_size(value: Expr) -> bool:
    """Whether a value is a number or made of sizes, and so no array."""
    return all(symbol.is_integer for symbol in value.free_symbols)


def _in_denominator(factor: Expr) -> bool:
    return isinstance(factor, Pow) and bool(factor.exp.is_number and factor.exp.is_negative)
