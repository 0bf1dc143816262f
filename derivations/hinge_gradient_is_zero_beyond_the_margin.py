r"""The gradient of the hinge loss is zero beyond the margin

With targets $\pm 1$ only examples with $y a < 1$ pull, all equally hard.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import hinge
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss hinge",)
subject = derive(Network("m", Dense("n", identity), loss=hinge))
shown = ("a^1", "epsilon^1")

claims = {
    "entry by entry": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \begin{cases} -y_{j} & \text{if } y_{j} a^{2}_{j} < 1 \\"
        r" 0 & \text{otherwise} \end{cases}",
        "proved",
    ),
    "with the sign turned": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \begin{cases} y_{j} & \text{if } y_{j} a^{2}_{j} < 1 \\ "
        r"0 & \text{otherwise} \end{cases}",
        "refuted",
    ),
    "with the margin at zero": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \begin{cases} -y_{j} & \text{if } y_{j} a^{2}_{j} < 0 \\"
        r" 0 & \text{otherwise} \end{cases}",
        "refuted",
    ),
}
