r"""Uniform weights within 1/√n leave a third

The variance of the law is $\frac{1}{3 n_{\mathrm{in}}}$, so each linear layer leaves a third of a second moment, and
$L$ of them $3^{-L}$.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import uniform_fan_in

notation = "nielsen"
entries = ("initializer uniform_fan_in",)
subject = initializer_argument(uniform_fan_in)
given = r"""
symbols: {q: scalar, r: scalar, s: scalar, n: scalar, m: scalar, v: scalar, \lambda: scalar}
"""

claims = {
    "a third": (r"n \cdot \frac{q}{3 n} = \frac{q}{3}", "proved"),
    "taken to keep everything": (r"n \cdot \frac{q}{3 n} = q", "refuted"),
}
