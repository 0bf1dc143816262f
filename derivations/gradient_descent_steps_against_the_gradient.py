r"""Gradient descent steps against the gradient

The parameter moves by $-\eta g$. To first order $J$ falls by $\eta g^{2}$, never rises.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import sgd

notation = "nielsen"
entries = ("optimizer sgd",)
subject = update_argument(sgd)
given = r"""
symbols: {\theta: scalar, \eta: scalar, c: scalar}
"""

claims = {
    "a quadratic bowl": (r"\frac{\partial}{\partial \theta} (\frac{c}{2} \theta^{2}) = c \theta", "proved"),
    "one step shrinks the distance": (r"\theta - \eta c \theta = (1 - \eta c) \theta", "proved"),
    "with the sign of an ascent": (r"\theta - \eta c \theta = (1 + \eta c) \theta", "refuted"),
}
