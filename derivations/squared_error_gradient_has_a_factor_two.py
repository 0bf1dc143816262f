r"""The squared error without a half has a factor two in its gradient

Three conventions are in use: $\sum (a - y)^{2}$, half of it, and the mean over the outputs. They differ by a factor
only, which the learning rate takes up; but a formula holds for one of them.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import squared_error
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss squared_error",)
subject = derive(Network("m", Dense("n", identity), loss=squared_error))
shown = ("a^1", "epsilon^1")

claims = {
    "the whole square": (r"\frac{\partial C}{\partial a^{2}_{j}} = 2 (a^{2}_{j} - y_{j})", "proved"),
    "the half": (r"\frac{\partial C}{\partial a^{2}_{j}} = a^{2}_{j} - y_{j}", "refuted"),
    "with the sign turned": (r"\frac{\partial C}{\partial a^{2}_{j}} = 2 (y_{j} - a^{2}_{j})", "refuted"),
}
