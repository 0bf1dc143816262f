r"""The Hessian of any layer is a recursion

By the pre-activations of layer $l$ the Hessian follows from that of layer $l + 1$:
$H^{l} = \mathrm{diag}(h') \, (w^{l+1})^T H^{l+1} w^{l+1} \, \mathrm{diag}(h') + \mathrm{diag}(h'' \odot v)$ with
$v = (w^{l+1})^T \delta^{l+1}$.

The second term is missing where the activation does not bend (ReLU away from its kink), and it is what the Gauss–Newton
term leaves out (Bishop 1992).
"""

from symbackprop.derivation import general_step
from symbackprop.derivation.second_order import hessian

notation = "nielsen"
subject = hessian(general_step(loss=None), "z^l")
given = r"""
symbols: {z: vector(n), w: 'matrix(m, n)', u: vector(m), C: scalar, h: unknown, F: unknown}
given:
  - 'u_i = \sum_{k=1}^{n} w_{ik} h(z_k)'
  - 'C = \sum_{i=1}^{m} F(u_i)'
"""

claims = {
    "where the loss is a sum over the next layer": (
        r"\frac{\partial^{2} C}{\partial z_{j} \partial z_{k}} = "
        r"h''(z_{j}) \delta_{jk} \sum_{i=1}^{m} w_{ij} F'(u_{i}) + "
        r"h'(z_{j}) h'(z_{k}) \sum_{i=1}^{m} w_{ij} F''(u_{i}) w_{ik}",
        "proved",
    ),
    "without the bend of the activation": (
        r"\frac{\partial^{2} C}{\partial z_{j} \partial z_{k}} = "
        r"h'(z_{j}) h'(z_{k}) \sum_{i=1}^{m} w_{ij} F''(u_{i}) w_{ik}",
        "refuted",
    ),
}
