r"""A randomised relu has the mean slope at test time

In training the slope left of 0 is drawn anew for every unit, uniformly between 1/8 and 1/3; a drawn slope is a given
number, as the mask of dropout is. At test time it is the mean of that law, $\frac{11}{48}$.
"""

from symbackprop.activations import rrelu

notation = "nielsen"
entries = ("activation rrelu",)
subject = rrelu
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} z & \text{if } z > 0 \\ \frac{11 z}{48} & \text{otherwise} \end{cases}']
"""

claims = {
    "slope on both sides": (
        r"h'(z) = \begin{cases} 1 & \text{if } z > 0 \\ \frac{11}{48} & \text{otherwise} \end{cases}",
        "proved",
    ),
    "the mean of the bounds": (r"\frac{11}{48} = \frac{1}{2} (\frac{1}{8} + \frac{1}{3})", "proved"),
    "the mean of the inverse bounds": (r"\frac{11}{48} = \frac{2}{8 + 3}", "refuted"),
}
