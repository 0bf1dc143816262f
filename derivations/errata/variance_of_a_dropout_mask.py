r"""The variance of a mask that is not scaled

A mask of zeros and ones has the variance $p (1 - p)$; divided by $1 - p$ it has $\frac{p}{1 - p}$. The two masks are
called by one letter.
"""

source = "j-min/Dropouts, issue 5"
given = r"""
symbols:
  \epsilon: random(1 - p, p (1 - p))
  p: scalar
assume:
  - 0 < p
  - p < 1
"""
claimed = r"\mathrm{Var}(\epsilon) = \frac{p}{1 - p}"
right = r"\mathrm{Var}(\epsilon) = p (1 - p)"
