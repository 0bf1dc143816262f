"""Closed forms put in for the functions of a program, and the slope read off the stored output where that is exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from sympy import Expr, Function, Max, Min, Piecewise, Symbol, sign

from symbackprop.activations import activations
from symbackprop.errors import NotDerivable
from symbackprop.kernels.program import (
    Array,
    Elementwise,
    Operand,
    Program,
    Statement,
    by_structure,
    elementwise,
    plain,
    view,
)
from symbackprop.kernels.stable import stable
from symbackprop.kernels.tails import accurate, finite
from symbackprop.quantities import ARGUMENT, Apply

Accuracy = Literal["fast", "accurate"]
Claim = Callable[[Expr, Expr], Expr]
_TAME = (Max, Min, Piecewise, sign)


def with_closed_forms(program: Program, functions: Mapping[str, Expr | None], accuracy: Accuracy) -> Program:
    """Every ``Apply`` in the program replaced by its closed form in z, or in z and a = h(z) where a claim gives it.

    A claim such as h′ = a(1 - a) saves a function call and loses digits where a is near 1; ``accurate`` leaves it out.
    """
    stored: dict[Expr, Array] = {}
    claims = {name: _claim(name, functions) if accuracy == "fast" else None for name in functions}
    rule = WRITTEN[accuracy]

    def put_in(statement: Statement) -> Statement:
        operation = statement.operation
        if not isinstance(operation, Elementwise) or plain(operation.expression):
            return statement
        views = dict(operation.bindings)
        forms: dict[Expr, Expr] = {}
        found = operation.expression.atoms(Apply)
        for node in sorted(found, key=str) if len(found) > 1 else found:
            value = Apply(node.name, 0, node.argument)
            claim = claims.get(node.name) if node.order == 1 else None
            if claim is not None and value in stored:
                output = Operand(stored[value], views[node.argument].axes)
                views[view(output)] = output
                forms[node] = claim(node.argument, view(output))
            else:
                forms[node] = closed_form(node.name, node.order, functions).xreplace({ARGUMENT: node.argument})
        if isinstance(operation.expression, Apply) and isinstance(operation.expression.argument, Symbol):
            stored[operation.expression] = statement.target.array
        form = by_structure(operation.expression.xreplace(forms), views, rule)
        return replace(statement, operation=elementwise(form, views))

    return program.with_statements(map(put_in, program.statements))


@lru_cache(maxsize=1024)
def _fast(expression: Expr) -> Expr:
    return finite(stable(expression))


@lru_cache(maxsize=1024)
def _accurate(expression: Expr) -> Expr:
    return accurate(_fast(expression))


#: How a formula is written in each mode.
WRITTEN: Mapping[Accuracy, Callable[[Expr], Expr]] = {"fast": _fast, "accurate": _accurate}


def closed_form(name: str, order: int, functions: Mapping[str, Expr | None]) -> Expr:
    """The derivative of the given order of a function in ``ARGUMENT``, taken of its stable form."""
    form = functions.get(name)
    if form is None:
        raise NotDerivable(f"no kernel for {name}: it has no closed form; give the layer a known activation")
    return _derivative(form, order)


@lru_cache(maxsize=1024)
def _derivative(form: Expr, order: int) -> Expr:
    return stable(stable(form).diff(ARGUMENT, order)) if order else stable(form)


def _claim(name: str, functions: Mapping[str, Expr | None]) -> Claim | None:
    """A declared form of h′ in z and a that calls no function that h itself does not call."""
    entry, form = activations.get(name) if name in activations else None, functions.get(name)
    if entry is None or form is None or entry.closed_form is None or entry.closed_form(ARGUMENT) != form:
        return None
    output = Symbol("a", real=True)
    for claim in entry.claims:
        if _calls(claim(ARGUMENT, output)) <= _calls(form):
            return claim
    return None


def _calls(form: Expr) -> set[Expr]:
    return {call for call in stable(form).atoms(Function) if not isinstance(call, _TAME)}
