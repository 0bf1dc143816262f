r"""Binary cross-entropy from logits

Taken of the pre-activation, the loss is $\log(1 + e^{a}) - y a$ and its gradient $\sigma(a) - y$: the same as of a
sigmoid output, but without a logarithm of 0.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import binary_cross_entropy_from_logits
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss binary_cross_entropy_from_logits",)
subject = derive(Network("m", Dense("n", identity), loss=binary_cross_entropy_from_logits))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial a^{2}_{j}} = \sigma(a^{2}_{j}) - y_{j}", "proved"),
    "with the slope of the sigmoid": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = (\sigma(a^{2}_{j}) - y_{j}) \sigma(a^{2}_{j}) (1 - "
        r"\sigma(a^{2}_{j}))",
        "refuted",
    ),
    "without the sigmoid": (r"\frac{\partial C}{\partial a^{2}_{j}} = a^{2}_{j} - y_{j}", "refuted"),
}
