r"""The selu is a scaled elu that keeps mean and variance

Two numbers $\lambda$ and $\alpha$ are chosen so that a standard normal input gives an output of mean 0 and variance
1. Left of 0 the slope is $h(z) + \lambda \alpha$.

That slope is larger than 1 next to 0: 1.758 at most.
"""

from symbackprop.activations import selu

notation = "nielsen"
entries = ("activation selu",)
subject = selu
given = r"""
symbols: {z: scalar, \lambda: scalar, \alpha: scalar}
given:
  - 'h(z) = \begin{cases} \lambda z & \text{if } z > 0 \\ \lambda \alpha (e^{z} - 1) & \text{otherwise} \end{cases}'
"""

claims = {
    "in terms of itself": (
        r"h'(z) = \begin{cases} \lambda & \text{if } z > 0 \\ h(z) + \lambda \alpha & \text{otherwise} "
        r"\end{cases}",
        "proved",
    ),
    "without the scale": (
        r"h'(z) = \begin{cases} \lambda & \text{if } z > 0 \\ h(z) + \alpha & \text{otherwise} \end{cases}",
        "refuted",
    ),
    "with the slope of the elu right of 0": (
        r"h'(z) = \begin{cases} 1 & \text{if } z > 0 \\ h(z) + \lambda \alpha & \text{otherwise} "
        r"\end{cases}",
        "refuted",
    ),
}
