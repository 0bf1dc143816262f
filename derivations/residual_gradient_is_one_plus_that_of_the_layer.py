r"""The gradient through a residual connection is one plus that of the layer

The input goes on twice, through the layer and past it, and the two derivatives add up:
$\frac{\partial J}{\partial x} = \frac{\partial J}{\partial a} + W^{T} \delta$. Whatever the layer does to an error,
the first term passes it on undamped.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import layer_step
from symbackprop.layers import Dense, Residual

notation = "nielsen"
entries = ("layer residual",)
subject = layer_step(Residual(Dense("n", tanh)), "n")
shown = ("epsilon_f^1", "w_f^1", "x^0")
given = r"""
given:
  - z = W x + b
  - y = x + \tanh(z)
  - J = \ell(y)
  - g = \frac{\partial J}{\partial y}
symbols:
  x: vector(n)
  z: vector(n)
  y: vector(n)
  g: vector(n)
  W: matrix(n, n)
  b: vector(n)
  J: scalar
  \ell: unknown
"""

claims = {
    "both paths": (r"\frac{\partial J}{\partial x} = g + W^T ((1 - \tanh^2(z)) \odot g)", "proved"),
    "as a Jacobian": (r"\frac{\partial y}{\partial x} = I + \mathrm{diag}(1 - \tanh^2(z)) W", "proved"),
    "past the layer only": (r"\frac{\partial J}{\partial x} = g", "refuted"),
    "as a product of the paths": (
        r"\frac{\partial J}{\partial x} = g \odot (W^T ((1 - \tanh^2(z)) \odot g))",
        "refuted",
    ),
}
