r"""The elastic net adds both pulls

A sum of penalties adds the sum of their gradients: $\lambda \, \mathrm{sign}(w) + \nu w$.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import elastic_net
from symbackprop.network import Network

notation = "nielsen"
subject = derive(Network("m", Dense("n", tanh), penalty=elastic_net("lamda", "nu")))
shown = ("w^1", "b^1")

claims = {
    "with both pulls": (
        r"\frac{\partial C}{\partial w^{2}_{jk}} = \delta^{2}_{j} a^{1}_{k} + \lambda "
        r"\mathrm{sign}(w^{2}_{jk}) + \nu w^{2}_{jk}",
        "proved",
    ),
    "with the letters exchanged": (
        r"\frac{\partial C}{\partial w^{2}_{jk}} = \delta^{2}_{j} a^{1}_{k} + \nu "
        r"\mathrm{sign}(w^{2}_{jk}) + \lambda w^{2}_{jk}",
        "refuted",
    ),
}
