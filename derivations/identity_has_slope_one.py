r"""A linear output has the slope one

Without an activation the error of a layer is the derivative of the loss by its output, unchanged.
"""

from symbackprop.activations import identity

notation = "nielsen"
entries = ("activation identity",)
subject = identity
given = r"""
symbols: {z: scalar}
given: ['h(z) = z']
"""

claims = {
    "slope": (r"h'(z) = 1", "proved"),
    "as a constant": (r"h'(z) = 0", "refuted"),
}
