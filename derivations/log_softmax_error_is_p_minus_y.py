r"""The error of a log-softmax under the negative log-likelihood

The output $a$ is the logarithm of a probability. Its error is $e^{a} - y$, which is again $p - y$.
"""

from symbackprop.activations import log_softmax
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import negative_log_likelihood
from symbackprop.network import Network

notation = "nielsen"
entries = ("activation log_softmax", "loss negative_log_likelihood")
subject = derive(Network("m", Dense("n", log_softmax), loss=negative_log_likelihood))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\delta^{2}_{j} = e^{a^{2}_{j}} - y_{j}", "proved"),
    "as if the output were the probability": (r"\delta^{2}_{j} = a^{2}_{j} - y_{j}", "refuted"),
    "with the sign turned": (r"\delta^{2}_{j} = y_{j} - e^{a^{2}_{j}}", "refuted"),
}
