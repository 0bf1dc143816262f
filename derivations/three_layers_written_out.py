r"""Three layers written out

A network of three layers with any activation $h$, layers counted from the output, and the cost
$J = \sum_i (a^0_i - y_i)^2$: every error and every weight gradient.

Each gradient is an error times an activation, and each error is made from the one before it; nothing else is new from
layer to layer.
"""

from symbackprop.activations import unknown
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import squared_error
from symbackprop.network import Network

notation = "backward_epsilon"
h = unknown("h")
subject = derive(Network("n_3", Dense("n_2", h), Dense("n_1", h), Dense("n_0", h), loss=squared_error))
shown = ("epsilon^3", "w^3", "epsilon^2", "w^2", "epsilon^1", "w^1")

claims = {
    "the output error": (r"\varepsilon^{0}_{i} = 2 (a^{0}_{i} - y_{i}) h'(z^{0}_{i})", "proved"),
    "the innermost gradient from the outermost error": (
        r"\frac{\partial J}{\partial w^{32}_{jk}} = "
        r"a^{3}_{k} h'(z^{2}_{j}) \sum_{i=1}^{n_{1}} w^{21}_{ij} \varepsilon^{1}_{i}",
        "proved",
    ),
    "with the sum over the wrong layer": (
        r"\varepsilon^{1}_{i} = h'(z^{1}_{i}) \sum_{j=1}^{n_{1}} w^{10}_{ij} \varepsilon^{0}_{j}",
        "refuted",
    ),
    "with the slope forgotten": (
        r"\varepsilon^{1}_{j} = \sum_{i=1}^{n_{0}} w^{10}_{ij} \varepsilon^{0}_{i}",
        "refuted",
    ),
}
