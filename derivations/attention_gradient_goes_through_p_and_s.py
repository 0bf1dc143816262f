r"""The gradient of attention goes through P and S

Backward the stages are met in turn: the values $V$ by $P^{T}$, the shares $P$ by $V^{T}$, the scores $S$ by the
Jacobian of the softmax, row by row, and from there the queries and keys, each through the other.

The softmax row has $dS = P \odot (dP - r)$ with one number $r$ a row, the sum of $P \odot dP$. Since that equals the
sum of $O \odot dO$, $P$ need not be kept for it: this is what makes attention in blocks possible.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Attention

notation = "nielsen"
entries = ("layer attention",)
subject = layer_step(Attention("H", "d_k"), "T", "n")
shown = ("W_O^1", "P^1", "S^1", "V^1", "K^1", "Q^1", "x^0")
given = r"""
given:
  - S = \frac{1}{\sqrt{d}} Q K^T
  - P = \mathrm{softmax}(S)
  - O = P V
  - J = \ell(O)
  - dO = \frac{\partial J}{\partial O}
  - dP = \frac{\partial J}{\partial P}
  - dS = \frac{\partial J}{\partial S}
symbols:
  Q: matrix(T, k)
  K: matrix(T, k)
  V: matrix(T, k)
  S: matrix(T, T)
  P: matrix(T, T)
  O: matrix(T, k)
  dO: matrix(T, k)
  dP: matrix(T, T)
  dS: matrix(T, T)
  d: scalar
  J: scalar
  \ell: unknown
assume:
  - d > 0
"""

claims = {
    "the values": (r"\frac{\partial J}{\partial V} = P^T dO", "proved"),
    "the shares": (r"dP = dO V^T", "proved"),
    "the scores": (r"dS_{ij} = P_{ij} (dP_{ij} - \sum_{m=1}^{T} P_{im} dP_{im})", "proved"),
    "the queries": (r"\frac{\partial J}{\partial Q} = \frac{1}{\sqrt{d}} dS K", "proved"),
    "the keys": (r"\frac{\partial J}{\partial K} = \frac{1}{\sqrt{d}} dS^T Q", "proved"),
    "the row sum from the output": (r"\sum_{m=1}^{T} P_{im} dP_{im} = \sum_{j=1}^{k} O_{ij} dO_{ij}", "proved"),
    "the keys without the transpose": (r"\frac{\partial J}{\partial K} = \frac{1}{\sqrt{d}} dS Q", "refuted"),
    "the row sum without the shares": (r"dS_{ij} = P_{ij} (dP_{ij} - \sum_{m=1}^{T} dP_{im})", "refuted"),
    "the softmax as if it were elementwise": (r"dS_{ij} = P_{ij} (1 - P_{ij}) dP_{ij}", "refuted"),
    "with the scale left behind": (r"\frac{\partial J}{\partial Q} = dS K", "refuted"),
}
