r"""Momentum is a geometric sum of gradients

Under a constant gradient the velocity tends to $\frac{g}{1 - \mu}$: with $\mu = 0.9$ a step becomes ten times as
long.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import momentum

notation = "nielsen"
entries = ("optimizer momentum",)
subject = update_argument(momentum)
given = r"""
symbols: {\mu: scalar, g: scalar}
"""

claims = {
    "where the velocity stays": (r"\mu \frac{g}{1 - \mu} + g = \frac{g}{1 - \mu}", "proved"),
    "with the weight of an average": (r"\mu \frac{g}{1 - \mu} + (1 - \mu) g = \frac{g}{1 - \mu}", "refuted"),
}
