r"""The gradient of dropout has the mask of the forward pass

A dropped unit gets no error, a kept one gets it scaled by $\frac{1}{1 - p}$ as its value was. The mask is the one of
the forward pass: a new draw would send errors to units that did not act.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Dropout

notation = "nielsen"
entries = ("layer dropout",)
subject = layer_step(Dropout(), "n")
shown = ("x^0",)
given = r"""
given:
  - y = \frac{1}{1 - p} m \odot x
  - J = \ell(y)
symbols:
  x: vector(n)
  y: vector(n)
  m: vector(n)
  p: scalar
  J: scalar
  \ell: unknown
"""

claims = {
    "mask and scale": (
        r"\frac{\partial J}{\partial x} = \frac{1}{1 - p} m \odot \frac{\partial J}{\partial y}",
        "proved",
    ),
    "without the scale": (r"\frac{\partial J}{\partial x} = m \odot \frac{\partial J}{\partial y}", "refuted"),
    "without the mask": (r"\frac{\partial J}{\partial x} = \frac{1}{1 - p} \frac{\partial J}{\partial y}", "refuted"),
}
