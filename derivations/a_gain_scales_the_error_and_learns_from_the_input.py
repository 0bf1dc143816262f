r"""A gain scales the error and learns from the input

A unit times a gain: the error that goes down is scaled by the same gain, and the gain learns from the error times the
input. A gain of 0 stops the error but not its own learning.

It is a dense layer with a diagonal matrix. On a batch or a sequence the gain is shared, so its gradient is a sum.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Scale

notation = "nielsen"
entries = ("layer scale",)
subject = layer_step(Scale(), "T", "n")
shown = ("g^1", "x^0")
given = r"""
given:
  - y_t = g \odot x_t
  - J = \sum_{t=1}^{T} \ell(y_t)
symbols: {x_t: vector(n), y_t: vector(n), g: vector(n), J: scalar, \ell: unknown}
"""

claims = {
    "the error that goes down": (
        r"\frac{\partial J}{\partial x_t} = g \odot \frac{\partial J}{\partial y_t}",
        "proved",
    ),
    "the gain, summed over the places": (
        r"\frac{\partial J}{\partial g} = \sum_{t=1}^{T} \frac{\partial J}{\partial y_t} \odot x_t",
        "proved",
    ),
    "the gain, by its last place alone": (
        r"\frac{\partial J}{\partial g} = \frac{\partial J}{\partial y_T} \odot x_T",
        "refuted",
    ),
    "the input where the gain should be": (
        r"\frac{\partial J}{\partial x_t} = x_t \odot \frac{\partial J}{\partial y_t}",
        "refuted",
    ),
}
