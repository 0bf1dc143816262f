r"""Backward, the fan that counts is the other one

An error is made of $n_{\mathrm{out}}$ terms, so that $\mathrm{Var}(w) = \frac{1}{n_{\mathrm{out}}}$ keeps its second
moment from layer to layer.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import xavier_backward

notation = "nielsen"
drawn = ("gradients identity",)
entries = ("initializer xavier_backward",)
subject = initializer_argument(xavier_backward)
given = r"""
symbols: {W: 'matrix(m, n), random(0, v)', d: vector(n), \epsilon: vector(m), v: scalar}
given: ['d_j = \sum_{i=1}^{m} W_{ij} \epsilon_i']
"""

claims = {
    "the backward moment": (r"\mathrm{Var}(d_j) = v \sum_{i=1}^{m} \epsilon_i^{2}", "proved"),
    "with the sum over inputs": (r"\mathrm{Var}(d_j) = m v \epsilon_j^{2}", "refuted"),
}
