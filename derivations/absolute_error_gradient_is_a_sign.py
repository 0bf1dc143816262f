r"""The gradient of the absolute error is a sign

How far an output is off does not matter, only on which side: far outliers pull no harder than near ones.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import absolute_error
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss absolute_error",)
subject = derive(Network("m", Dense("n", identity), loss=absolute_error))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial a^{2}_{j}} = \mathrm{sign}(a^{2}_{j} - y_{j})", "proved"),
    "with the sign turned": (r"\frac{\partial C}{\partial a^{2}_{j}} = \mathrm{sign}(y_{j} - a^{2}_{j})", "refuted"),
    "as for the square": (r"\frac{\partial C}{\partial a^{2}_{j}} = a^{2}_{j} - y_{j}", "refuted"),
}
