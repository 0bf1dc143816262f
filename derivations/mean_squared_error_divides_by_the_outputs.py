r"""The mean squared error divides by the number of outputs

$\frac{1}{n} \sum_j (a_j - y_j)^{2}$: the gradient is $\frac{2}{n} (a - y)$, and so smaller the more outputs there
are.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import mean_squared_error
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss mean_squared_error",)
subject = derive(Network("m", Dense("n", identity), loss=mean_squared_error))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial a^{2}_{j}} = \frac{2}{n} (a^{2}_{j} - y_{j})", "proved"),
    "without the division": (r"\frac{\partial C}{\partial a^{2}_{j}} = 2 (a^{2}_{j} - y_{j})", "refuted"),
}
