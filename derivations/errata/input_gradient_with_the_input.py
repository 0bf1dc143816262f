r"""The input where the weights are meant

The two gradients of a matrix product go side by side: by $w$ the input stays, by $x$ the weights stay. Written one
below the other they are easily written alike.
"""

source = "cs231n/cs231n.github.io, issue 229"
given = r"""
given:
  - y = x w
  - L = \ell(y)
symbols:
  x: matrix(N, D)
  w: matrix(D, M)
  y: matrix(N, M)
  L: scalar
  \ell: unknown
"""
claimed = r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}x^T"
right = r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}w^T"
