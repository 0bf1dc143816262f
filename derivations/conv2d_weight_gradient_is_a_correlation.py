r"""The weight gradient of a convolution is a correlation

In two dimensions nothing changes but the number of indices: the gradient of the kernel is the correlation of the
input with the error, that of the input the full convolution of the error with the kernel, summed over the output's
channels.

With every window written as a column of a matrix the layer is a matrix product, and its gradients are those of one.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import layer_step
from symbackprop.layers import Conv2d

notation = "nielsen"
entries = ("layer conv2d",)
subject = layer_step(Conv2d("M", "K", tanh), "C", "H", "W")
shown = ("w^1", "b^1", "x^0")
given = r"""
given:
  - Z = W X
  - J = \ell(Z)
  - D = \frac{\partial J}{\partial Z}
symbols:
  W: matrix(m, k)
  X: matrix(k, p)
  Z: matrix(m, p)
  D: matrix(m, p)
  J: scalar
  \ell: unknown
"""

claims = {
    "windows as columns of a matrix, by the weights": (r"\frac{\partial J}{\partial W} = D X^T", "proved"),
    "by the windows, which are then added up where they overlap": (r"\frac{\partial J}{\partial X} = W^T D", "proved"),
    "with the places not summed": (r"\frac{\partial J}{\partial W} = D \odot X", "refuted"),
    "with the mean over the places": (r"\frac{\partial J}{\partial W} = \frac{1}{p} D X^T", "refuted"),
    "by the windows without the transpose": (r"\frac{\partial J}{\partial X} = W D", "refuted"),
}
