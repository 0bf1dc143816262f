"""Names and comments in emitted source: made from roles and numbers, never from a text that a user wrote."""

from __future__ import annotations

import re
from collections import Counter

from symbackprop.quantities import Quantity, Role

_STEMS = {
    Role.INPUT: "x",
    Role.TARGET: "y",
    Role.WEIGHT: "w",
    Role.BIAS: "b",
    Role.PARAMETER: "p",
    Role.PREACTIVATION: "z",
    Role.ACTIVATION: "a",
    Role.ERROR: "e",
    Role.INTERMEDIATE: "q",
    Role.GIVEN: "g",
    Role.POSITION: "m",
    Role.LOSS: "J",
}
_PLAIN = re.compile("[A-Za-z]{1,8}")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Names:
    """Hands out each name once."""

    def __init__(self) -> None:
        self._given = Counter[str]()

    def _unique(self, stem: str) -> str:
        self._given[stem] += 1
        return stem if self._given[stem] == 1 else f"{stem}_{self._given[stem]}"

    def quantity(self, quantity: Quantity) -> str:
        """``w1`` for the weight of layer 1, ``e2`` for the error of layer 2, ``J`` for the loss.

        >>> from sympy import Integer
        >>> Names().quantity(Quantity(Role.PARAMETER, Integer(3), (), name="slope; import os"))
        'p3'
        """
        return self._unique(_stem(quantity) + _number(quantity))

    def gradient(self, quantity: Quantity) -> str:
        """``dw1`` for ∂J/∂w¹."""
        return self._unique(f"d{_stem(quantity)}{_number(quantity)}")

    def temporary(self) -> str:
        self._given["t"] += 1
        return f"t{self._given['t']}"


def _stem(quantity: Quantity) -> str:
    """The letter of the role, or ``Wf_`` for what is called ``W_f``.

    Only a name of a few plain letters is used, and in a way that is no name of another kind.
    """
    name, _, label = quantity.name.partition("_")
    name = "e" if quantity.role is Role.ERROR else name
    return f"{name}{label}_" if quantity.name and _PLAIN.fullmatch(name + label) else _STEMS[quantity.role]


def _number(quantity: Quantity) -> str:
    if quantity.layer is None or quantity.role is Role.INPUT:
        return ""
    return str(int(quantity.layer)) if quantity.layer.is_Integer and quantity.layer >= 0 else ""


def note_of(quantity: Quantity, gradient: bool = False) -> str:
    """The quantity as a comment writes it: ``ε²``, ``∂J/∂w¹``.

    >>> from sympy import Integer
    >>> note_of(Quantity(Role.WEIGHT, Integer(12), ()), gradient=True)
    '∂J/∂w¹²'
    """
    stem = _stem(quantity).rstrip("_")
    stem = f"ε{stem[1:]}" if quantity.role is Role.ERROR else stem
    text = stem + _number(quantity).translate(_SUPERSCRIPTS)
    return f"∂J/∂{text}" if gradient else text
