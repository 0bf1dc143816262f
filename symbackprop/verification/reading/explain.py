"""``explain_notation``: what was decided about every letter and why, as a comment block to paste and correct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symbackprop.verification.reading.scope import Scope, unknown_cost
from symbackprop.verification.reading.shapes import show_axis
from symbackprop.verification.reading.size_names import size_names
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine


def explain_notation(scope: Scope) -> str:
    r"""The letters of a scope as a comment block, the reason for each behind it.

    >>> from symbackprop.verification.reading.elaborate.statements import read_formula
    >>> print(explain_notation(read_formula(r"o_i = \sum_{j=1}^{n} w_{ij} x_j", Scope.empty()).scope))
    <!-- symbackprop
    symbols:
      'o': vector(m)  # carries an index; it is defined here
      'w': matrix(m, n)  # carries an index
      'x': vector(n)  # carries an index
    -->
    """
    lines = ["<!-- symbackprop"]
    if scope.notation:
        lines.append(f"notation: {scope.notation}")
    if scope.layout:
        lines.append(f"layout: {scope.layout}")
    ours = {unknown_cost(letter) for letter in scope.supposed}
    written = [symbol for name, symbol in sorted(scope.symbols.items()) if "#" not in symbol.name and name not in ours]
    letters = [symbol for symbol in written if symbol.kind != "size"]
    if letters:
        names = size_names(scope)
        lines += ["symbols:", *(_line(symbol, scope, names) for symbol in letters)]
    lines += [f"# not understood: {problem}" for problem in scope.problems]
    return "\n".join([*lines, "-->"])


def _line(symbol: Symbol, scope: Scope, names: Mapping[str, str]) -> str:
    reasons = [symbol.why] if symbol.why else []
    if symbol.name in scope.supposed:
        reasons.append(scope.supposed[symbol.name])
    elif scope.defined(symbol.name):
        reasons.append("it is defined here")
    if symbol.is_random:
        reasons.append("its entries are random")
    reasons += [f"not understood: {why}" for (name, _), why in sorted(scope.tainted.items()) if name == symbol.name]
    key = _key(symbol).replace("'", "''")
    symbol = _counted(symbol, scope)
    return f"  '{key}': {_words(symbol, names)}" + (f"  # {'; '.join(reasons)}" if reasons else "")


def _key(symbol: Symbol) -> str:
    """The letter with the labels of its family where they are written."""
    labels = ", ".join(symbol.labels)
    if not labels:
        return symbol.name
    if symbol.joins is not None:
        place, step = symbol.joins
        pair = [str(Affine.symbol(labels) + step).replace(" ", "")] * 2
        pair[place] = labels
        return f"{symbol.name}^{{{','.join(pair)}}}"
    return f"{symbol.name}^{{({labels})}}" if symbol.place == "sup" else f"{symbol.name}_{labels}"


def _counted(symbol: Symbol, scope: Scope) -> Symbol:
    """The symbol with the sizes of its layers numbered as the note numbers them."""
    if not scope.counting.from_output:
        return symbol
    axes = tuple(
        replace(a, labels=tuple(scope.counting.pattern(x) if x.symbols <= {"l", "L"} else x for x in a.labels))
        for a in symbol.axes or ()
    )
    return replace(symbol, axes=axes)


def _words(symbol: Symbol, names: Mapping[str, str]) -> str:
    if symbol.kind == "function":
        return symbol.function or "unknown"
    if symbol.kind == "index":
        return "index"
    axes = symbol.axes or ()
    sizes = ", ".join(show_axis(replace(axis, name=names.get(axis.name, axis.name))) for axis in axes)
    shape = {0: "scalar", 1: f"vector({sizes})", 2: f"matrix({sizes})"}.get(len(axes), f"tensor({sizes})")
    return f"{shape} random({symbol.moments[0]}, {symbol.moments[1]})" if symbol.moments else shape
