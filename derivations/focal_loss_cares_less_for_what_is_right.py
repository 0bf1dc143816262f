r"""The focal loss cares less for what is right already

The factor $(1 - a)^{2}$ is small where the output is right; differentiating it as well gives the second term.
"""

from symbackprop.activations import softmax
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import focal
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss focal",)
subject = derive(Network("m", Dense("n", softmax), loss=focal))
shown = ("a^1",)

claims = {
    "entry by entry": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = y_{j} (1 - a^{2}_{j}) (2 \log(a^{2}_{j}) - \frac{1 - "
        r"a^{2}_{j}}{a^{2}_{j}})",
        "proved",
    ),
    "with the factor held fixed": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = -\frac{y_{j} (1 - a^{2}_{j})^{2}}{a^{2}_{j}}",
        "refuted",
    ),
    "as the cross-entropy": (r"\frac{\partial C}{\partial a^{2}_{j}} = -\frac{y_{j}}{a^{2}_{j}}", "refuted"),
}
