r"""Errors of a graph convolution go back along the edges

Forward the features of a node are collected from its neighbours, $Z = \hat{A} X W$; backward its error is handed to
them, through $\hat{A}^{T}$. For an undirected graph with symmetric normalization the transpose may be left out; for a
graph of directed edges it may not.
"""

from symbackprop.activations import unknown
from symbackprop.derivation import layer_step
from symbackprop.layers import GraphConvolution

notation = "nielsen"
entries = ("layer graph_convolution",)
subject = layer_step(GraphConvolution("m", unknown()), "N", "n")
shown = ("epsilon^1", "w^1", "x^0")
given = r"""
given:
  - Z = A X W
  - J = \ell(Z)
  - D = \frac{\partial J}{\partial Z}
symbols:
  A: matrix(N, N)
  X: matrix(N, n)
  W: matrix(n, m)
  Z: matrix(N, m)
  D: matrix(N, m)
  J: scalar
  \ell: unknown
"""

claims = {
    "by the weights": (r"\frac{\partial J}{\partial W} = (A X)^T D", "proved"),
    "by the features": (r"\frac{\partial J}{\partial X} = A^T D W^T", "proved"),
    "with directed edges not turned round": (r"\frac{\partial J}{\partial X} = A D W^T", "refuted"),
    "with the neighbours forgotten": (r"\frac{\partial J}{\partial W} = X^T D", "refuted"),
}
