r"""Batch norm as if its mean and variance were constants

In use the statistics are constants and the derivative is $\frac{\gamma}{s}$. In training they depend on every entry
of the batch, and the two further terms are what keeps the gradient from moving them.
"""

source = "deeplearning4j/deeplearning4j, pull request 8379 (code)"
given = r"""
given:
  - \mu = \frac{1}{m} \sum_{j=1}^m x_j
  - s = \sqrt{\frac{1}{m} \sum_{j=1}^m (x_j - \mu)^2 + \epsilon}
  - \hat{x}_i = \frac{x_i - \mu}{s}
  - y_i = \gamma \hat{x}_i + \beta
  - l = f(y)
symbols:
  x: vector(m)
  y: vector(m)
  \hat{x}: vector(m)
  \mu: scalar
  s: scalar
  \gamma: scalar
  \beta: scalar
  \epsilon: scalar
  l: scalar
  f: unknown
"""
claimed = r"\frac{\partial l}{\partial x_i} = \frac{\gamma}{s} \frac{\partial l}{\partial y_i}"
right = (
    r"\frac{\partial l}{\partial x_i} = \frac{\gamma}{m s}\left(m \frac{\partial l}{\partial y_i} - "
    r"\sum_{j=1}^{m} \frac{\partial l}{\partial y_j} - \hat{x}_i \sum_{j=1}^{m} \frac{\partial l}{\partial y_j} "
    r"\hat{x}_j\right)"
)
