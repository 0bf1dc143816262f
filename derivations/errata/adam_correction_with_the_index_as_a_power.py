r"""An index of Adam read as a power

$\beta_2$ is the second of two rates, $\beta^2$ is a square, and $\beta_2^t$ has an index and a power. One slot of
three was filled.
"""

source = "ufal/npfl114, pull request 79"
given = r"""
given:
  - v_1 = (1 - \beta) g^2
  - v_2 = \beta v_1 + (1 - \beta) g^2
  - v_3 = \beta v_2 + (1 - \beta) g^2
symbols:
  \beta: scalar
  g: scalar
  v_1: scalar
  v_2: scalar
  v_3: scalar
assume:
  - 0 < \beta
  - \beta < 1
"""
claimed = r"\frac{v_3}{1 - \beta^{2}} = g^2"
right = r"\frac{v_3}{1 - \beta^{3}} = g^2"
