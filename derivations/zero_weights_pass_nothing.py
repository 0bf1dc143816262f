r"""Zero weights pass nothing on

Biases may begin at 0. Weights may not: no signal goes forward and no error goes back.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import zeros

notation = "nielsen"
entries = ("initializer zeros",)
subject = initializer_argument(zeros)
given = r"""
symbols: {W: 'random(0, v)', x: vector(n), v: scalar}
given: ['z_i = \sum_{j=1}^{n} W_{ij} x_j']
"""

claims = {
    "the forward moment": (r"\mathrm{Var}(z_i) = v \sum_{j=1}^{n} x_j^{2}", "proved"),
    "as if a signal were left": (r"\mathrm{Var}(z_i) = \sum_{j=1}^{n} x_j^{2}", "refuted"),
}
