r"""The gradient of recurrent weights sums over time

A state acts on its own output and on the next state, so its derivative is a recursion downwards in time:
$\frac{\partial J}{\partial h_t} = g_t + U^{T} \delta_{t+1}$, where $g_t$ is what comes from the output of step $t$.
At the last step there is no next one.

The weights are the same in every step; their gradient sums over the steps, the error of a step with the state before
it.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Recurrent

notation = "nielsen"
entries = ("layer recurrent",)
subject = layer_step(Recurrent("m"), "T", "n")
shown = ("a^1", "epsilon^1", "U^1", "w^1", "b^1", "x^0")
given = r"""
given:
  - z_t = W x_t + U h_{t-1} + b
  - h_t = \phi(z_t)
  - y_t = V h_t
  - J = \sum_{t=1}^{T} \ell(y_t)
  - \delta_t = \frac{\partial J}{\partial z_t}
symbols:
  h_t: vector(m)
  z_t: vector(m)
  x_t: vector(n)
  y_t: vector(k)
  \delta_t: vector(m)
  W: matrix(m, n)
  U: matrix(m, m)
  V: matrix(k, m)
  b: vector(m)
  \phi: unknown
  J: scalar
  \ell: unknown
"""

claims = {
    "down in time": (
        r"\frac{\partial J}{\partial h_t} = V^T \frac{\partial J}{\partial y_t} + U^T \delta_{t+1}",
        "proved",
    ),
    "the recurrent weights": (r"\frac{\partial J}{\partial U} = \sum_{t=1}^{T} \delta_t h_{t-1}^T", "proved"),
    "the bias": (r"\frac{\partial J}{\partial b} = \sum_{t=1}^{T} \delta_t", "proved"),
    "the recurrent weights at the state of the same step": (
        r"\frac{\partial J}{\partial U} = \sum_{t=1}^{T} \delta_t h_t^T",
        "refuted",
    ),
    "the recurrent weights as if used in the last step only": (
        r"\frac{\partial J}{\partial U} = \delta_T h_{T-1}^T",
        "refuted",
    ),
    "without what comes from the output of the step": (
        r"\frac{\partial J}{\partial h_{T-1}} = U^T \delta_{T}",
        "refuted",
    ),
    "without the transpose": (
        r"\frac{\partial J}{\partial h_{T-1}} = V^T \frac{\partial J}{\partial y_{T-1}} + U \delta_{T}",
        "refuted",
    ),
}
