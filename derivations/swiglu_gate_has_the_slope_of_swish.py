r"""The gate of SwiGLU has the slope of swish

SwiGLU is a gated linear unit whose gate is swish. The gate's slope is $\sigma(g) (1 + g (1 - \sigma(g)))$; the slope
of the sigmoid alone belongs to the plain GLU.
"""

from symbackprop.activations import swish
from symbackprop.derivation import layer_step
from symbackprop.layers import Gated

notation = "nielsen"
entries = ("layer swiglu",)
subject = layer_step(Gated("m", swish), "n")
shown = ("epsilon_u^1", "epsilon_g^1", "V^1")
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
  h: swish
  \sigma: sigmoid
  J: scalar
  \ell: unknown
"""

claims = {
    "the map": (r"\frac{\partial J}{\partial u} = d \odot g \odot \sigma(g)", "proved"),
    "the gate": (
        r"\frac{\partial J}{\partial g} = d \odot u \odot \sigma(g) \odot (1 + g \odot (1 - \sigma(g)))",
        "proved",
    ),
    "the gate of the plain unit": (
        r"\frac{\partial J}{\partial g} = d \odot u \odot \sigma(g) \odot (1 - \sigma(g))",
        "refuted",
    ),
    "the slope with its first term forgotten": (
        r"\frac{\partial J}{\partial g} = d \odot u \odot g \odot \sigma(g) \odot (1 - \sigma(g))",
        "refuted",
    ),
}
