r"""Clipping by norm keeps the direction

Every entry is multiplied by the same number, $\min(1, \frac{c}{\lVert g \rVert})$, so that a gradient longer than $c$
gets the length $c$ and its direction is kept.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import clipped_sgd

notation = "nielsen"
entries = ("optimizer clipped_sgd",)
subject = update_argument(clipped_sgd)
given = r"""
symbols: {g: vector(n), c: scalar}
"""

claims = {
    "the length after clipping": (
        r"\sum_{i=1}^{n} (\frac{c g_i}{\sqrt{\sum_{k=1}^{n} g_k^{2}}})^{2} = c^{2}",
        "proved",
    ),
    "divided by the square of the length": (
        r"\sum_{i=1}^{n} (\frac{c g_i}{\sum_{k=1}^{n} g_k^{2}})^{2} = c^{2}",
        "refuted",
    ),
}
