r"""Only the diagonal of the softmax Jacobian

Softmax is used like an elementwise activation, so its derivative is coded like that of the sigmoid. Every output
depends on every logit, and the terms off the diagonal are as large as those on it.
"""

source = "deeplearning4j/libnd4j, issue 440 (code)"
given = r"""
given:
  - p = \mathrm{softmax}(z)
  - L = \ell(p)
symbols:
  z: vector(n)
  p: vector(n)
  L: scalar
  \ell: unknown
"""
claimed = r"\frac{\partial L}{\partial z_i} = \frac{\partial L}{\partial p_i} p_i (1 - p_i)"
right = (
    r"\frac{\partial L}{\partial z_i} = p_i (\frac{\partial L}{\partial p_i} - \sum_{j=1}^{n} \frac{\partial "
    r"L}{\partial p_j} p_j)"
)
