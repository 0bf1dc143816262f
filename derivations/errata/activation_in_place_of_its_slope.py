r"""The activation where its slope is meant

The prime is one stroke. Here it became an index: $\sigma^l(z^l)$ is the activation itself, in a formula in which
nothing else would tell.
"""

source = "zxRobot/LeNet:Readme.md"
given = r"""
given:
  - z^l = w^l a^{l-1} + b^l
  - a^l = \sigma(z^l)
  - C = \frac{1}{2}||a^L - y||^2
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
"""
claimed = (
    r"\delta ^L=\frac{\partial C}{\partial z^L}=\frac{\partial C}{\partial a^L}\frac{\partial a^L}{\partial "
    r"z^L}=(a^L-y)\bigodot \sigma^l(z^l)"
)
right = (
    r"\delta ^L=\frac{\partial C}{\partial z^L}=\frac{\partial C}{\partial a^L}\frac{\partial a^L}{\partial "
    r"z^L}=(a^L-y)\bigodot \sigma'(z^L)"
)
