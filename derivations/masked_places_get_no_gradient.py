r"""Masked places get no gradient

A mask of zeros and ones multiplies the exponentials, so a masked place has the share 0. The gradient of the scores
has the share as a factor: where nothing was looked at, nothing comes back. The form of $dS$ is that of attention
without a mask.

In a row of zeros the quotient is $\frac{0}{0}$. The kernels take it for 0: a place that may look nowhere hands on
nothing. Masks that add $-\infty$ to the scores give nan there.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Attention

notation = "nielsen"
entries = ("layer masked_attention",)
subject = layer_step(Attention("H", "d_k", masked=True), "T", "n")
shown = ("S^1", "K^1", "Q^1")
given = r"""
given:
  - p_j = \frac{m_j e^{s_j}}{\sum_{k=1}^{T} m_k e^{s_k}}
  - J = \ell(p)
symbols:
  s: vector(T)
  m: vector(T)
  p: vector(T)
  J: scalar
  \ell: unknown
"""

claims = {
    "the scores of one place": (
        r"\frac{\partial J}{\partial s_j} = p_j (\frac{\partial J}{\partial p_j} - \sum_{k=1}^{T} p_k "
        r"\frac{\partial J}{\partial p_k})",
        "proved",
    ),
    "with the mask a second time": (
        r"\frac{\partial J}{\partial s_j} = m_j p_j (\frac{\partial J}{\partial p_j} - \sum_{k=1}^{T} p_k "
        r"\frac{\partial J}{\partial p_k})",
        "refuted",
    ),
    "with masked shares left in the sum": (r"p_j = \frac{m_j e^{s_j}}{\sum_{k=1}^{T} e^{s_k}}", "refuted"),
}
