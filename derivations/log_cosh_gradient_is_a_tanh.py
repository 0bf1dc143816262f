r"""The gradient of log-cosh is a tanh

$\log \cosh(a - y)$ is near half the square for small errors and near the absolute error for large ones; its gradient
$\tanh(a - y)$ goes smoothly from one to the other.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import log_cosh
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss log_cosh",)
subject = derive(Network("m", Dense("n", identity), loss=log_cosh))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial a^{2}_{j}} = \tanh(a^{2}_{j} - y_{j})", "proved"),
    "mixed up with the cosine": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \frac{1}{\cosh(a^{2}_{j} - y_{j})}",
        "refuted",
    ),
    "with the sign turned": (r"\frac{\partial C}{\partial a^{2}_{j}} = \tanh(y_{j} - a^{2}_{j})", "refuted"),
}
