r"""A term missing from the slope of mish

The slope of mish is usually coded in several terms with powers of $e^x$, one looking like the other. The highest power
hardly counts for negative $x$, so that a test on such values passes without it.
"""

source = "explosion/thinc, pull request 578 (code)"
given = r"""
given:
  - \omega = 4 (x + 1) + 4 e^{2x} + e^{x} (4 x + 6)
  - \delta = 2 e^{x} + e^{2x} + 2
symbols:
  x: scalar
  mish: mish
"""
claimed = r"\frac{d}{dx} mish(x) = \frac{e^{x} \omega}{\delta^2}"
right = r"\frac{d}{dx} mish(x) = \frac{e^{x} (\omega + e^{3x})}{\delta^2}"
