r"""The slope of the output layer counted twice

The first of Nielsen's four equations starts from the derivative by the activation $a$. Written with $z$ it is the
error already, and the slope comes in a second time.
"""

source = "blog post “Backpropagation Equations” by kimmy, 2017-02-27"
given = r"""
given:
  - z^l = w^l a^{l-1} + b^l
  - a^l = \sigma(z^l)
  - C = \ell(a^L, y)
  - \delta^l = \frac{\partial C}{\partial z^l}
symbols:
  z^l: vector(n_l)
  a^l: vector(n_l)
  b^l: vector(n_l)
  w^l: matrix(n_l, n_{l-1})
  \delta^l: vector(n_l)
  y: vector(n_L)
  C: scalar
  \sigma: unknown
  \ell: unknown
"""
claimed = r"\delta_j^L = \dfrac{\partial C}{\partial z^L_j} \ \sigma'(z^L_j)"
right = r"\delta_j^L = \dfrac{\partial C}{\partial a^L_j} \ \sigma'(z^L_j)"
