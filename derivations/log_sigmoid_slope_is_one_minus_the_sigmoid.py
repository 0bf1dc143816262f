r"""The slope of the log-sigmoid

$\log \sigma(z)$ has the slope $1 - \sigma(z) = \sigma(-z)$, and is minus a softplus of $-z$: computed so, it loses no
digits.
"""

from symbackprop.activations import log_sigmoid

notation = "nielsen"
entries = ("activation log_sigmoid",)
subject = log_sigmoid
given = r"""
symbols: {z: scalar}
given: ['h(z) = \log(\sigma(z))']
"""

claims = {
    "as a sigmoid": (r"h'(z) = \sigma(-z)", "proved"),
    "in terms of itself": (r"h'(z) = 1 - e^{h(z)}", "proved"),
    "as the slope of the sigmoid": (r"h'(z) = \sigma(z) (1 - \sigma(z))", "refuted"),
    "as the sigmoid itself": (r"h'(z) = \sigma(z)", "refuted"),
}
