r"""Max pooling sends its error to the largest

The place of the largest entry is found on the way forward; on the way back the whole error goes there and nothing
elsewhere. Where several are equal the first one is taken: a choice, the same in both directions.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import MaxPool

notation = "nielsen"
entries = ("layer max_pool",)
subject = layer_step(MaxPool("K", 2), "C", "H")
shown = ("x^0",)
given = r"""
given:
  - y = \max(x_1, x_2)
  - J = \ell(y)
symbols:
  x_1: scalar
  x_2: scalar
  y: scalar
  J: scalar
  \ell: unknown
assume:
  - x_2 > x_1
"""

claims = {
    "the largest entry of a window": (r"\frac{\partial J}{\partial x_2} = \frac{\partial J}{\partial y}", "proved"),
    "another entry": (r"\frac{\partial J}{\partial x_1} = 0", "proved"),
    "as average pooling would": (
        r"\frac{\partial J}{\partial x_1} = \frac{1}{2} \frac{\partial J}{\partial y}",
        "refuted",
    ),
}
