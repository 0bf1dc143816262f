r"""A leaky relu never stops an error

Left of 0 the slope is a small number instead of 0, so that a unit which is off still learns: $h'(z) = 0.01$ for $z <
0$.
"""

from symbackprop.activations import leaky_relu

notation = "nielsen"
entries = ("activation leaky_relu",)
subject = leaky_relu
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} z & \text{if } z > 0 \\ \frac{z}{100} & \text{otherwise} \end{cases}']
"""

claims = {
    "slope on both sides": (
        r"h'(z) = \begin{cases} 1 & \text{if } z > 0 \\ \frac{1}{100} & \text{otherwise} \end{cases}",
        "proved",
    ),
    "as a maximum": (r"h(z) = \max(z, \frac{z}{100})", "proved"),
    "as a minimum": (r"h(z) = \min(z, \frac{z}{100})", "refuted"),
    "with the slope of the relu": (
        r"h'(z) = \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}",
        "refuted",
    ),
}
