r"""A shared bias sums its errors

A bias adds to its unit at every place and for every sample, so its gradient is the sum of the errors over all of them.
The error itself goes through unchanged. This is why a sum over the samples stands in every code for ``db``.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Bias

notation = "nielsen"
entries = ("layer bias",)
subject = layer_step(Bias(), "T", "n")
shown = ("b^1", "x^0")
given = r"""
given:
  - y_t = x_t + b
  - J = \sum_{t=1}^{T} \ell(y_t)
symbols: {x_t: vector(n), y_t: vector(n), b: vector(n), T: index, J: scalar, \ell: unknown}
"""

claims = {
    "summed over the places": (
        r"\frac{\partial J}{\partial b} = \sum_{t=1}^{T} \frac{\partial J}{\partial y_t}",
        "proved",
    ),
    "the error goes through": (r"\frac{\partial J}{\partial x_t} = \frac{\partial J}{\partial y_t}", "proved"),
    "the mean in place of the sum": (
        r"\frac{\partial J}{\partial b} = \frac{1}{T} \sum_{t=1}^{T} \frac{\partial J}{\partial y_t}",
        "refuted",
    ),
    "times the input, as for a weight": (
        r"\frac{\partial J}{\partial b} = \sum_{t=1}^{T} \frac{\partial J}{\partial y_t} \odot x_t",
        "refuted",
    ),
}
