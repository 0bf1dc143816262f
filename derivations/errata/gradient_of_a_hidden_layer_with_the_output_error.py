r"""The output layer's error in every layer's gradient

The gradient is derived for the output layer and then announced for any layer: the left side is changed from $L$ to
$l$, the right side is not.
"""

source = "zxRobot/LeNet:Readme.md"
given = r"""
given:
  - z^l = W^l a^{l-1} + b^l
  - a^l = \sigma(z^l)
  - C = \frac{1}{2}||a^L - y||^2
  - \delta^l = \frac{\partial C}{\partial z^l}
symbols:
  z^l: vector(n_l)
  a^l: vector(n_l)
  b^l: vector(n_l)
  W^l: matrix(n_l, n_{l-1})
  \delta^l: vector(n_l)
  y: vector(n_L)
  C: scalar
  \sigma: unknown
"""
claimed = (
    r"\frac{\partial C}{\partial W^l}=\frac{\partial C}{\partial z^l}\frac{\partial z^l}{\partial "
    r"W^l}=\delta^L(a^{L-1})^T"
)
right = (
    r"\frac{\partial C}{\partial W^l}=\frac{\partial C}{\partial z^l}\frac{\partial z^l}{\partial "
    r"W^l}=\delta^l(a^{l-1})^T"
)
