r"""Left of 0 the slope of the elu is its output plus one

The elu is the identity right of 0 and $e^{z} - 1$ left of it, so that its slope there is $h(z) + 1$: no second
exponential is needed, and there is no kink.
"""

from symbackprop.activations import elu

notation = "nielsen"
entries = ("activation elu",)
subject = elu
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} z & \text{if } z > 0 \\ e^{z} - 1 & \text{otherwise} \end{cases}']
"""

claims = {
    "in terms of itself": (
        r"h'(z) = \begin{cases} 1 & \text{if } z > 0 \\ h(z) + 1 & \text{otherwise} \end{cases}",
        "proved",
    ),
    "with the one forgotten": (
        r"h'(z) = \begin{cases} 1 & \text{if } z > 0 \\ h(z) & \text{otherwise} \end{cases}",
        "refuted",
    ),
    "with the sign turned": (
        r"h'(z) = \begin{cases} 1 & \text{if } z > 0 \\ h(z) - 1 & \text{otherwise} \end{cases}",
        "refuted",
    ),
}
