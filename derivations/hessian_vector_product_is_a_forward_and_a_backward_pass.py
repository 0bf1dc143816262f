r"""A Hessian–vector product is one more forward and backward pass

The derivative along a direction $v$ of everything that backprop computes is a recursion of its own, forward from
$\mathcal{R}\{w\} = v$ and back to $\mathcal{R}\{\frac{\partial C}{\partial w}\} = H v$ (Pearlmutter 1994).
The Hessian is never held.

A product has two terms, a product of three has three: leaving out the one in which the weight itself moves, or the one
in which the slope of the activation moves, is the usual mistake. At the first layer $\mathcal{R}$ of the input is 0.
"""

from symbackprop.derivation import general_step
from symbackprop.derivation.second_order import hessian_vector_product

notation = "nielsen"
subject = hessian_vector_product(general_step(loss=None))
given = r"""
symbols: {z: vector(n), p: vector(n), v: vector(n), y: vector(n), C: scalar}
given:
  - 'p_i = \frac{e^{z_i}}{\sum_{k=1}^{n} e^{z_k}}'
  - 'C = -\sum_{i=1}^{n} y_i \log p_i'
assume:
  - '\sum_{k=1}^{n} y_k = 1'
"""

_LEFT = r"\sum_{k=1}^{n} \frac{\partial^{2} C}{\partial z_{j} \partial z_{k}} v_{k}"

claims = {
    "through a softmax with cross-entropy": (_LEFT + r" = p_{j} (v_{j} - \sum_{k=1}^{n} p_{k} v_{k})", "proved"),
    "without the mean of the direction": (_LEFT + r" = p_{j} v_{j}", "refuted"),
    "with a mean that is not weighted": (_LEFT + r" = p_{j} (v_{j} - \frac{1}{n} \sum_{k=1}^{n} v_{k})", "refuted"),
}
