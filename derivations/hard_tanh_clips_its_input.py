r"""The hard tanh clips its input

It is the input held between -1 and 1: an error goes through unchanged inside and not at all outside.
"""

from symbackprop.activations import hard_tanh

notation = "nielsen"
entries = ("activation hard_tanh",)
subject = hard_tanh
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} -1 & \text{if } z \le -1 \\ 1 & \text{if } z \ge 1 \\ z & \text{otherwise} \end{cases}']
"""

claims = {
    "as a clipped input": (r"h(z) = \max(-1, \min(1, z))", "proved"),
    "slope": (
        r"h'(z) = \begin{cases} 0 & \text{if } z \le -1 \\ 0 & \text{if } z \ge 1 \\ 1 & \text{otherwise} "
        r"\end{cases}",
        "proved",
    ),
    "in terms of itself as for tanh": (r"h'(z) = 1 - h(z)^{2}", "refuted"),
}
