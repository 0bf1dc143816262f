r"""The derivative of the sigmoid in terms of its output

With $a = \sigma(z)$ the slope is $\sigma'(z) = a (1 - a)$: the backward pass needs the output only, no second
exponential.

It is at most $\frac{1}{4}$, reached at $z = 0$.
"""

from symbackprop.activations import sigmoid

notation = "nielsen"
entries = ("activation sigmoid",)
subject = sigmoid

claims = {
    "in terms of itself": (r"\sigma'(z) = \sigma(z) (1 - \sigma(z))", "proved"),
    "differentiated": (r"\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^{2}}", "proved"),
    "as an even function": (r"\sigma'(-z) = \sigma'(z)", "proved"),
    "mixed up with tanh": (r"\sigma'(z) = 1 - \sigma(z)^{2}", "refuted"),
    "with the sign turned": (r"\sigma'(z) = \sigma(z) (\sigma(z) - 1)", "refuted"),
}
