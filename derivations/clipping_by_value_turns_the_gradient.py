r"""Clipping by value turns the gradient

Each entry is held between $-c$ and $c$ by itself, so that large entries are cut and small ones are not: the direction
changes.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import clipped_sgd_by_value

notation = "nielsen"
entries = ("optimizer clipped_sgd_by_value",)
subject = update_argument(clipped_sgd_by_value)
given = r"""
symbols: {u: scalar}
"""

claims = {
    "of the opposite entry": (r"\max(-1, \min(1, -u)) = -\max(-1, \min(1, u))", "proved"),
    "as a scaling": (r"\max(-1, \min(1, 2 u)) = 2 \max(-1, \min(1, u))", "refuted"),
}
