r"""Stacked layers send the error down in turn

The error of the last layer is damped by its slope, goes down through its weights, and is damped again. Each gradient
needs its own layer's error and the activation below, nothing of the other layers.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import layer_step
from symbackprop.layers import Dense, Stack

notation = "nielsen"
entries = ("layer stack",)
subject = layer_step(Stack(Dense("m", tanh), Dense("k", tanh)), "n")
shown = ("epsilon_2^1", "epsilon_1^1", "w_1^1", "x^0")
given = r"""
given:
  - z = W x + b
  - a = \tanh(z)
  - u = V a + c
  - y = \tanh(u)
  - J = \ell(y)
  - d = \frac{\partial J}{\partial u}
symbols:
  x: vector(n)
  z: vector(m)
  u: vector(k)
  a: vector(m)
  y: vector(k)
  d: vector(k)
  W: matrix(m, n)
  V: matrix(k, m)
  b: vector(m)
  c: vector(k)
  J: scalar
  \ell: unknown
"""

claims = {
    "through both": (r"\frac{\partial J}{\partial x} = W^T ((1 - a^2) \odot (V^T d))", "proved"),
    "the weights of the first": (r"\frac{\partial J}{\partial W} = ((1 - a^2) \odot (V^T d)) x^T", "proved"),
    "with one slope forgotten": (r"\frac{\partial J}{\partial x} = W^T V^T d", "refuted"),
    "with the transposes in the order of the layers": (
        r"\frac{\partial J}{\partial x} = V^T ((1 - a^2) \odot (W^T d))",
        "refuted",
    ),
}
