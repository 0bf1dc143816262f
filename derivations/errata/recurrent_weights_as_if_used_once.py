r"""Recurrent weights as if they were used once

$h_{t-1}$ depends on the same weights. Only in the sum over all steps, with the derivative of $L$ by each state, may
the direct term stand alone.
"""

source = "d2l-ai/d2l-en, issue 2616"
given = r"""
given:
  - h_t = w x_t + u h_{t-1}
symbols:
  h_t: scalar
  x_t: scalar
  w: scalar
  u: scalar
  t: index
"""
claimed = r"\frac{\partial h_t}{\partial u} = h_{t-1}"
right = r"\frac{\partial h_t}{\partial u} = h_{t-1} + u \frac{\partial h_{t-1}}{\partial u}"
