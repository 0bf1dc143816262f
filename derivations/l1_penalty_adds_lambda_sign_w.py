r"""An L1 penalty pulls every weight equally hard

A penalty $\lambda \sum |w|$ adds $\lambda$ times the sign of the weight: small weights are pulled as hard as large
ones, and so reach 0.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import l1
from symbackprop.network import Network

notation = "nielsen"
subject = derive(Network("m", Dense("n", tanh), penalty=l1("lamda")))
shown = ("w^1", "b^1")

claims = {
    "with the pull": (
        r"\frac{\partial C}{\partial w^{2}_{jk}} = \delta^{2}_{j} a^{1}_{k} + \lambda "
        r"\mathrm{sign}(w^{2}_{jk})",
        "proved",
    ),
    "in proportion to the weight": (
        r"\frac{\partial C}{\partial w^{2}_{jk}} = \delta^{2}_{j} a^{1}_{k} + \lambda w^{2}_{jk}",
        "refuted",
    ),
}
