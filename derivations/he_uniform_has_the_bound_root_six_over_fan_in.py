r"""The uniform form of He

The bound is $\sqrt{\frac{6}{n_{\mathrm{in}}}}$.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import he_uniform

notation = "nielsen"
entries = ("initializer he_uniform",)
subject = initializer_argument(he_uniform)
given = r"""
symbols: {q: scalar, r: scalar, s: scalar, n: scalar, m: scalar, v: scalar, \lambda: scalar}
"""

claims = {
    "the bound squared": (r"\frac{1}{3} \cdot \frac{6}{n} = \frac{2}{n}", "proved"),
    "with the half of the relu forgotten": (r"\frac{1}{3} \cdot \frac{6}{n} = \frac{1}{n}", "refuted"),
}
