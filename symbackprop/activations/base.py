"""What an activation declares: a closed form, and claims about its derivative that are proved, never trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Symbol

from symbackprop.errors import NotDerivable
from symbackprop.quantities import ARGUMENT, Apply
from symbackprop.registry import Registry

Entry = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Activation:
    """A function from pre-activations z to activations a.

    ``closed_form`` takes z, then the parameters named in ``parameters``; ``None`` makes the function unknown.
    ``coupled`` is for functions that are not elementwise: it takes the entry function of z, an index i and the size n
    and returns a_i. ``claims`` are closed forms of the derivative in z and the output a. ``convention`` says which
    value the derivative takes at a kink. With ``inline`` the closed form itself stands in the layer's equation.
    """

    name: str
    closed_form: Callable[..., Expr] | None = field(repr=False)
    claims: tuple[Callable[[Expr, Expr], Expr], ...] = field(default=(), repr=False)
    convention: str = ""
    parameters: tuple[str, ...] = ()
    coupled: Callable[[Entry, Symbol, Expr], Expr] | None = field(default=None, repr=False)
    inline: bool = False

    def __reduce__(self) -> str | tuple[Any, ...]:
        """One of the registry goes by its name where it is copied or pickled."""
        own = self.name in activations and activations[self.name] is self
        return (_registered, (self.name,)) if own else super().__reduce__()

    @property
    def elementwise(self) -> bool:
        """Whether a_i depends on z_i alone."""
        return self.coupled is None

    @property
    def functions(self) -> Mapping[str, Expr | None]:
        """The function that equations apply by name, with its closed form in ``ARGUMENT`` (``None``: unknown)."""
        if self.coupled is not None or self.inline:
            return {}
        return {self.name: None if self.closed_form is None else self.closed_form(ARGUMENT)}

    def value(self, entry: Entry, index: Symbol, size: Expr, parameters: tuple[Expr, ...] = ()) -> Expr:
        """The activation a_i as it stands in an equation, ``entry(i)`` being z_i.

        >>> from symbackprop.activations import tanh
        >>> from symbackprop.quantities import as_index, as_size
        >>> tanh.value(lambda k: ARGUMENT, as_index("i"), as_size("n"))
        Apply(tanh, 0, z)
        """
        if self.coupled is not None:
            return self.coupled(entry, index, size)
        if self.inline and self.closed_form is not None:
            return self.closed_form(entry(index), *parameters)
        return Apply(self.name, 0, entry(index))


activations: Registry[Activation] = Registry("activation")


def _registered(name: str) -> Activation:
    return activations[name]


def derivative(activation: Activation) -> Expr:
    """The derivative in z, derived by SymPy from the closed form; parameters are symbols of their own name.

    >>> from symbackprop.activations import tanh
    >>> derivative(tanh)
    1 - tanh(z)**2
    """
    if activation.closed_form is None or not activation.elementwise:
        raise NotDerivable(f"{activation.name} has no closed form in one variable; derive it inside a network")
    parameters = [Symbol(name, real=True) for name in activation.parameters]
    return activation.closed_form(ARGUMENT, *parameters).diff(ARGUMENT)


def unknown(name: str = "h") -> Activation:
    """A differentiable elementwise function of which nothing is known.

    >>> unknown("phi").functions
    {'phi': None}
    """
    return Activation(name, None)
