"""Which value a derivative takes where the function has a kink, said in words."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Indexed, Piecewise

from symbackprop.quantities import ARGUMENT, Apply


def conventions(expression: Expr, functions: Mapping[str, Expr | None]) -> tuple[str, ...]:
    """The conventions that an expression relies on, such as ``relu'(0) = 0``.

    >>> from symbackprop.activations import relu
    >>> conventions(Apply("relu", 1, ARGUMENT), relu.functions)
    ("relu'(0) = 0 by convention",)
    """
    said = []
    for head in sorted(expression.atoms(Apply), key=lambda a: a.sort_key()):
        form = functions.get(head.name)
        if head.order == 1 and form is not None and has_kink(form):
            said.append(f"{head.name}'(0) = {form.diff(ARGUMENT).subs(ARGUMENT, 0)} by convention")
    if any(condition.has(Indexed, Apply) for cases in expression.atoms(Piecewise) for _, condition in cases.args):
        said.append("at a kink the last branch holds by convention")
    return tuple(dict.fromkeys(said))


def has_kink(form: Expr) -> bool:
    """Whether the branches of a piecewise closed form have different slopes at 0.

    >>> from symbackprop.activations import elu, relu
    >>> has_kink(relu.functions["relu"]), has_kink(elu.functions["elu"])
    (True, False)
    """
    slopes = {v.diff(ARGUMENT).subs(ARGUMENT, 0) for p in form.atoms(Piecewise) for v, _ in p.args}
    return len(slopes) > 1
