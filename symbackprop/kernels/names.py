"""Names and comments in emitted source: made from roles and numbers, never from a text that a user wrote."""

from __future__ import annotations

import re
from itertools import count

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
_PLAIN = re.compile("[A-Za-z]{1,8}(_[A-Za-z0-9]{1,8})?")
_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "lambda": "λ", "mu": "μ", "sigma": "σ", "tau": "τ"}
_GREEK |= {"xhat": "x̂"}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Names:
    """Hands out each name once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._temporaries = count(1)

    def _unique(self, stem: str) -> str:
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name

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
        return f"t{next(self._temporaries)}"


def _stem(quantity: Quantity) -> str:
    """The letter of the role, or ``Wf_`` for what is called ``W_f``.

    Only a name of a few plain letters and digits is used, and marked, so that it is no name of another kind.
    """
    return f"{_named(quantity).replace('_', '')}_" if _named(quantity) else _STEMS[quantity.role]


def _named(quantity: Quantity) -> str:
    """The quantity's own name if it is plain, with the letter e for an error; or nothing."""
    name, mark, label = quantity.name.partition("_")
    return (
        (f"e{mark}{label}" if quantity.role is Role.ERROR else quantity.name) if _PLAIN.fullmatch(quantity.name) else ""
    )


def _number(quantity: Quantity) -> str:
    if quantity.layer is None or quantity.role is Role.INPUT:
        return ""
    return str(int(quantity.layer)) if quantity.layer.is_Integer and quantity.layer.is_nonnegative else ""


def note_of(quantity: Quantity, gradient: bool = False) -> str:
    """The quantity as a comment writes it: ``ε²``, ``∂J/∂w¹``.

    >>> from sympy import Integer
    >>> note_of(Quantity(Role.WEIGHT, Integer(12), ()), gradient=True)
    '∂J/∂w¹²'
    >>> note_of(Quantity(Role.PARAMETER, Integer(2), (), name="gamma_f"))
    'γ_f²'
    """
    stem = _named(quantity) or _STEMS[quantity.role]
    letter, mark, label = stem.partition("_")
    stem = f"{_GREEK.get(letter, letter)}{mark}{label}"
    stem = f"ε{stem[1:]}" if quantity.role is Role.ERROR else stem
    text = stem + _number(quantity).translate(_SUPERSCRIPTS)
    return f"∂J/∂{text}" if gradient else text
