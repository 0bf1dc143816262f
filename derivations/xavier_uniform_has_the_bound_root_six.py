r"""The uniform form of Xavier has the bound √6

A uniform law in $[-r, r]$ has the variance $\frac{r^{2}}{3}$, so the bound is $\sqrt{3}$ standard deviations:
$\sqrt{\frac{6}{n_{\mathrm{in}} + n_{\mathrm{out}}}}$.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import xavier_uniform

notation = "nielsen"
entries = ("initializer xavier_uniform",)
subject = initializer_argument(xavier_uniform)
given = r"""
symbols: {q: scalar, r: scalar, s: scalar, n: scalar, m: scalar, v: scalar, \lambda: scalar}
"""

claims = {
    "the bound squared": (r"\frac{1}{3} \cdot \frac{6}{n + m} = \frac{2}{n + m}", "proved"),
    "with the bound taken for the deviation": (r"\frac{6}{n + m} = \frac{2}{n + m}", "refuted"),
}
