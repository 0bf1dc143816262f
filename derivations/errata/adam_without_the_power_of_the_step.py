r"""Adam's bias correction without the power

$1 - \beta$ is right in the first step, and the first step is the one that is checked by hand. From the second step on
the average has the weight $1 - \beta^t$.
"""

source = "eriklindernoren/ML-From-Scratch, issue 35 (code)"
given = r"""
given:
  - m_1 = (1 - \beta) g
  - m_2 = \beta m_1 + (1 - \beta) g
symbols:
  \beta: scalar
  g: scalar
  m_1: scalar
  m_2: scalar
assume:
  - 0 < \beta
  - \beta < 1
"""
claimed = r"\frac{m_2}{1 - \beta} = g"
right = r"\frac{m_2}{1 - \beta^{2}} = g"
