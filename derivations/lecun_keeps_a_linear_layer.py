r"""LeCun keeps the second moment of a linear layer

$\mathrm{Var}(w) = \frac{1}{n_{\mathrm{in}}}$ leaves second moments as they are where the activation is near the
identity; a relu behind it halves them.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import lecun

notation = "nielsen"
drawn = ("variance identity",)
entries = ("initializer lecun",)
subject = initializer_argument(lecun)
given = r"""
symbols: {W: 'random(0, v)', x: vector(n), v: scalar}
given: ['z_i = \sum_{j=1}^{n} W_{ij} x_j']
"""

claims = {
    "the forward moment": (r"\mathrm{Var}(z_i) = v \sum_{j=1}^{n} x_j^{2}", "proved"),
    "with the deviation in place of the variance": (r"\mathrm{Var}(z_i) = v^{2} \sum_{j=1}^{n} x_j^{2}", "refuted"),
}
