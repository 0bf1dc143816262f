r"""A minus for a product in the slope of the sigmoid

The slope is a product of two factors that look alike, $\sigma$ and $1 - \sigma$. Written from memory the product sign
turns into the minus sign that stands next to it.
"""

source = "sausheong/gonn, issue 8"
given = r"""
symbols:
  x: scalar
  \sigma: sigmoid
"""
claimed = r"\frac{d}{dx}\sigma(x) = \sigma(x) - (1-\sigma(x))"
right = r"\frac{d}{dx}\sigma(x) = \sigma(x)(1-\sigma(x))"
