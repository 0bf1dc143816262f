r"""The KL divergence has the gradient of the cross-entropy

They differ by the entropy of the target, in which the output does not occur; so the error of a softmax is $a - y$
here too.
"""

from symbackprop.activations import softmax
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import kl_divergence
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss kl_divergence",)
subject = derive(Network("m", Dense("n", softmax), loss=kl_divergence))
shown = ("a^1", "epsilon^1")

claims = {
    "by the output": (r"\frac{\partial C}{\partial a^{2}_{j}} = -\frac{y_{j}}{a^{2}_{j}}", "proved"),
    "the error": (r"\delta^{2}_{j} = a^{2}_{j} - y_{j}", "proved"),
    "with the divergence the other way round": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \log(a^{2}_{j}) - \log(y_{j}) + 1",
        "refuted",
    ),
}
