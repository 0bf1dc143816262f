r"""The factor two of a quadratic form

$\frac{1}{2} x^T A x$ is so common that $A x$ is remembered as the gradient. Without the half in front every entry of
the first part counts twice.
"""

source = "mml-book/mml-book.github.io, issue 226"
given = r"""
given:
  - f = 2 x_1^2 + 2 x_1 x_2 + 20 x_2^2 - 5 x_1 - 3 x_2
symbols:
  x_1: scalar
  x_2: scalar
  f: scalar
"""
claimed = r"\frac{\partial f}{\partial x_1} = 2 x_1 + x_2 - 5"
right = r"\frac{\partial f}{\partial x_1} = 2 (2 x_1 + x_2) - 5"
