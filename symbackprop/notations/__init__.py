"""Notations: how authors spell the quantities of a network; one table each, used to write and to read.

>>> sorted(notations)
['backward_epsilon', 'bracket', 'composition', 'd2l', 'nielsen']
"""

from symbackprop.notations import backward_epsilon, bracket, composition, d2l, nielsen  # noqa: F401 (they register)
from symbackprop.notations.base import FUNCTIONS, LAST, Notation, Spelling, notations

__all__ = ["FUNCTIONS", "LAST", "Notation", "Spelling", "notations"]
