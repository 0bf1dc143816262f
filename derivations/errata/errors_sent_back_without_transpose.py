r"""Errors sent back without the transpose

Forward the weights stand as they are, backward they stand transposed. The line is copied from the forward pass and
only the letters are changed.
"""

source = r"course notes in Chinese, section on backward propagation, row of $dA^{[l]}$"
given = r"""
given:
  - Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}
  - A^{[l]} = \sigma^{[l]}(Z^{[l]})
  - \mathcal{L} = \ell(A^{[L]}, Y)
  - J = \frac{1}{m} \mathcal{L}
  - dZ^{[l]} = \frac{\partial \mathcal{L}}{\partial Z^{[l]}}
  - dW^{[l]} = \frac{\partial J}{\partial W^{[l]}}
  - dA^{[l]} = \frac{\partial \mathcal{L}}{\partial A^{[l]}}
symbols:
  Z^{[l]}: matrix(n_l, m)
  A^{[l]}: matrix(n_l, m)
  W^{[l]}: matrix(n_l, n_{l-1})
  b^{[l]}: vector(n_l)
  dZ^{[l]}: matrix(n_l, m)
  dA^{[l]}: matrix(n_l, m)
  dW^{[l]}: matrix(n_l, n_{l-1})
  Y: matrix(n_L, m)
  \ell: unknown
  \mathcal{L}: scalar
  J: scalar
  \sigma^{[l]}: unknown
"""
claimed = r"dA^{[l]} = W^{[l+1]}dZ^{[l+1]}"
right = r"dA^{[l]} = W^{[l+1]T}dZ^{[l+1]}"
