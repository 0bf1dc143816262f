r"""The slope of the sigmoid kept under cross-entropy

With squared error the output error carries $\sigma'(z)$. Cross-entropy cancels just this factor, which is why it is
used; code that changes the loss and keeps the line learns slowly wherever the output is saturated.
"""

source = "hunkim/DeepLearningZeroToAll, issue 112 (code)"
given = r"""
given:
  - a = \sigma(z)
  - C = -(y \log(a) + (1 - y) \log(1 - a))
symbols:
  z: scalar
  a: scalar
  y: scalar
  C: scalar
  \sigma: sigmoid
"""
claimed = r"\frac{\partial C}{\partial z} = (a - y) \sigma'(z)"
right = r"\frac{\partial C}{\partial z} = a - y"
