r"""Truncated errors count the steps that are left

Backpropagation through time sends the loss of every step down to the first one. Cut after $r$ steps, the recursion is
the same, but for a count: what comes from step $t + 1$ has one step less left, and with none left there is nothing.

The cost of a step no longer grows with the length, but what a state did later than that is left out: the gradient
is that of another function. For $r = 1$ only the last step counts, which is exact for the last state alone.
"""

from symbackprop.derivation import layer_step, truncated
from symbackprop.layers import Recurrent

notation = "nielsen"
subject = truncated(layer_step(Recurrent("m"), "T", "n"))
given = r"""
given:
  - z_t = W x_t + U h_{t-1} + b
  - h_t = \phi(z_t)
  - y_t = V h_t
  - J = \sum_{t=1}^{T} \ell(y_t)
symbols:
  h_t: vector(m)
  z_t: vector(m)
  x_t: vector(n)
  y_t: vector(k)
  W: matrix(m, n)
  U: matrix(m, m)
  V: matrix(k, m)
  b: vector(m)
  \phi: unknown
  J: scalar
  \ell: unknown
"""

claims = {
    "one step is all there is to the last state": (
        r"\frac{\partial J}{\partial h_T} = V^T \frac{\partial J}{\partial y_T}",
        "proved",
    ),
    "two steps are all there is to the state before": (
        r"\frac{\partial J}{\partial h_{T-1}} = V^T \frac{\partial J}{\partial y_{T-1}} + U^T \left(\phi'(z_T) \odot "
        r"V^T \frac{\partial J}{\partial y_T}\right)",
        "proved",
    ),
    "one step where two are needed": (
        r"\frac{\partial J}{\partial h_{T-1}} = V^T \frac{\partial J}{\partial y_{T-1}}",
        "refuted",
    ),
    "the weights with one step each": (
        r"\frac{\partial J}{\partial b} = \sum_{t=1}^{T} \phi'(z_t) \odot V^T \frac{\partial J}{\partial y_t}",
        "refuted",
    ),
}
