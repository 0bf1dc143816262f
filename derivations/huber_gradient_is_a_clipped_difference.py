r"""The gradient of the Huber loss is a clipped difference

Quadratic near the target and linear far from it: the gradient is $a - y$ held between -1 and 1.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import huber
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss huber",)
subject = derive(Network("m", Dense("n", identity), loss=huber))
shown = ("a^1", "epsilon^1")

claims = {
    "as a clipped difference": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \max(-1, \min(1, a^{2}_{j} - y_{j}))",
        "proved",
    ),
    "not clipped": (r"\frac{\partial C}{\partial a^{2}_{j}} = a^{2}_{j} - y_{j}", "refuted"),
}
