r"""The slope of tanh from the pre-activation

In terms of its output the slope is $1 - Z^2$. Whoever expects a derivative to be taken at the argument undoes the
tanh first, and gets a slope that is even negative beyond 1.
"""

source = "lazyprogrammer/facial-expression-recognition, issue 2"
given = r"""
given:
  - Z = \tanh(x)
symbols:
  x: scalar
  Z: scalar
"""
claimed = r"\frac{dZ}{dx} = 1 - x^2"
right = r"\frac{dZ}{dx} = 1 - Z^2"
