"""The update rule of an optimizer as a function that changes one parameter, and its memory, in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
from sympy import Symbol, cse

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.libraries import NUMPY, Library
from symbackprop.kernels.printing import KernelPrinter
from symbackprop.optimizers import GRADIENT, NORM, PARAMETER, STEP, Optimizer

Update = Callable[..., None]


def update_source(optimizer: Optimizer, library: Library = NUMPY) -> str:
    """The source of ``update(theta, g, t, *memory, *settings)``; every expression is in the old values.

    It changes θ and the memory, or returns the new ones where the library writes nothing in place.

    A rule that needs the length of the whole gradient takes it as ``g_norm``, behind ``t``.

    >>> from symbackprop.optimizers import momentum
    >>> print(update_source(momentum))
    def update(theta, g, t, v, eta, mu):
        new_0 = g + v*mu
        v[...] = new_0
        theta[...] = theta - new_0*eta
    """
    norm = (NORM,) if optimizer.uses_norm else ()
    arguments = (PARAMETER, GRADIENT, STEP, *norm, *optimizer.memory, *optimizer.settings)
    printer = KernelPrinter({symbol: checked_name(symbol.name) for symbol in arguments}, library=library)
    rules = {**optimizer.memory, PARAMETER: optimizer.parameter}
    shared, values = cse(list(rules.values()), symbols=(Symbol(f"new_{k}") for k in count()))
    lines = [f"def update({', '.join(map(printer.code, arguments))}):"]
    lines += [f"    {symbol.name} = {printer.code(value)}" for symbol, value in shared]
    texts = list(map(printer.code, values))
    if library.in_place:
        lines += [f"    {target.name}[...] = {text}" for target, text in zip(rules, texts, strict=True)]
    else:
        lines.append(f"    return {texts[-1]}, {', '.join(texts[:-1])}".rstrip())
    return "\n".join(lines)


def compile_update(optimizer: Optimizer) -> Update:
    """The function of :func:`update_source`."""
    namespace: dict[str, Any] = {"np": np}
    # The text is made of checked names and printed arithmetic.
    exec(compile(update_source(optimizer), "<symbackprop update>", "exec"), namespace)  # noqa: S102
    update: Update = namespace["update"]
    return update


def settings_of(optimizer: Optimizer, given: Mapping[str, float]) -> list[float]:
    """The optimizer's settings in order, the given ones in place of the defaults.

    >>> from symbackprop.optimizers import momentum
    >>> settings_of(momentum, {"mu": 0.5})
    [0.1, 0.5]
    """
    known: dict[str, Symbol] = {symbol.name: symbol for symbol in optimizer.settings}
    strange = sorted(set(given) - set(known))
    if strange:
        raise InvalidSpec(f"the optimizer {optimizer.name} has no setting {strange[0]!r}; known: {', '.join(known)}")
    values = {name: given.get(name, optimizer.settings[symbol]) for name, symbol in known.items()}
    return [_number(value, f"the setting {name} of the optimizer {optimizer.name}") for name, value in values.items()]


def _number(value: object, what: str) -> float:
    if not isinstance(value, Real) or not isfinite(value):
        raise InvalidSpec(f"{what} is a number, not {value!r}")
    return float(value)
