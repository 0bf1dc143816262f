r"""The factor two of least squares

Half of all texts put $\frac{1}{2}$ in front of the squared error so that the factor goes away. A gradient from such a
text does not fit a loss from the others.
"""

source = "x35yao/ml-from-scratch:docs/linear_regression_math.md"
given = r"""
given:
  - \hat{y} = Xw
  - L=\sum_{i=1}^N(\hat{y}_i-y_i)^2
symbols:
  X: matrix(N, d)
  w: vector(d)
  y: vector(N)
  \hat{y}: vector(N)
  L: scalar
"""
claimed = r"\nabla_wL=X^T(Xw-y)"
right = r"\nabla_wL=2X^T(Xw-y)"
