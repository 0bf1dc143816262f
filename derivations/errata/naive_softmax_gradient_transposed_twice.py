r"""Word vectors: a transpose too many, twice

With words in the columns of $U$ the scores are $U^T v_c$, and the way back is through $U$. Keeping the transpose of
the forward pass forces a second one to make the shapes look right, and they still do not fit.
"""

source = "Stevring/cs224n-2019-projects:a2/a2_writing_part.md"
given = r"""
given:
  - \theta = U^T v_c
  - \hat{y} = \mathrm{softmax}(\theta)
  - J = -\sum_w y_w \log \hat{y}_w
symbols:
  U: matrix(d, V)
  v_c: vector(d)
  \theta: vector(V)
  \hat{y}: vector(V)
  y: vector(V)
  J: scalar
assume:
  - \sum_w y_w = 1
"""
claimed = r"\frac{\partial J}{\partial v_c} = U^T(\hat{y} - y)^T"
right = r"\frac{\partial J}{\partial v_c} = U(\hat{y} - y)"
