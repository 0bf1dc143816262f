r"""The gradient of an embedding sums over the places of a word

A lookup is a product with a matrix of ones and zeros, a row for each place. The gradient of a word's row is the sum
of the errors at its places; a word that does not occur gets none.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Embedding

notation = "nielsen"
entries = ("layer embedding",)
subject = layer_step(Embedding("V", "n"), "T")
shown = ("w^1",)
given = r"""
given:
  - A = H W
  - J = \ell(A)
symbols:
  H: matrix(T, v)
  W: matrix(v, n)
  A: matrix(T, n)
  J: scalar
  \ell: unknown
"""

claims = {
    "with the lookup as a matrix of ones and zeros": (
        r"\frac{\partial J}{\partial W} = H^T \frac{\partial J}{\partial A}",
        "proved",
    ),
    "a word's row": (
        r"\frac{\partial J}{\partial W_{ki}} = \sum_{t=1}^{T} H_{tk} \frac{\partial J}{\partial A_{ti}}",
        "proved",
    ),
    "with the mean over the places": (
        r"\frac{\partial J}{\partial W} = \frac{1}{T} H^T \frac{\partial J}{\partial A}",
        "refuted",
    ),
    "with the lookup not transposed": (r"\frac{\partial J}{\partial W} = H \frac{\partial J}{\partial A}", "refuted"),
}
