r"""The softsign saturates slowly

$h(z) = \frac{z}{1 + |z|}$ has the slope $\frac{1}{(1 + |z|)^{2}} = (1 - |a|)^{2}$, which falls like $z^{-2}$ where
that of tanh falls exponentially.
"""

from symbackprop.activations import softsign

notation = "nielsen"
entries = ("activation softsign",)
subject = softsign
given = r"""
symbols: {h: softsign, z: scalar}
"""

claims = {
    "in z": (r"h'(z) = \frac{1}{(1 + |z|)^{2}}", "proved"),
    "in terms of itself": (r"h'(z) = (1 - |h(z)|)^{2}", "proved"),
    "without the absolute value": (r"h'(z) = \frac{1}{(1 + z)^{2}}", "refuted"),
    "without the square": (r"h'(z) = 1 - |h(z)|", "refuted"),
}
