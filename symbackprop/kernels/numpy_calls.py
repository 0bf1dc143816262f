"""A single operation on arrays as one NumPy call that writes into memory that is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from sympy import Abs, Add, Eq, Expr, Float, Ge, Gt, Le, Lt, Max, Min, Mul, Ne, Pow, Rational, Symbol, erf

from symbackprop.kernels.masks import Mask
from symbackprop.kernels.singles import SINGLE
from symbackprop.kernels.stable import erfc, expit, softplus, xlogy
from symbackprop.kernels.tails import erfcx, exponential

_NAMES: dict[type[Expr], str] = {
    **{kind: f"np.{kind.__name__}" for kind in SINGLE},
    **{kind: f"special.{kind.__name__}" for kind in (erf, erfc, erfcx, xlogy)},
    **{Abs: "np.abs", expit: "logistic", exponential: "np.exp"},
    **{Gt: "np.greater", Lt: "np.less", Ge: "np.greater_equal", Le: "np.less_equal"},
    **{Eq: "np.equal", Ne: "np.not_equal"},
}
_EXTREMES: dict[type[Expr], str] = {Max: "np.maximum", Min: "np.minimum"}

#: The logistic function where it stands in a kernel: SciPy's is one call, exponentials are quicker on large arrays.
LOGISTIC = '''

def logistic_for(size):
    """1/(1 + exp(-z)), without overflow, by the quicker way for so many numbers."""
    return special.expit if size < {small} else logistic


def logistic(z, out):
    np.negative(z, out)
    np.minimum(out, {largest}, out=out)
    np.exp(out, out)
    np.add(out, {one}, out)
    return np.divide({one}, out, out)
'''
_SMALL = 256
_FUNCTION = re.compile(r"\b(np|special)\.(\w+)(?=[.(])")
_WORD = re.compile(r"\w+")


def logistic_source(dtype: str) -> str:
    """The text of ``logistic_for`` for a dtype; exp of the largest argument is finite."""
    largest = {"float64": 709.0, "float32": 88.0}[dtype]
    return LOGISTIC.format(small=_SMALL, largest=f"np.{dtype}({largest})", one=f"np.{dtype}(1)")


def call(expression: Expr, out: str, text: Callable[[Expr], str]) -> str | None:
    """The call that writes ``expression`` to ``out``, ``None`` where it is no single operation.

    ``text`` gives the source of a symbol, a number or what else is the same everywhere.

    >>> from sympy import Symbol
    >>> call(1 - Symbol("a[i]"), "t", str)
    'np.subtract(1, a[i], t)'
    """
    if isinstance(expression, Mask):
        return call(expression.relation, out, text)
    if isinstance(expression, Symbol):
        return f"np.copyto({out}, {text(expression)})"
    if isinstance(expression, Add):
        return _sum(expression, out, text)
    if isinstance(expression, Mul):
        return _product(expression, out, text)
    if isinstance(expression, Pow):
        return _power(expression, out, text)
    arguments = ", ".join(map(text, expression.args))
    if isinstance(expression, softplus):
        return f"np.logaddexp({text(Rational(0))}, {arguments}, {out})"
    for kind, name in _EXTREMES.items():
        if isinstance(expression, kind) and len(expression.args) == 2:
            # An array first is the faster order.
            first, second = sorted(expression.args, key=lambda e: (not _is_array(e), str(e)))
            return f"{name}({text(first)}, {text(second)}, out={out})"
    known = [name for kind, name in _NAMES.items() if isinstance(expression, kind)]
    return f"{known[0]}({arguments}, {out})" if known else None


def _is_array(e: Expr) -> bool:
    """Whether this is the view of an array with axes."""
    return bool(e.is_Symbol) and "[" in e.name and not e.name.endswith("[]")


def _sum(e: Add, out: str, text: Callable[[Expr], str]) -> str | None:
    if len(e.args) != 2:
        return None
    one, other = e.args
    for plus, minus in ((one, other), (other, one)):
        if minus.could_extract_minus_sign() and _is_array(-minus):
            return f"np.subtract({text(plus)}, {text(-minus)}, {out})"
    return f"np.add({text(other)}, {text(one)}, {out})"


def _product(e: Mul, out: str, text: Callable[[Expr], str]) -> str | None:
    if e.args[0] == -1 and len(e.args) == 2:
        return f"np.negative({text(e.args[1])}, {out})"
    below = [f for f in e.args if isinstance(f, Pow) and f.exp == -1 and _is_array(f.base)]
    arrays = [f for f in e.args if _is_array(f)]
    rest = Mul(*(f for f in e.args if f not in below and f not in arrays))
    factors = [*arrays, *([] if rest == 1 and arrays and not isinstance(rest, Float) else [rest])]
    if len(below) == 1 and len(factors) == 1:
        return f"np.divide({text(factors[0])}, {text(below[0].base)}, {out})"
    if not below and len(factors) == 2:
        return f"np.multiply({text(factors[0])}, {text(factors[1])}, {out})"
    return None


def _power(e: Pow, out: str, text: Callable[[Expr], str]) -> str | None:
    base = text(e.base)
    if e.exp == -1:
        return f"np.divide({text(Rational(1))}, {base}, {out})"
    if e.exp == 2:
        return f"np.multiply({base}, {base}, {out})"
    if e.exp == Rational(1, 2):
        return f"np.sqrt({base}, {out})"
    return f"np.power({base}, {text(e.exp)}, {out})"


def with_functions_at_hand(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The lines with functions by their own names, and these with where they are found.

    To look a function up in a module takes 10 ns at each call, 2 to 4 % of a step of small layers.

    >>> with_functions_at_hand(["np.exp(a1, a1)", "np.add(a1, add, a1)"])
    (['exp(a1, a1)', 'np.add(a1, add, a1)'], {'exp': 'np.exp'})
    """
    text = "\n".join(lines)
    found = {name: f"{module}.{name}" for module, name in _FUNCTION.findall(text)}
    taken = set(_WORD.findall(_FUNCTION.sub("", text)))
    functions = {name: found[name] for name in sorted(found) if name not in taken}
    short = _FUNCTION.sub(lambda m: m[2] if m[2] in functions else m[0], text)
    return short.split("\n") if lines else [], functions


def found_before(functions: Mapping[str, str]) -> Iterator[str]:
    """The lines that look functions up, some at a time."""
    names = list(functions)
    for part in (names[k : k + 6] for k in range(0, len(names), 6)):
        yield f"{', '.join(part)} = {', '.join(functions[name] for name in part)}"
