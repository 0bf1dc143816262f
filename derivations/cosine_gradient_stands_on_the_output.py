r"""The gradient of the cosine loss stands on the output

Only the direction of the output matters, so that moving along it changes nothing: the gradient has no part along $a$.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import cosine
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss cosine",)
subject = derive(Network("m", Dense("n", identity), loss=cosine))
shown = ("a^1",)

claims = {
    "entry by entry": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = \frac{a^{2}_{j} (\sum_{k=1}^{n} a^{2}_{k} "
        r"y_{k})}{(\sum_{k=1}^{n} (a^{2}_{k})^{2}) \sqrt{(\sum_{k=1}^{n} (a^{2}_{k})^{2}) (\sum_{k=1}^{n} "
        r"y_{k}^{2})}} - \frac{y_{j}}{\sqrt{(\sum_{k=1}^{n} (a^{2}_{k})^{2}) (\sum_{k=1}^{n} y_{k}^{2})}}",
        "proved",
    ),
    "no part along the output": (r"\sum_{j=1}^{n} a^{2}_{j} \frac{\partial C}{\partial a^{2}_{j}} = 0", "proved"),
    "with the length of the output held fixed": (
        r"\frac{\partial C}{\partial a^{2}_{j}} = -\frac{y_{j}}{\sqrt{(\sum_{k=1}^{n} (a^{2}_{k})^{2}) "
        r"(\sum_{k=1}^{n} y_{k}^{2})}}",
        "refuted",
    ),
}
