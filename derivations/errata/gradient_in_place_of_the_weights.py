r"""The gradient of the weights where the weights are meant

Errors travel back through the weights themselves. In a block of formulas that all begin with $d$ one $d$ too many is
easily written. The second slip is the slope, which belongs to the layer below.
"""

source = "README “NumpyNet: Neural Network from Scratch”"
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
claimed = r"dZ^{[L - 1]} = dW^{[L]^T}dZ^{[L]}\sigma^{\prime{[L]}}(Z^{[L-1]})"
right = r"dZ^{[L - 1]} = W^{[L]^T}dZ^{[L]} \odot \sigma^{\prime{[L-1]}}(Z^{[L-1]})"
