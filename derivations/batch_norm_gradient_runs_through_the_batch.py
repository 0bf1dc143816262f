r"""The gradient of batch norm runs through the batch

Mean and variance are those of one unit over the samples, so every sample's error reaches every sample's input. The
form is that of layer norm with sums over samples; the gain of the unit stands in front, because it is the same for
all samples.

Gain and shift are shared by the samples: their gradients sum over the batch.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import BatchNorm

notation = "nielsen"
entries = ("layer batch_norm",)
subject = layer_step(BatchNorm(), "n", batch="N")
shown = ("gamma^1", "b^1", "x^0")
given = r"""
given:
  - \mu = \frac{1}{N} \sum_{k=1}^{N} x_k
  - s = \sqrt{\frac{1}{N} \sum_{k=1}^{N} (x_k - \mu)^2 + \epsilon}
  - \hat{x}_i = \frac{x_i - \mu}{s}
  - y_i = \gamma \hat{x}_i + \beta
  - J = \ell(y)
symbols:
  x: vector(N)
  y: vector(N)
  \hat{x}: vector(N)
  \mu: scalar
  s: scalar
  \gamma: scalar
  \beta: scalar
  \epsilon: scalar
  J: scalar
  \ell: unknown
"""

claims = {
    "one unit over the samples of a batch": (
        r"\frac{\partial J}{\partial x_i} = \frac{\gamma}{N s} \left(N \frac{\partial J}{\partial y_i} - "
        r"\sum_{j=1}^{N} \frac{\partial J}{\partial y_j} - \hat{x}_i \sum_{j=1}^{N} \frac{\partial J}{\partial "
        r"y_j} \hat{x}_j\right)",
        "proved",
    ),
    "by the gain": (
        r"\frac{\partial J}{\partial \gamma} = \sum_{i=1}^{N} \frac{\partial J}{\partial y_i} \hat{x}_i",
        "proved",
    ),
    "by the shift": (r"\frac{\partial J}{\partial \beta} = \sum_{i=1}^{N} \frac{\partial J}{\partial y_i}", "proved"),
    "with the statistics taken for constants": (
        r"\frac{\partial J}{\partial x_i} = \frac{\gamma}{s} \frac{\partial J}{\partial y_i}",
        "refuted",
    ),
    "with the mean over the batch where the sum is meant": (
        r"\frac{\partial J}{\partial \beta} = \frac{1}{N} \sum_{i=1}^{N} \frac{\partial J}{\partial y_i}",
        "refuted",
    ),
}
