r"""The error of a softmax under cross-entropy

For a softmax output and the cross-entropy to a target that sums to one, the error is the difference to the target:
$\delta = a - y$.

The slopes of the softmax and of the logarithm cancel. That the target sums to one is needed: without it the error is
$a_j \sum_k y_k - y_j$.
"""

from symbackprop.activations import softmax
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy
from symbackprop.network import Network

notation = "nielsen"
entries = ("activation softmax", "loss cross_entropy")
subject = derive(Network("m", Dense("n", softmax), loss=cross_entropy))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\delta^{2}_{j} = a^{2}_{j} - y_{j}", "proved"),
    "with the sign turned": (r"\delta^{2}_{j} = y_{j} - a^{2}_{j}", "refuted"),
    "as if the softmax worked on each entry alone": (
        r"\delta^{2}_{j} = (a^{2}_{j} - y_{j}) a^{2}_{j} (1 - a^{2}_{j})",
        "refuted",
    ),
}
