r"""A term as LaTeX, for people who want to see how a formula was understood and what a proof came down to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Context
from symbackprop.verification.terms.counting import LAST, LAYER
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Call,
    Cases,
    Const,
    Delta,
    Diff,
    Entry,
    Expect,
    Fn,
    Integral,
    Lambda,
    Limit,
    Mul,
    Num,
    Over,
    Pow,
    Prod,
    Range,
    Relation,
    Size,
    Sum,
    Term,
    Whole,
)
from symbackprop.verification.terms.walk import free_symbols

NOTHING = Context()
NO_NAMES: Mapping[str, str] = MappingProxyType({})
#: How tightly a piece holds together: a sum, a product, a letter that may take an exponent.
SUM, PRODUCT, ATOM = 0, 1, 2
_LETTERS = ("i", "j", "k", "m", "p", "q", "r", "s", "u", "v")
_SPELLED = {"log": "\\log", "exp": "\\exp", "sin": "\\sin", "cos": "\\cos", "tanh": "\\tanh", "arctan": "\\arctan"}
_SIGNS = {"=": "=", "!=": "\\neq", "<": "<", "<=": "\\leq", ">": ">", ">=": "\\geq"}


def latex(term: Term, *, context: Context = NOTHING, names: Mapping[str, str] = NO_NAMES) -> str:
    r"""``term`` with every index written out; bound indices get letters that are free around them.

    Layers have the numbers of the note of ``context``; ``names`` are the letters of free indices.

    >>> from symbackprop.verification.terms.build import entry, fn, mul, sub
    >>> latex(mul(2, sub(entry("a", "i"), 1), fn("h", entry("z", "i"), 1)))
    "2 (a_{i} - 1) h'(z_{i})"
    >>> latex(Sum("%1", Axis("n"), entry("x", "%1")))
    '\\sum_{i=1}^{n} x_{i}'
    """
    return _Writer(names, context).write(term)


def letters_for(*terms: Term) -> dict[str, str]:
    """Letters for the free indices of terms that the note did not name (``i#1``), which no other one has."""
    free = sorted(set().union(*map(free_symbols, terms)))
    found: dict[str, str] = {}
    for name in free:
        if not name.isalpha() and ("#" in name or "%" in name):
            found[name] = _letter(name, {*free, *found.values()})
    return found


def _letter(name: str, taken: Iterable[str]) -> str:
    plain = re.split("[#%]", name)[0]
    wanted = (plain, *_LETTERS) if len(plain) == 1 and plain.isalpha() else _LETTERS
    return next((letter for letter in wanted if letter not in taken), name)


@dataclass(frozen=True)
class _Writer:
    """Writes a term in which the index symbols ``names`` are written as given."""

    names: Mapping[str, str]
    context: Context

    def write(self, term: Term, need: int = SUM) -> str:
        """``term`` in brackets where it holds together less tightly than is needed."""
        text, strength = self._piece(term)
        return text if strength >= need else f"({text})"

    def _piece(self, term: Term) -> tuple[str, int]:  # noqa: C901 - one case a kind of node
        match term:
            case Num(value):
                return _number(value), ATOM if value.denominator == 1 and value >= 0 else PRODUCT if value > 0 else SUM
            case Const(name):
                return f"\\{name}", ATOM
            case Size(axis):
                return self.size(axis), ATOM
            case Whole(value):
                return self.index(value), ATOM if value.name or value.number else SUM
            case Entry():
                return self.entry(term), ATOM
            case Add(terms):
                return self._sum(terms)
            case Mul(factors):
                return self._product(factors)
            case Pow(base, exponent):
                return self._power(base, exponent)
            case Sum(index, over, body) | Prod(index, over, body):
                return self._big("\\sum" if isinstance(term, Sum) else "\\prod", index, over, body), PRODUCT
            case Delta(left, right):
                return f"\\delta_{{{self.index(left)},{self.index(right)}}}", ATOM
            case Fn():
                return self._function(term), ATOM
            case Call():
                return self._call(term), ATOM
            case Diff(body, by, _):
                return self._derivative(body, by), PRODUCT
            case Expect(body):
                return f"\\mathbb{{E}}[{self.write(body)}]", ATOM
            case Cases():
                return self._cases(term), ATOM
            case Limit(body, variable, to, sign):
                goal = self.write(to) if to is not None else "\\infty" if sign > 0 else "-\\infty"
                return f"\\lim_{{{self.entry(variable)} \\to {goal}}} {self.write(body, PRODUCT)}", PRODUCT
            case Integral():
                return self._integral(term), PRODUCT
        raise AssertionError(term)

    # -- letters --------------------------------------------------------------------------------------------------
    def index(self, value: Affine) -> str:
        """A whole number or an index expression."""
        return str(value.substitute({s: Affine.symbol(self.names.get(s, s)) for s in value.symbols})).replace(" ", "")

    def label(self, name: str, value: Affine) -> str:
        """The number of a member of a family; a layer has the one that the note gives it."""
        tensor, counting = self.context.tensors.get(name), self.context.family.counting
        if tensor is not None and LAYER not in tensor.labels:
            return self.index(value)
        if counting.from_output and value.symbols and not LAST.symbols & value.symbols:
            value = value.substitute({name: LAST - Affine.symbol(name) for name in value.symbols})
        return self.index(counting.written(value))

    def entry(self, entry: Entry) -> str:
        """A letter with its number above and its indices below."""
        labels = [self.label(entry.name, label) for label in entry.labels]
        above = f"^{{({','.join(labels)})}}" if labels else ""
        indices = [self.index(index) for index in entry.indices]
        below = f"_{{{('' if all(len(i) == 1 for i in indices) else ',').join(indices)}}}" if indices else ""
        scripted = "_" in entry.name or "^" in entry.name
        return (f"{{{entry.name}}}" if scripted and above + below else entry.name) + above + below

    def size(self, axis: Axis) -> str:
        """The number of entries along an axis."""
        if axis.size is not None:
            return str(axis.size)
        name = "n" if axis.name.startswith("?") else axis.name.replace("dim(", "\\dim(")
        labels = ",".join(self.label("", label) for label in axis.labels)
        return f"{name}_{{{labels}}}" if labels else name

    def bound(self, *indices: str, body: Term) -> _Writer:
        """A writer for what stands below a sum."""
        names = dict(self.names)
        for index in indices:
            shown = {names.get(name, name) for name in free_symbols(body) - {index}}
            names[index] = _letter(index, {*shown, *names.values()})
        return _Writer(names, self.context)

    # -- sums and products ------------------------------------------------------------------------------------------
    def _sum(self, terms: tuple[Term, ...]) -> tuple[str, int]:
        parts = [self.write(term) for term in terms]
        text = parts[0] if parts else "0"
        for part in parts[1:]:
            text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
        return text, SUM if len(parts) > 1 else SUM if text.startswith("-") else PRODUCT

    def _product(self, factors: tuple[Term, ...]) -> tuple[str, int]:
        sign = ""
        above: list[Term] = []
        below: list[Term] = []
        for factor in factors:
            if isinstance(factor, Num) and factor.value < 0:
                sign = "" if sign else "-"
                above += [] if factor.value == -1 else [Num(-factor.value)]
            elif isinstance(factor, Pow) and isinstance(factor.exponent, Num) and factor.exponent.value < 0:
                below.append(Pow(factor.base, Num(-factor.exponent.value)))
            else:
                above.append(factor)
        text = f"\\frac{{{self._row(above)}}}{{{self._row(below)}}}" if below else self._row(above)
        return sign + text, SUM if sign or text.startswith("-") else PRODUCT

    def _row(self, factors: list[Term]) -> str:
        if len(factors) == 1:
            return self.write(factors[0])
        return " ".join(self.write(factor, PRODUCT) for factor in factors) or "1"

    def _power(self, base: Term, exponent: Term) -> tuple[str, int]:
        value = exponent.value if isinstance(exponent, Num) else None
        if value is not None and value < 0:
            return f"\\frac{{1}}{{{self.write(Pow(base, Num(-value)))}}}", PRODUCT
        if value == 1:
            return self._piece(base)
        if value == Fraction(1, 2):
            return f"\\sqrt{{{self.write(base)}}}", ATOM
        inside = self.write(base, ATOM)
        marked = isinstance(base, Entry) and (base.labels or "^" in base.name)
        return f"{f'({inside})' if marked or isinstance(base, Fn | Pow) else inside}^{{{self.write(exponent)}}}", ATOM

    def _big(self, sign: str, index: str, over: Over, body: Term) -> str:
        inside = self.bound(index, body=body)
        letter = inside.names[index]
        if isinstance(over, Range):
            return f"{sign}_{{{letter}={self.index(over.lo)}}}^{{{self.index(over.hi)}}} {inside.write(body, PRODUCT)}"
        return f"{sign}_{{{letter}=1}}^{{{self.size(over)}}} {inside.write(body, PRODUCT)}"

    # -- functions --------------------------------------------------------------------------------------------------
    def _function(self, term: Fn) -> str:
        if term.name == "exp":
            return f"e^{{{self.write(term.argument)}}}"
        if term.name == "log" and term.order == 1:
            return f"\\frac{{1}}{{{self.write(term.argument)}}}"
        name = _SPELLED.get(term.name, term.name if _is_letter(term.name) else f"\\operatorname{{{term.name}}}")
        mark = "'" * term.order if term.order < 4 else f"^{{({term.order})}}"
        return f"{name}{mark}({self.write(term.argument)})"

    def _call(self, term: Call) -> str:
        slots = "".join(f"\\partial_{{{slot + 1}}}" for slot, _ in term.slots)
        name = Entry(term.name, term.labels, term.component)
        return f"{slots}{' ' if slots else ''}{self.entry(name)}({', '.join(map(self._array, term.arguments))})"

    def _array(self, array: Lambda) -> str:
        """An array that is handed on: a letter that stands for the whole of itself, or its entries."""
        body, indices = array.body, tuple(Affine.symbol(name) for name, _ in array.indices)
        if isinstance(body, Entry) and body.indices == indices:
            return self.entry(Entry(body.name, body.labels))
        inside = self.bound(*(name for name, _ in array.indices), body=body)
        return inside.write(body)

    def _derivative(self, body: Term, by: Entry) -> str:
        if isinstance(body, Entry):
            return f"\\frac{{\\partial {self.entry(body)}}}{{\\partial {self.entry(by)}}}"
        return f"\\frac{{\\partial}}{{\\partial {self.entry(by)}}} {self.write(body, ATOM)}"

    def _cases(self, term: Cases) -> str:
        rows = [f"{self.write(value)} & {self._conditions(said)}" for said, value in term.cases]
        rows += [] if term.otherwise is None else [f"{self.write(term.otherwise)} & \\text{{otherwise}}"]
        return "\\begin{cases} " + " \\\\ ".join(rows) + " \\end{cases}"

    def _conditions(self, relations: tuple[Relation, ...]) -> str:
        return ", ".join(f"{self.write(r.left)} {_SIGNS[r.op]} {self.write(r.right)}" for r in relations)

    def _integral(self, term: Integral) -> str:
        low = "-\\infty" if term.lo is None else self.write(term.lo)
        high = "\\infty" if term.hi is None else self.write(term.hi)
        return f"\\int_{{{low}}}^{{{high}}} {self.write(term.body, PRODUCT)} \\, d{self.entry(term.variable)}"


def _number(value: Fraction) -> str:
    sign, value = ("-" if value < 0 else ""), abs(value)
    return sign + (str(value) if value.denominator == 1 else f"\\frac{{{value.numerator}}}{{{value.denominator}}}")


def _is_letter(name: str) -> bool:
    return len(name) == 1 or name.startswith("\\")
