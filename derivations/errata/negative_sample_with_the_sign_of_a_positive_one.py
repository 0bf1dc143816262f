r"""A negative sample treated like a positive one

The term of a negative sample carries $-u_k^T v_c$. Differentiating it gives a second minus, which makes
$1 - \sigma(-x) = \sigma(x)$ out of $1 - \sigma(x)$.
"""

source = "Stevring/cs224n-2019-projects:a2/a2_writing_part.md"
given = r"""
given:
  - J = -\log \sigma(u_o^T v_c) - \sum_{k=1}^K \log \sigma(-u_k^T v_c)
symbols:
  u_o: vector(d)
  u_k: vector(d)
  v_c: vector(d)
  J: scalar
  \sigma: sigmoid
  k: index
  K: index
"""
claimed = r"\frac{\partial J}{\partial u_k}=(1-\sigma(u^T_k v_c))v_c"
right = r"\frac{\partial J}{\partial u_k}=(1-\sigma(-u^T_k v_c))v_c"
