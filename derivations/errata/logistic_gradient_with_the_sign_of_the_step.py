r"""The step where the gradient is meant

Descent subtracts the gradient, so the update adds $(y - \sigma) x$. That bracket is remembered as the gradient, whose
sign is the other one.
"""

source = "X. Wang, “Linear Classification - Logistic Regression”"
given = r"""
given:
  - L = -\left[ y_i\log(\sigma(w^Tx_i))+(1-y_i)\log(1-\sigma(w^Tx_i)) \right]
symbols:
  x_i: vector(p)
  w: vector(p)
  y_i: scalar
  L: scalar
  \sigma: sigmoid
  i: index
"""
claimed = r"\nabla_{w} L = \left(y_i-\sigma(w^Tx_i)\right)x_i"
right = r"\nabla_{w} L = \left(\sigma(w^Tx_i)-y_i\right)x_i"
