r"""Nesterov's momentum looks one step ahead

The step is $g + \mu v$ with the new velocity $v$: the old one counts $\mu^{2}$ and the gradient $1 + \mu$.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import nesterov

notation = "nielsen"
entries = ("optimizer nesterov",)
subject = update_argument(nesterov)
given = r"""
symbols: {\mu: scalar, g: scalar, v: scalar}
"""

claims = {
    "put in": (r"g + \mu (\mu v + g) = (1 + \mu) g + \mu^{2} v", "proved"),
    "as plain momentum": (r"g + \mu (\mu v + g) = \mu v + g", "refuted"),
}
