r"""χ decides whether errors grow with depth

Forward, the variance of a pre-activation follows a map of one number, which draws near a fixed point $q$. Backward,
every layer multiplies the mean square of an error by $\chi = n \, \mathrm{Var}(w) \, \mathbb{E}[h'(z)^{2}]$: with
$\chi$ above 1 gradients explode, below 1 they vanish, and only near 1 do deep networks learn (Schoenholz et al.
2017).

For the relu $\chi$ is half of $n \, \mathrm{Var}(w)$ whatever the law of $z$ is, which gives He's $\frac{2}{n}$. For
tanh it depends on the fixed point, so on the variance of the biases too.
"""

from fractions import Fraction

from symbackprop.activations import tanh
from symbackprop.derivation import propagation_argument

notation = "nielsen"
drawn = (
    "variance tanh --weight-variance 9/4 --bias-variance 1/20 --layers 15",
    "gradients tanh --weight-variance 9/4 --bias-variance 1/20",
)
subject = propagation_argument(tanh, Fraction(9, 4), Fraction(1, 20))
given = r"""
given:
  - z = \sum_{j=1}^{n} w_j x_j + b
symbols: {w: 'random(0, \sigma^2)', x: vector(n), b: 'random(0, \tau^2)', z: scalar, \sigma: scalar, \tau: scalar}
"""

claims = {
    "the variance map, the outputs being given": (
        r"\mathrm{Var}(z) = \sigma^2 \sum_{j=1}^{n} x_j^2 + \tau^2",
        "proved",
    ),
    "with the means in place of the squares": (
        r"\mathrm{Var}(z) = \sigma^2 \sum_{j=1}^{n} x_j + \tau^2",
        "refuted",
    ),
    "with standard deviations in place of variances": (
        r"\mathrm{Var}(z) = \sigma \sum_{j=1}^{n} x_j^2 + \tau",
        "refuted",
    ),
}
