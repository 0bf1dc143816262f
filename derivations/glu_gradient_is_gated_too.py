r"""The gradient of a gated linear unit is gated too

The map gets the error times the gate, the gate the error times the map and the gate's slope. Where the gate is open
the first path is linear: unlike behind an activation the error is not damped by a slope.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Gated

notation = "nielsen"
entries = ("layer glu",)
subject = layer_step(Gated("m"), "n")
shown = ("epsilon_u^1", "epsilon_g^1", "W^1", "V^1", "x^0")
given = r"""
given:
  - u = W x + b
  - g = V x + c
  - a = u \odot h(g)
  - J = \ell(a)
  - d = \frac{\partial J}{\partial a}
symbols:
  x: vector(n)
  u: vector(m)
  g: vector(m)
  a: vector(m)
  d: vector(m)
  W: matrix(m, n)
  V: matrix(m, n)
  b: vector(m)
  c: vector(m)
  h: sigmoid
  J: scalar
  \ell: unknown
"""

claims = {
    "the map": (r"\frac{\partial J}{\partial u} = d \odot h(g)", "proved"),
    "the gate": (r"\frac{\partial J}{\partial g} = d \odot u \odot h(g) \odot (1 - h(g))", "proved"),
    "by the input": (r"\frac{\partial J}{\partial x} = W^T (d \odot h(g)) + V^T (d \odot u \odot h'(g))", "proved"),
    "with the path through the gate forgotten": (r"\frac{\partial J}{\partial x} = W^T (d \odot h(g))", "refuted"),
    "with the map forgotten in the gate": (r"\frac{\partial J}{\partial g} = d \odot h(g) \odot (1 - h(g))", "refuted"),
}
