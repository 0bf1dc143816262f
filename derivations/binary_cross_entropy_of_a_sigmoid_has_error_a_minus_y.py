r"""The error of a sigmoid under binary cross-entropy

The slope of the sigmoid cancels the denominator of the loss: $\delta = a - y$, so that an output that is wrong and
saturated still learns.
"""

from symbackprop.activations import sigmoid
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import binary_cross_entropy
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss binary_cross_entropy",)
subject = derive(Network("m", Dense("n", sigmoid), loss=binary_cross_entropy))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\delta^{2}_{j} = a^{2}_{j} - y_{j}", "proved"),
    "by the output": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \frac{a^{2}_{j} - y_{j}}{a^{2}_{j} (1 - a^{2}_{j})}",
        "proved",
    ),
    "with the slope left in": (r"\delta^{2}_{j} = (a^{2}_{j} - y_{j}) a^{2}_{j} (1 - a^{2}_{j})", "refuted"),
    "with the sign turned": (r"\delta^{2}_{j} = y_{j} - a^{2}_{j}", "refuted"),
}
