r"""What a notation or a model says before the note does, as comment blocks; the note's own definitions replace it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.verification.reading.symbols import known_function

_LAYERS = r"""
symbols:
  '{a}': vector(n_l)
  '{z}': vector(n_l)
  '{b}': vector(n_l)
  '{error}': vector(n_l)
  '{w}': matrix(n_l, n_{{l-1}})
  '{y}': vector(n_L)
  '{cost}': scalar
  '{activation}': {function}
given:
  - '{z} = {w} {a_before} + {b}'
  - '{a} = {activation}({z})'
  - '{loss}'
  - '{error} = \frac{{\partial {cost}}}{{\partial {z}}}'
"""

_SPELLINGS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "nielsen": {
        "a": "a^l", "z": "z^l", "b": "b^l", "error": r"\delta^l", "w": "w^l", "y": "y", "cost": "C",
        "activation": r"\sigma",
        "a_before": "a^{l-1}", "a_last": "a^L",
    },
    "d2l": {
        "a": r"\mathbf{h}^{(l)}", "z": r"\mathbf{z}^{(l)}", "b": r"\mathbf{b}^{(l)}",
        "error": r"\boldsymbol{\delta}^{(l)}",
        "w": r"\mathbf{W}^{(l)}", "y": r"\mathbf{y}", "cost": "J", "activation": r"\phi",
        "a_before": r"\mathbf{h}^{(l-1)}", "a_last": r"\mathbf{h}^{(L)}",
    },
    "bracket": {
        "a": "a^{[l]}", "z": "z^{[l]}", "b": "b^{[l]}", "error": "dz^{[l]}", "w": "W^{[l]}", "y": "y",
        "cost": r"\mathcal{L}",
        "activation": "g", "a_before": "a^{[l-1]}", "a_last": "a^{[L]}",
    },
})  # fmt: skip

LOSSES: Mapping[str, str] = MappingProxyType(
    {
        "half_squared_error": r"{cost} = \frac{1}{2}\|{y} - {a_last}\|^2",
        "squared_error": r"{cost} = \|{y} - {a_last}\|^2",
        "binary_cross_entropy": r"{cost} = -\sum_k ({y}_k \log {a_last}_k + (1 - {y}_k) \log(1 - {a_last}_k))",
        "cross_entropy": r"{cost} = -\sum_k {y}_k \log {a_last}_k",
    }
)
# Notations whose formulas carry their own shapes; only the name is remembered.
_PLAIN = ("composition", "backward_epsilon")
_DEFAULT_FUNCTION = {"nielsen": "sigmoid", "d2l": "unknown", "bracket": "unknown"}


def notations() -> tuple[str, ...]:
    return tuple(sorted((*_SPELLINGS, *_PLAIN)))


def notation_block(name: str) -> str:
    """The comment block that a notation stands for.

    Raises:
        UnknownName: there is no such notation.
    """
    if name in _PLAIN:
        return ""
    if name not in _SPELLINGS:
        raise UnknownName("notation", name, notations())
    return _block(name, _DEFAULT_FUNCTION[name], "half_squared_error")


def model_block(spec: str, notation: str) -> str:
    """The comment block that a model such as ``784-30-10 sigmoid half_squared_error`` stands for.

    Its widths stay symbols: what holds for all widths holds for these.

    Raises:
        InvalidSpec: the words are not widths, an activation and a loss.
    """
    widths, *words = spec.split()
    activations = [word for word in words if word == "unknown" or known_function(word)]
    losses = [word for word in words if word in LOSSES]
    counted = widths.count("-") >= 1 and all(part.isalnum() for part in widths.split("-"))
    if not counted or len(activations) + len(losses) != len(words) or len(activations) > 1 or len(losses) > 1:
        raise InvalidSpec(
            f"model {spec!r}: expected widths, an activation and a loss, as in 784-30-10 sigmoid half_squared_error"
        )
    name = notation if notation in _SPELLINGS else "nielsen"
    return _block(name, activations[0] if activations else "unknown", losses[0] if losses else "half_squared_error")


def _block(name: str, function: str, loss: str) -> str:
    spelling = dict(_SPELLINGS[name])
    text = LOSSES[loss]
    for role, letters in spelling.items():
        text = text.replace("{" + role + "}", letters)
    return _LAYERS.format(**spelling, function=function, loss=text).strip()
