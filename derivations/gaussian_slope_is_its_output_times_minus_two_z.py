r"""The slope of the gaussian

$h(z) = e^{-z^{2}}$ has the slope $-2 z h(z)$: 0 at the top and on both tails, so that a unit learns only in a band
around its centre.
"""

from symbackprop.activations import gaussian

notation = "nielsen"
entries = ("activation gaussian",)
subject = gaussian
given = r"""
symbols: {z: scalar}
given: ['h(z) = e^{-z^{2}}']
"""

claims = {
    "in terms of itself": (r"h'(z) = -2 z h(z)", "proved"),
    "it is even": (r"h(-z) = h(z)", "proved"),
    "with the factor z forgotten": (r"h'(z) = -2 h(z)", "refuted"),
    "with the sign forgotten": (r"h'(z) = 2 z h(z)", "refuted"),
}
