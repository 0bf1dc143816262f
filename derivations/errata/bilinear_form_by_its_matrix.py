r"""A dot product where an outer product is meant

The derivative of $a^T X b$ by a matrix is a matrix. Deleting $X$ from the formula leaves $a^T b$, for which $a$ and
$b$ need not even have the same length.
"""

source = "notes with the heading “Useful Identities of Computing Gradients”"
given = r"""
symbols:
  a: vector(m)
  b: vector(n)
  X: matrix(m, n)
"""
claimed = r"\frac{\partial a^TXb}{\partial X} = a^Tb"
right = r"\frac{\partial a^TXb}{\partial X} = ab^T"
