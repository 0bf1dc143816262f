r"""Scores scaled by the width of the model

The scores are divided by $\sqrt{d_k}$, the width of one head, since a dot product adds as many terms. Divided by the
width of all heads together their variance falls with the number of heads.
"""

source = "lucidrains/vit-pytorch, issue 65 (code)"
given = r"""
given:
  - s = \sum_{i=1}^{d_k} q_i k_i
symbols:
  q: random(0, 1)
  k: random(0, 1)
  s: scalar
  h: scalar
assume:
  - h > 0
"""
claimed = r"\mathrm{Var}(\frac{s}{\sqrt{h d_k}}) = 1"
right = r"\mathrm{Var}(\frac{s}{\sqrt{d_k}}) = 1"
