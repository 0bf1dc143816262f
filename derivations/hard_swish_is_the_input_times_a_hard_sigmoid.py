r"""The hard swish is the input times a hard sigmoid

Inside of ±3 it is a parabola of slope $\frac{2 z + 3}{6}$, which reaches 3/2 next to 3: steeper than swish ever is.
"""

from symbackprop.activations import hard_swish

notation = "nielsen"
entries = ("activation hard_swish",)
subject = hard_swish
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} 0 & \text{if } z \le -3 \\ z & \text{if } z \ge 3 \\ \frac{z (z + 3)}{6} &
    \text{otherwise} \end{cases}']
"""

claims = {
    "piece by piece": (
        r"h'(z) = \begin{cases} 0 & \text{if } z \le -3 \\ 1 & \text{if } z \ge 3 \\ \frac{2 z + 3}{6} & "
        r"\text{otherwise} \end{cases}",
        "proved",
    ),
    "with the product rule forgotten": (
        r"h'(z) = \begin{cases} 0 & \text{if } z \le -3 \\ 1 & \text{if } z \ge 3 \\ \frac{z + 3}{6} & "
        r"\text{otherwise} \end{cases}",
        "refuted",
    ),
}
