r"""Xavier is a compromise between forward and backward

Forward a layer multiplies second moments by $n_{\mathrm{in}} \mathrm{Var}(w)$, backward by $n_{\mathrm{out}}
\mathrm{Var}(w)$. Both are 1 only for equal fans; the mean of both conditions gives $\frac{2}{n_{\mathrm{in}} +
n_{\mathrm{out}}}$.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import xavier

notation = "nielsen"
entries = ("initializer xavier",)
subject = initializer_argument(xavier)
given = r"""
symbols: {W: 'random(0, v)', x: vector(n), v: scalar, m: scalar, q: scalar}
given: ['z_i = \sum_{j=1}^{n} W_{ij} x_j']
"""

claims = {
    "the compromise": (r"\frac{n + m}{2} \cdot \frac{2 q}{n + m} = q", "proved"),
    "forward alone": (r"n \cdot \frac{2 q}{n + m} = q", "refuted"),
    "the forward moment": (r"\mathrm{Var}(z_i) = v \sum_{j=1}^{n} x_j^{2}", "proved"),
}
