r"""A Jacobian with the index of another formula

Two formulas of a page are merged: one counts steps with $k$, the other with $i$. Only the index tells which state the
slope is taken at.
"""

source = "post on the LSTM, section on gradients"
given = r"""
given:
  - h_t = f(W_I x_t + W_R h_{t-1})
symbols:
  h_t: vector(d)
  x_t: vector(n)
  W_I: matrix(d, n)
  W_R: matrix(d, d)
  f: unknown
  t: index
  k: index
  i: index
"""
claimed = r"\frac{\partial h_{k+1}}{\partial h_k} =  diag(f'(W_Ix_i + W_Rh_{i-1}))W_R"
right = r"\frac{\partial h_{k+1}}{\partial h_k} =  diag(f'(W_Ix_{k+1} + W_Rh_k))W_R"
