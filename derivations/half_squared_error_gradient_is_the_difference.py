r"""Half the squared error has the difference as its gradient

The half is there to cancel the 2 of the square: $\frac{\partial C}{\partial a} = a - y$.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import half_squared_error
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss half_squared_error",)
subject = derive(Network("m", Dense("n", identity), loss=half_squared_error))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial a^{2}_{j}} = a^{2}_{j} - y_{j}", "proved"),
    "with the two left in": (r"\frac{\partial C}{\partial a^{2}_{j}} = 2 (a^{2}_{j} - y_{j})", "refuted"),
}
