r"""The slope of swish exceeds one

$h(z) = z \sigma(z)$ falls a little left of 0 and rises steeper than the identity right of it: its slope is $h(z) +
\sigma(z) (1 - h(z))$, at most 1.0998.
"""

from symbackprop.activations import swish

notation = "nielsen"
entries = ("activation swish", "activation silu")
subject = swish
given = r"""
symbols: {h: swish, z: scalar}
"""

claims = {
    "in terms of itself": (r"h'(z) = h(z) + \sigma(z) (1 - h(z))", "proved"),
    "by the product rule": (r"h'(z) = \sigma(z) + z \sigma(z) (1 - \sigma(z))", "proved"),
    "at 0": (r"h'(0) = \frac{1}{2}", "proved"),
    "with the product rule forgotten": (r"h'(z) = z \sigma(z) (1 - \sigma(z))", "refuted"),
    "with the factor on the wrong term": (r"h'(z) = \sigma(z) + h(z) (1 - h(z))", "refuted"),
}
