r"""The slope of softplus from its output

With $s = \log(1 + e^x)$ the slope is $\sigma(x) = 1 - e^{-s}$. Read with $s$ in place of $x$ the sigmoid seems to be
asked for at $s$.
"""

source = "AlexeyAB/darknet, issue 6526"
given = r"""
given:
  - s = \log(1 + e^{x})
symbols:
  x: scalar
  s: scalar
"""
claimed = r"\frac{ds}{dx} = 1 - \frac{1}{1 + e^{s}}"
right = r"\frac{ds}{dx} = 1 - e^{-s}"
