r"""He doubles the variance, since a relu lets half through

A pre-activation of a symmetric law loses half of its second moment in a relu, $\mathbb{E}[h(z)^{2}] = \frac{1}{2}
\mathbb{E}[z^{2}]$; no normal law is needed. Hence $\mathrm{Var}(w) = \frac{2}{n_{\mathrm{in}}}$.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import he

notation = "nielsen"
drawn = ("variance relu --weight-variance 2 --width 1000", "gradients relu --weight-variance 2 --width 1000")
entries = ("initializer he",)
subject = initializer_argument(he)
given = r"""
symbols: {W: 'random(0, v)', x: vector(n), v: scalar, q: scalar}
given: ['z_i = \sum_{j=1}^{n} W_{ij} x_j']
"""

claims = {
    "the condition": (r"\frac{n}{2} \cdot \frac{2 q}{n} = q", "proved"),
    "without the half": (r"n \cdot \frac{2 q}{n} = q", "refuted"),
    "the forward moment": (r"\mathrm{Var}(z_i) = v \sum_{j=1}^{n} x_j^{2}", "proved"),
}
