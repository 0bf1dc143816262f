r"""The derivative of tanh in terms of its output

With $a = \tanh(z)$ the slope is $\tanh'(z) = 1 - a^{2}$.

It reaches 1, four times the largest slope of the sigmoid; indeed $\tanh(z) = 2 \sigma(2 z) - 1$.
"""

from symbackprop.activations import tanh

notation = "nielsen"
entries = ("activation tanh",)
subject = tanh

claims = {
    "in terms of itself": (r"\tanh'(z) = 1 - \tanh^{2}(z)", "proved"),
    "as a stretched sigmoid": (r"\tanh(z) = 2 \sigma(2 z) - 1", "proved"),
    "mixed up with the sigmoid": (r"\tanh'(z) = \tanh(z) (1 - \tanh(z))", "refuted"),
    "without the square": (r"\tanh'(z) = 1 - \tanh(z)", "refuted"),
}
