r"""The gradient of RMS norm has two terms

Without a mean one of layer norm's terms is gone: the error over the root mean square, less its part along $\hat{x}$.
A longer input is scaled down just as much, so that no error points along it (but for $\epsilon$).
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import RMSNorm

notation = "nielsen"
entries = ("layer rms_norm",)
subject = layer_step(RMSNorm(), "n")
shown = ("gamma^1", "v^1", "x^0")
given = r"""
given:
  - s = \sqrt{\frac{1}{n} \sum_{j=1}^{n} x_j^2 + \epsilon}
  - \hat{x}_i = \frac{x_i}{s}
  - y_i = \gamma_i \hat{x}_i
  - J = \ell(y)
  - g_i = \gamma_i \frac{\partial J}{\partial y_i}
symbols:
  x: vector(n)
  y: vector(n)
  \hat{x}: vector(n)
  g: vector(n)
  \gamma: vector(n)
  s: scalar
  \epsilon: scalar
  J: scalar
  \ell: unknown
"""

claims = {
    "the two terms": (
        r"\frac{\partial J}{\partial x_i} = \frac{1}{s} \left(g_i - \frac{\hat{x}_i}{n} \sum_{j=1}^{n} g_j "
        r"\hat{x}_j\right)",
        "proved",
    ),
    "by the gain": (r"\frac{\partial J}{\partial \gamma_i} = \frac{\partial J}{\partial y_i} \hat{x}_i", "proved"),
    "with the mean of layer norm": (
        r"\frac{\partial J}{\partial x_i} = \frac{1}{s} \left(g_i - \frac{1}{n} \sum_{j=1}^{n} g_j - "
        r"\frac{\hat{x}_i}{n} \sum_{j=1}^{n} g_j \hat{x}_j\right)",
        "refuted",
    ),
    "with the input where it stands scaled": (
        r"\frac{\partial J}{\partial x_i} = \frac{1}{s} \left(g_i - \frac{x_i}{n} \sum_{j=1}^{n} g_j "
        r"x_j\right)",
        "refuted",
    ),
}
