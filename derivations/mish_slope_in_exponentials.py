r"""The slope of mish in exponentials

$h(z) = z \tanh(\log(1 + e^{z}))$ is smooth and has the slope $\frac{e^{z} \omega}{\delta^{2}}$ with $\omega = 4 (z +
1) + 4 e^{2z} + e^{3z} + e^{z} (4z + 6)$ and $\delta = 2 e^{z} + e^{2z} + 2$.
"""

from symbackprop.activations import mish

notation = "nielsen"
entries = ("activation mish",)
subject = mish
given = r"""
symbols: {h: mish, z: scalar}
"""

claims = {
    "by the product rule": (r"h'(z) = \tanh(\log(1 + e^{z})) + z \sigma(z) (1 - \tanh(\log(1 + e^{z}))^{2})", "proved"),
    "in exponentials": (
        r"h'(z) = \frac{e^{z} (4 (z + 1) + 4 e^{2 z} + e^{3 z} + e^{z} (4 z + 6))}{(2 e^{z} + e^{2 z} + "
        r"2)^{2}}",
        "proved",
    ),
    "with the inner slope forgotten": (
        r"h'(z) = \tanh(\log(1 + e^{z})) + z (1 - \tanh(\log(1 + e^{z}))^{2})",
        "refuted",
    ),
}
