r"""Batch norm's way back without its gain

The gain multiplies what is handed on, so it multiplies what comes back. A test that starts with $\gamma = 1$, as
training does, cannot see that it is missing.
"""

source = "denizyuret/Knet.jl, issue 288 (code)"
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
claimed = (
    r"\frac{\partial l}{\partial x_i} = \frac{1}{m s}\left(m \frac{\partial l}{\partial y_i} - \sum_{j=1}^{m} "
    r"\frac{\partial l}{\partial y_j} - \hat{x}_i \sum_{j=1}^{m} \frac{\partial l}{\partial y_j} "
    r"\hat{x}_j\right)"
)
right = (
    r"\frac{\partial l}{\partial x_i} = \frac{\gamma}{m s}\left(m \frac{\partial l}{\partial y_i} - "
    r"\sum_{j=1}^{m} \frac{\partial l}{\partial y_j} - \hat{x}_i \sum_{j=1}^{m} \frac{\partial l}{\partial y_j} "
    r"\hat{x}_j\right)"
)
