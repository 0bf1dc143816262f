r"""Dropout scaled by the part that is dropped

The text takes a half for its example, and there $\frac{1}{p}$ and $\frac{1}{1 - p}$ agree. For every other $p$ only
the part that is kept restores the mean.
"""

source = "rasbt/LLMs-from-scratch, issue 431; lmjohns3/theanets, pull request 123"
given = r"""
symbols:
  m: random(1 - p, p (1 - p))
  p: scalar
  x: scalar
assume:
  - 0 < p
  - p < 1
"""
claimed = r"\mathbb{E}[\frac{m x}{p}] = x"
right = r"\mathbb{E}[\frac{m x}{1 - p}] = x"
