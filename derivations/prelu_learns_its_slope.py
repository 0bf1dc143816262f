r"""A prelu learns its slope

The slope left of 0 is a parameter. Its own gradient is that of the output times the input, where the input is
negative: $\frac{\partial h}{\partial s} = z$ for $z < 0$.
"""

from symbackprop.activations import prelu

notation = "nielsen"
entries = ("activation prelu",)
subject = prelu
given = r"""
symbols: {z: scalar, s: scalar, a: scalar}
given: ['a = \begin{cases} z & \text{if } z > 0 \\ s z & \text{otherwise} \end{cases}']
"""

claims = {
    "slope in z": (
        r"\frac{\partial a}{\partial z} = \begin{cases} 1 & \text{if } z > 0 \\ s & \text{otherwise} "
        r"\end{cases}",
        "proved",
    ),
    "derivative by the slope": (
        r"\frac{\partial a}{\partial s} = \begin{cases} 0 & \text{if } z > 0 \\ z & \text{otherwise} "
        r"\end{cases}",
        "proved",
    ),
    "with the sides exchanged": (
        r"\frac{\partial a}{\partial s} = \begin{cases} z & \text{if } z > 0 \\ 0 & \text{otherwise} "
        r"\end{cases}",
        "refuted",
    ),
}
