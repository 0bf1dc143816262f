r"""The centre word's gradient with both signs lost

The logarithm's derivative brings $\sigma(-x)$ and a sign; for the negative samples both turn over. Four signs in one
line, and two of them were lost.
"""

source = "word2vec.py of a solution of CS 224n, assignment 2 (its notes on negative sampling)"
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
claimed = r"\frac{\partial J}{\partial v_c} = \sigma(- u_o^T v_c) u_o + \sum_{k=1}^{K} \sigma(- u_k^T v_c) u_k"
right = r"\frac{\partial J}{\partial v_c} = -\sigma(- u_o^T v_c) u_o + \sum_{k=1}^{K} \sigma(u_k^T v_c) u_k"
