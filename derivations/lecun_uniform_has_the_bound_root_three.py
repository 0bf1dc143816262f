r"""The uniform form of LeCun

The bound is $\sqrt{\frac{3}{n_{\mathrm{in}}}}$.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import lecun_uniform

notation = "nielsen"
entries = ("initializer lecun_uniform",)
subject = initializer_argument(lecun_uniform)
given = r"""
symbols: {q: scalar, r: scalar, s: scalar, n: scalar, m: scalar, v: scalar, \lambda: scalar}
"""

claims = {
    "the bound squared": (r"\frac{1}{3} \cdot \frac{3}{n} = \frac{1}{n}", "proved"),
    "with the bound 1 over the root": (r"\frac{1}{3} \cdot \frac{1}{n} = \frac{1}{n}", "refuted"),
}
