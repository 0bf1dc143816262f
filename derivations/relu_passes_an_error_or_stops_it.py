r"""The relu passes an error or stops it

The slope of the relu is 1 right of 0 and 0 left of it: an error goes through unchanged or not at all, so that slopes
alone never make it vanish along an active path.

At 0 there is no derivative; 0 is the usual convention.
"""

from symbackprop.activations import relu

notation = "nielsen"
entries = ("activation relu",)
subject = relu
given = r"""
symbols: {h: relu, z: scalar}
"""

claims = {
    "right of 0": (r"h'(z) = 1 \text{ if } z > 0", "proved"),
    "left of 0": (r"h'(z) = 0 \text{ if } z < 0", "proved"),
    "it does not change when applied twice": (r"h(h(z)) = h(z)", "proved"),
    "as if it were the absolute value": (r"h(z) = |z|", "refuted"),
    "mixed up with its input": (r"h'(z) = h(z)", "refuted"),
}
