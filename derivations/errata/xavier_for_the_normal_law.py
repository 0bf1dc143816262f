r"""The three of the uniform law in Xavier's normal law

Xavier asks for the variance $\frac{2}{n + m}$. The 6 of the uniform bound comes from the variance $\frac{r^2}{3}$ of
a uniform law; a normal law has no such 3.
"""

source = "tflearn/tflearn, issue 870"
given = r"""
given:
  - r = \sqrt{\frac{6}{n + m}}
  - s = \frac{r}{\sqrt{3}}
symbols:
  r: scalar
  s: scalar
  n: scalar
  m: scalar
assume:
  - n > 0
  - m > 0
"""
claimed = r"s = \sqrt{\frac{3}{n + m}}"
right = r"s = \sqrt{\frac{2}{n + m}}"
