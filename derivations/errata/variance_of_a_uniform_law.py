r"""The variance of a uniform law

A uniform law on an interval of length $r$ has the variance $\frac{r^2}{12}$. Turned over it is nine times too large
here, and the wrong way round in the interval's length.
"""

source = "callummcdougall/ARENA_3.0, pull request 414"
given = r"""
given:
  - v = \frac{(2 r)^2}{12}
  - r = \frac{1}{\sqrt{N}}
symbols:
  r: scalar
  N: scalar
  v: scalar
assume:
  - N > 0
"""
claimed = r"v = \frac{12}{(2\sqrt{N})^2} = \frac{3}{N}"
right = r"v = \frac{(2 / \sqrt{N})^2}{12} = \frac{1}{3 N}"
