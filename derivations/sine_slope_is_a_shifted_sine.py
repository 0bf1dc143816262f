r"""The slope of a sine is a shifted sine

Every derivative of a sine is a sine again, moved by a quarter of its period: a network of sines has derivatives of
the same kind as itself.
"""

from symbackprop.activations import sine

notation = "nielsen"
entries = ("activation sine",)
subject = sine
given = r"""
symbols: {z: scalar}
given: ['h(z) = \sin(z)']
"""

claims = {
    "as a cosine": (r"h'(z) = \cos(z)", "proved"),
    "from the square of itself": (r"h'(z)^{2} = 1 - h(z)^{2}", "proved"),
    "with the sign turned": (r"h'(z) = -\cos(z)", "refuted"),
}
