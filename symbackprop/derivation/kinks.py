"""Which value a derivative takes where the function has a kink, said in words."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Piecewise, sign

from symbackprop.activations.pieces import kinks
from symbackprop.errors import NotDerivable
from symbackprop.quantities import Apply

_LAST_BRANCH = "at a kink the last branch holds by convention"


def conventions(expression: Expr, functions: Mapping[str, Expr | None]) -> tuple[str, ...]:
    """The conventions that an expression relies on, such as ``relu'(0) = 0``.

    >>> from symbackprop.activations import relu
    >>> from symbackprop.quantities import ARGUMENT
    >>> conventions(Apply("relu", 1, ARGUMENT), relu.functions)
    ("relu'(0) = 0 by convention",)
    """
    said = []
    for head in sorted(expression.atoms(Apply), key=lambda a: a.sort_key()):
        form = functions.get(head.name)
        if head.order == 1 and form is not None:
            said += _said_of(head.name, form)
    if expression.has(sign):
        said.append("the derivative of |u| at u = 0 is 0 by convention")
    if expression.has(Piecewise):
        said.append(_LAST_BRANCH)
    return tuple(dict.fromkeys(said))


def _said_of(name: str, form: Expr) -> list[str]:
    try:
        return [f"{name}'({kink.point}) = {_short(kink.value)} by convention" for kink in kinks(form)]
    except NotDerivable:
        return [_LAST_BRANCH]


def _short(number: Expr) -> str:
    return str(number) if len(str(number)) < 9 else str(number.n(6))
