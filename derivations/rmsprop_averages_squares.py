r"""RMSProp averages squares and forgets

Under a constant gradient the average tends to $g^{2}$, so that a step has the length $\eta$ whatever the size of the
gradient; but it starts too small, by the factor $1 - \rho^{t}$, which Adam corrects.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import rmsprop

notation = "nielsen"
entries = ("optimizer rmsprop",)
subject = update_argument(rmsprop)
given = r"""
symbols: {\rho: scalar, g: scalar}
"""

claims = {
    "where the average stays": (r"\rho g^{2} + (1 - \rho) g^{2} = g^{2}", "proved"),
    "after two steps": (r"\rho (1 - \rho) g^{2} + (1 - \rho) g^{2} = (1 - \rho^{2}) g^{2}", "proved"),
    "as if it were right at once": (r"\rho (1 - \rho) g^{2} + (1 - \rho) g^{2} = g^{2}", "refuted"),
}
