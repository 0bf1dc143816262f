r"""The hard sigmoid stops every error outside of ±3

Three lines in place of the sigmoid: inside of ±3 the slope is 1/6, outside it is 0, and a unit out there learns
nothing.
"""

from symbackprop.activations import hard_sigmoid

notation = "nielsen"
entries = ("activation hard_sigmoid",)
subject = hard_sigmoid
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} 0 & \text{if } z \le -3 \\ 1 & \text{if } z \ge 3 \\ \frac{z}{6} + \frac{1}{2} &
    \text{otherwise} \end{cases}']
"""

claims = {
    "inside": (
        r"h'(z) = \begin{cases} 0 & \text{if } z \le -3 \\ 0 & \text{if } z \ge 3 \\ \frac{1}{6} & "
        r"\text{otherwise} \end{cases}",
        "proved",
    ),
    "its mirror image": (r"h(-z) = 1 - h(z)", "proved"),
    "with the slope of the sigmoid at 0": (
        r"h'(z) = \begin{cases} 0 & \text{if } z \le -3 \\ 0 & \text{if } z \ge 3 \\ \frac{1}{4} & "
        r"\text{otherwise} \end{cases}",
        "refuted",
    ),
}
