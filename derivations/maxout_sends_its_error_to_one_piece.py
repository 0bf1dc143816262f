r"""Maxout sends its error to one piece

Of several linear maps only the largest is handed on, so only its weights get a gradient: the error itself, undamped.
Which piece it is was found on the way forward and is kept.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Maxout

notation = "nielsen"
entries = ("layer maxout",)
subject = layer_step(Maxout("m", "K"), "n")
shown = ("epsilon^1", "w^1", "x^0")
given = r"""
given:
  - a = \max(u, v)
  - J = \ell(a)
symbols:
  a: scalar
  u: scalar
  v: scalar
  J: scalar
  \ell: unknown
assume:
  - u > v
"""

claims = {
    "the larger of two pieces": (r"\frac{\partial J}{\partial u} = \frac{\partial J}{\partial a}", "proved"),
    "the smaller": (r"\frac{\partial J}{\partial v} = 0", "proved"),
    "shared by both": (r"\frac{\partial J}{\partial u} = \frac{1}{2} \frac{\partial J}{\partial a}", "refuted"),
}
