r"""The gradient of layer norm has three terms

An entry acts directly, through the mean and through the variance. The direct term is the error over the standard
deviation; the other two take away its mean and its part along $\hat{x}$, since neither a shift nor a stretch of the
input changes the output (but for $\epsilon$).

The term through the mean in the variance is zero: deviations from a mean sum to zero. That is why three terms remain
of four paths.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import LayerNorm

notation = "nielsen"
entries = ("layer layer_norm",)
subject = layer_step(LayerNorm(), "n")
shown = ("gamma^1", "b^1", "v^1", "mu^1", "x^0")
given = r"""
given:
  - \mu = \frac{1}{n} \sum_{j=1}^{n} x_j
  - v = \frac{1}{n} \sum_{j=1}^{n} (x_j - \mu)^2
  - s = \sqrt{v + \epsilon}
  - \hat{x}_i = \frac{x_i - \mu}{s}
  - y_i = \gamma_i \hat{x}_i + \beta_i
  - J = \ell(y)
  - g_i = \gamma_i \frac{\partial J}{\partial y_i}
symbols:
  x: vector(n)
  y: vector(n)
  \hat{x}: vector(n)
  g: vector(n)
  \gamma: vector(n)
  \beta: vector(n)
  \mu: scalar
  v: scalar
  s: scalar
  \epsilon: scalar
  J: scalar
  \ell: unknown
"""

claims = {
    "the three terms": (
        r"\frac{\partial J}{\partial x_i} = \frac{1}{s} \left(g_i - \frac{1}{n} \sum_{j=1}^{n} g_j - "
        r"\frac{\hat{x}_i}{n} \sum_{j=1}^{n} g_j \hat{x}_j\right)",
        "proved",
    ),
    "by the gain": (r"\frac{\partial J}{\partial \gamma_i} = \frac{\partial J}{\partial y_i} \hat{x}_i", "proved"),
    "with mean and variance taken for constants": (r"\frac{\partial J}{\partial x_i} = \frac{g_i}{s}", "refuted"),
    "without the path through the variance": (
        r"\frac{\partial J}{\partial x_i} = \frac{1}{s} \left(g_i - \frac{1}{n} \sum_{j=1}^{n} g_j\right)",
        "refuted",
    ),
    "with the gain in front, where it differs by unit": (
        r"\frac{\partial J}{\partial x_i} = \frac{\gamma_i}{s} \left(\frac{\partial J}{\partial y_i} - "
        r"\frac{1}{n} \sum_{j=1}^{n} \frac{\partial J}{\partial y_j} - \frac{\hat{x}_i}{n} \sum_{j=1}^{n} "
        r"\frac{\partial J}{\partial y_j} \hat{x}_j\right)",
        "refuted",
    ),
}
