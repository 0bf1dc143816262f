r"""A weight gradient shifted by a layer

Where weights carry the number of the layer they leave, the gradient is $\delta^{(l+1)} (a^{(l)})^T$. Copied into a
text where they carry the number of the layer they enter, it belongs to the next weights.
"""

source = "article “Neural Network Backpropagation Derivation”"
given = r"""
given:
  - z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}
  - a^{(l)} = \sigma(z^{(l)})
  - C = \ell(a^{(L)}, y)
  - \delta^{(l)} = \frac{\partial C}{\partial z^{(l)}}
symbols:
  z^{(l)}: vector(n_l)
  a^{(l)}: vector(n_l)
  b^{(l)}: vector(n_l)
  W^{(l)}: matrix(n_l, n_{l-1})
  \delta^{(l)}: vector(n_l)
  y: vector(n_L)
  C: scalar
  \sigma: unknown
  \ell: unknown
"""
claimed = r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l+1)} (a^{(l)})^T"
right = r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} (a^{(l-1)})^T"
