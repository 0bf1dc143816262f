r"""A layer's own output in its weight gradient

The weights of a layer meet its input, which is the activation of the layer before. Only the shape gives the slip
away, and in a net of equal widths not even that.
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
claimed = r"dW^{[L]} = \frac{1}{m}dZ^{[L]}A^{[L]^T}"
right = r"dW^{[L]} = \frac{1}{m}dZ^{[L]}A^{[L-1]^T}"
