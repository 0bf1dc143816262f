r"""The gradient of the Poisson loss

For counts $y$ and a rate $a$ the gradient is $1 - \frac{y}{a}$; with an exponential output the error becomes $a - y$.
"""

from symbackprop.activations import softplus
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import poisson
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss poisson",)
subject = derive(Network("m", Dense("n", softplus), loss=poisson))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial a^{2}_{j}} = 1 - \frac{y_{j}}{a^{2}_{j}}", "proved"),
    "as a difference": (r"\frac{\partial C}{\partial a^{2}_{j}} = a^{2}_{j} - y_{j}", "refuted"),
    "with the ratio turned": (r"\frac{\partial C}{\partial a^{2}_{j}} = 1 - \frac{a^{2}_{j}}{y_{j}}", "refuted"),
}
