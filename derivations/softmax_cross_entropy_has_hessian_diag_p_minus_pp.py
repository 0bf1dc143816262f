r"""The Hessian of softmax with cross-entropy is diag(p) - p pᵀ

The gradient by the pre-activations is $a - y$; differentiated once more only the softmax is left, so the Hessian is
$\mathrm{diag}(a) - a a^T$, whatever the target. Without the second term the outputs would not compete.

It is the covariance of a draw from $a$, so it is positive semidefinite, and its rows sum to 0: adding a constant to all
pre-activations changes nothing.
"""

from symbackprop.activations import softmax
from symbackprop.derivation import derive
from symbackprop.derivation.second_order import hessian
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.rendering import comment_block

notation = "nielsen"
derivation = derive(Network("m", Dense("n", softmax), loss=cross_entropy))
subject = hessian(derivation, "z^1")
given = comment_block(derivation, notations[notation])

claims = {
    "entry by entry": (
        r"\frac{\partial^{2} C}{\partial z^{2}_{j} \partial z^{2}_{k}} = a^{2}_{j} (\delta_{jk} - a^{2}_{k})",
        "proved",
    ),
    "on the diagonal": (
        r"\frac{\partial^{2} C}{\partial z^{2}_{j} \partial z^{2}_{j}} = a^{2}_{j} (1 - a^{2}_{j})",
        "proved",
    ),
    "without the outer product": (
        r"\frac{\partial^{2} C}{\partial z^{2}_{j} \partial z^{2}_{k}} = a^{2}_{j} \delta_{jk}",
        "refuted",
    ),
    "without the delta": (
        r"\frac{\partial^{2} C}{\partial z^{2}_{j} \partial z^{2}_{k}} = a^{2}_{j} (1 - a^{2}_{k})",
        "refuted",
    ),
    "with the outer product added": (
        r"\frac{\partial^{2} C}{\partial z^{2}_{j} \partial z^{2}_{k}} = a^{2}_{j} (\delta_{jk} + a^{2}_{k})",
        "refuted",
    ),
    "a row sums to 0": (
        r"\sum_{k=1}^{n} \frac{\partial^{2} C}{\partial z^{2}_{j} \partial z^{2}_{k}} = 0",
        "proved",
    ),
}
