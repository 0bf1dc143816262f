r"""Average pooling spreads its error evenly

Every entry of a window has the same part in the mean, so each gets the same part of the window's error: one $K$-th.
An entry that lies in several windows gets a part from each.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import AveragePool

notation = "nielsen"
entries = ("layer average_pool",)
subject = layer_step(AveragePool("K", 2), "C", "H")
shown = ("x^0",)
given = r"""
given:
  - y = \frac{1}{K} \sum_{k=1}^{K} x_k
  - J = \ell(y)
symbols:
  x: vector(K)
  y: scalar
  J: scalar
  \ell: unknown
"""

claims = {
    "an entry of a window": (r"\frac{\partial J}{\partial x_k} = \frac{1}{K} \frac{\partial J}{\partial y}", "proved"),
    "with the whole error for everyone": (
        r"\frac{\partial J}{\partial x_k} = \frac{\partial J}{\partial y}",
        "refuted",
    ),
}
