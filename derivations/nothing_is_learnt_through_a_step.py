r"""Nothing is learnt through a step

The perceptron's step has the slope 0 wherever it has one, so every gradient behind it is 0: the perceptron's rule is
no gradient descent.
"""

from symbackprop.activations import step

notation = "nielsen"
entries = ("activation step",)
subject = step
given = r"""
symbols: {z: scalar}
given: ['h(z) = \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}']
"""

claims = {
    "right of 0": (r"h'(z) = 0 \text{ if } z > 0", "proved"),
    "left of 0": (r"h'(z) = 0 \text{ if } z < 0", "proved"),
    "as if it rose by its height": (r"h'(z) = 1 \text{ if } z > 0", "refuted"),
}
