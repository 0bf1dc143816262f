r"""The Hessian of a dense layer has two terms

By the weights of one layer under half squared error the Hessian is
$(h'(z_j)^2 + (a_j - y_j) h''(z_j)) \, \delta_{ij} \, a_k a_m$: the slope squared, and the bend of the activation times
what is still wrong. Weights of different units do not meet.

The first term is the Gauss–Newton term. The second goes to 0 where the fit is exact.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import derive
from symbackprop.derivation.second_order import hessian
from symbackprop.layers import Dense
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.rendering import comment_block

notation = "nielsen"
derivation = derive(Network("m", Dense("n", tanh)))
subject = hessian(derivation, "w^1")
given = comment_block(derivation, notations[notation])

_LEFT = r"\frac{\partial^{2} C}{\partial w^{2}_{jk} \partial w^{2}_{im}}"

claims = {
    "entry by entry": (
        _LEFT + r" = (\tanh'(z^{2}_{j})^{2} + (a^{2}_{j} - y_{j}) \tanh''(z^{2}_{j})) a^{1}_{k} a^{1}_{m} \delta_{ij}",
        "proved",
    ),
    "with the slope squared alone": (_LEFT + r" = \tanh'(z^{2}_{j})^{2} a^{1}_{k} a^{1}_{m} \delta_{ij}", "refuted"),
    "without the delta": (
        _LEFT + r" = (\tanh'(z^{2}_{j})^{2} + (a^{2}_{j} - y_{j}) \tanh''(z^{2}_{j})) a^{1}_{k} a^{1}_{m}",
        "refuted",
    ),
    "with a slope that is not squared": (
        _LEFT + r" = (\tanh'(z^{2}_{j}) + (a^{2}_{j} - y_{j}) \tanh''(z^{2}_{j})) a^{1}_{k} a^{1}_{m} \delta_{ij}",
        "refuted",
    ),
}
