r"""Cross-entropy from logits

With the softmax inside the loss the gradient by the logits is $p - y$, if the target sums to one.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy_from_logits
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss cross_entropy_from_logits",)
subject = derive(Network("m", Dense("n", identity), loss=cross_entropy_from_logits))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \frac{e^{a^{2}_{j}}}{\sum_{k=1}^{n} e^{a^{2}_{k}}} - "
        r"y_{j}",
        "proved",
    ),
    "with the sign turned": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = y_{j} - \frac{e^{a^{2}_{j}}}{\sum_{k=1}^{n} "
        r"e^{a^{2}_{k}}}",
        "refuted",
    ),
    "without the sum": (r"\frac{\partial C}{\partial a^{2}_{j}} = e^{a^{2}_{j}} - y_{j}", "refuted"),
}
