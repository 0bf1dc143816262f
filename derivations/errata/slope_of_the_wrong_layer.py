r"""The slope of the hidden layer, taken at the output

The error of the hidden layer is damped by the slope at the hidden layer's own pre-activation. Both pre-activations
are at hand when the line is written, and $z_2$ is the one that was used last.
"""

source = "dennybritz/nn-from-scratch, pull request 3"
given = r"""
given:
  - z_1 = x W_1 + b_1
  - a_1 = \tanh(z_1)
  - z_2 = a_1 W_2 + b_2
  - L = \ell(z_2)
  - \delta_3 = \frac{\partial L}{\partial z_2}
  - \delta_2 = \frac{\partial L}{\partial z_1}
symbols:
  x: matrix(1, n)
  z_1: matrix(1, m)
  a_1: matrix(1, m)
  z_2: matrix(1, k)
  b_1: matrix(1, m)
  b_2: matrix(1, k)
  W_1: matrix(n, m)
  W_2: matrix(m, k)
  \delta_3: matrix(1, k)
  \delta_2: matrix(1, m)
  L: scalar
  \ell: unknown
"""
claimed = r"\delta_2 = (1 - \tanh^2 z_2) \circ \delta_3W_2^T"
right = r"\delta_2 = (1 - \tanh^2 z_1) \circ \delta_3W_2^T"
