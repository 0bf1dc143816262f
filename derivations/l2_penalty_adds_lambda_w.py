r"""Weight decay adds λ w to every weight gradient

A penalty $\frac{\lambda}{2} \sum w^{2}$ pulls every weight to 0 in proportion to its size. Biases are left alone, and
a batch counts the penalty once.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import l2
from symbackprop.network import Network

notation = "nielsen"
subject = derive(Network("m", Dense("n", tanh), penalty=l2("lamda")))
shown = ("w^1", "b^1")

claims = {
    "with the pull": (
        r"\frac{\partial C}{\partial w^{2}_{jk}} = \delta^{2}_{j} a^{1}_{k} + \lambda w^{2}_{jk}",
        "proved",
    ),
    "with the half left in": (
        r"\frac{\partial C}{\partial w^{2}_{jk}} = \delta^{2}_{j} a^{1}_{k} + \frac{\lambda}{2} w^{2}_{jk}",
        "refuted",
    ),
    "with the sign of a descent step": (
        r"\frac{\partial C}{\partial w^{2}_{jk}} = \delta^{2}_{j} a^{1}_{k} - \lambda w^{2}_{jk}",
        "refuted",
    ),
}
