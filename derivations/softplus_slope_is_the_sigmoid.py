r"""The slope of the softplus is the sigmoid

$\frac{d}{dz} \log(1 + e^{z}) = \sigma(z)$: the softplus is a relu with a round corner, and in terms of its output the
slope is $1 - e^{-a}$.
"""

from symbackprop.activations import softplus

notation = "nielsen"
entries = ("activation softplus",)
subject = softplus
given = r"""
symbols: {h: softplus, z: scalar}
"""

claims = {
    "as the sigmoid": (r"h'(z) = \sigma(z)", "proved"),
    "in terms of itself": (r"h'(z) = 1 - e^{-h(z)}", "proved"),
    "the difference to its mirror image": (r"h(z) - h(-z) = z", "proved"),
    "mixed up with its logarithm": (r"h'(z) = \log(\sigma(z))", "refuted"),
    "with the sign turned": (r"h'(z) = \sigma(-z)", "refuted"),
}
