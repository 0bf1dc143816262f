r"""Xavier's denominator without brackets

Brackets that a fraction does not need on paper are needed on one line of code. Without them every fan_out is added
instead of divided by.
"""

source = "mlverse/torch, issue 555 (code)"
given = r"""
given:
  - r = \sqrt{3} s
  - s = \sqrt{\frac{2}{n + m}}
symbols:
  r: scalar
  s: scalar
  n: scalar
  m: scalar
assume:
  - n > 0
  - m > 0
"""
claimed = r"s = \sqrt{2 / n + m}"
right = r"s = \sqrt{2 / (n + m)}"
