"""The rule of an optimizer as a C function over one flat vector."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from sympy import Expr, Symbol, cse

from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.c_printing import CPrinter
from symbackprop.optimizers import GRADIENT, NORM, PARAMETER, STEP, Optimizer


def update_lines(optimizer: Optimizer, dtype: str) -> Iterator[str]:
    """The source of ``update(size, theta, gradient, t, *settings, *memory)``."""
    memory = {symbol: f"{checked_name(symbol.name)}[i]" for symbol in optimizer.memory}
    settings = {symbol: f"setting_{checked_name(symbol.name)}" for symbol in optimizer.settings}
    arguments = ["long size", "real *theta", "const real *gradient", "double t"]
    arguments += [f"double {text}" for text in settings.values()]
    arguments += [f"real *{checked_name(symbol.name)}" for symbol in optimizer.memory]
    entries = {PARAMETER: "theta[i]", GRADIENT: "g", **memory}
    alike = {**settings, STEP: "t", NORM: "g_norm"}
    scalars: dict[Expr, Symbol] = {}
    rules = {target: _hoisted(rule, set(entries), scalars) for target, rule in _rules(optimizer)}
    shared, values = cse(list(rules.values()), symbols=(Symbol(f"part_{k}", real=True) for k in count(1)))
    known = {**entries, **{s: s.name for s in scalars.values()}, **{s: s.name for s, _ in shared}}
    printer, exact = CPrinter(known, dtype), CPrinter(alike, "float64")
    yield f"static void update({', '.join(arguments)})"
    yield "{"
    if optimizer.uses_norm:
        yield "    double squares = 0;"
        yield "#pragma omp simd reduction(+ : squares)"
        yield "    for (long i = 0; i < size; i++)"
        yield "        squares += (double)gradient[i]*gradient[i];"
        yield "    const double g_norm = sqrt(squares);"
    for expression, symbol in scalars.items():
        yield f"    const real {symbol.name} = {exact.code(expression)};"
    yield "#pragma omp simd"
    yield "    for (long i = 0; i < size; i++) {"
    yield "        const real g = gradient[i];"
    for symbol, part in shared:
        yield f"        const real {symbol.name} = {printer.code(part)};"
    for number, value in enumerate(values):
        yield f"        const real new_{number} = {printer.code(value)};"
    for number, target in enumerate(rules):
        yield f"        {entries[target]} = new_{number};"
    yield "    }"
    yield "}"


def _rules(optimizer: Optimizer) -> Iterator[tuple[Symbol, Expr]]:
    yield from optimizer.memory.items()
    yield PARAMETER, optimizer.parameter


def _hoisted(rule: Expr, entries: set[Symbol], scalars: dict[Expr, Symbol]) -> Expr:
    """The rule with what is the same for every entry as symbols, which are computed once, in double precision."""
    if rule.is_number:
        return rule
    if not rule.free_symbols & entries:
        return scalars.setdefault(rule, Symbol(f"c{len(scalars) + 1}", real=True))
    if rule.is_Symbol:
        return rule
    if rule.is_Add or rule.is_Mul:
        alike = [argument for argument in rule.args if not argument.free_symbols & entries]
        others = [_hoisted(a, entries, scalars) for a in rule.args if a.free_symbols & entries]
        return rule.func(_hoisted(rule.func(*alike), entries, scalars), *others)
    return rule.func(*(_hoisted(argument, entries, scalars) for argument in rule.args))
