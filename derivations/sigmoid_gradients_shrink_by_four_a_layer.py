r"""Sigmoid gradients shrink by four a layer

The slope of the sigmoid is at most $\frac{1}{4}$, so an error that goes down a layer is multiplied by no more than a
quarter of the norm of its weights; with norms below 4 it vanishes with the depth.

That of tanh reaches 1, which is why it was preferred. The bound holds for ReLU as well, with slope 1: only the weights
are left to make gradients vanish or explode.
"""

from symbackprop.activations import sigmoid
from symbackprop.derivation.bounds import gradient_bound

notation = "nielsen"
drawn = ("gradients sigmoid --layers 20",)
subject = gradient_bound(sigmoid)
given = r"""
symbols: {z: scalar}
"""

claims = {
    "a quarter, less a square": (r"\sigma'(z) = \frac{1}{4} - (\sigma(z) - \frac{1}{2})^{2}", "proved"),
    "reached at 0": (r"\sigma'(0) = \frac{1}{4}", "proved"),
    "that of tanh is 1, less a square": (r"\tanh'(z) = 1 - \tanh(z)^{2}", "proved"),
    "a half at 0": (r"\sigma'(0) = \frac{1}{2}", "refuted"),
    "a half, less a square": (r"\sigma'(z) = \frac{1}{2} - (\sigma(z) - \frac{1}{2})^{2}", "refuted"),
}
