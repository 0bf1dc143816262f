r"""The Gauss–Newton term needs no second derivative of the layers

With $J$ the Jacobian of the network up to the pre-activations of its output and $H$ the Hessian of the loss there, it
is $J^T H J$. With softmax and cross-entropy one layer's own term is the whole Hessian: up to $z$ the layer is linear.
"""

from symbackprop.activations import softmax
from symbackprop.derivation import derive
from symbackprop.derivation.second_order import gauss_newton
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.rendering import comment_block

notation = "nielsen"
derivation = derive(Network("m", Dense("n", softmax), loss=cross_entropy))
subject = gauss_newton(derivation, "w^1", at="z^1")
given = comment_block(derivation, notations[notation])

_LEFT = r"\frac{\partial^{2} C}{\partial w^{2}_{jk} \partial w^{2}_{im}}"

claims = {
    "it is the Hessian here": (
        _LEFT + r" = (\delta_{ij} - a^{2}_{i}) a^{2}_{j} a^{1}_{k} a^{1}_{m}",
        "proved",
    ),
    "with the units apart": (_LEFT + r" = (1 - a^{2}_{j}) a^{2}_{j} a^{1}_{k} a^{1}_{m} \delta_{ij}", "refuted"),
    "with one input squared": (_LEFT + r" = (\delta_{ij} - a^{2}_{i}) a^{2}_{j} (a^{1}_{k})^{2}", "refuted"),
}
