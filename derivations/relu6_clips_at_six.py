r"""A relu that clips at six

Right of 6 the slope is 0 again: the output fits into few bits, and a unit above 6 learns as little as one below 0.
"""

from symbackprop.activations import relu6

notation = "nielsen"
entries = ("activation relu6",)
subject = relu6
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} 0 & \text{if } z \le 0 \\ 6 & \text{if } z \ge 6 \\ z & \text{otherwise} \end{cases}']
"""

claims = {
    "as a clipped input": (r"h(z) = \min(\max(0, z), 6)", "proved"),
    "slope": (
        r"h'(z) = \begin{cases} 0 & \text{if } z \le 0 \\ 0 & \text{if } z \ge 6 \\ 1 & \text{otherwise} "
        r"\end{cases}",
        "proved",
    ),
    "as a relu": (r"h(z) = \max(0, z)", "refuted"),
}
