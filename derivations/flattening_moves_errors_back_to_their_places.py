r"""Flattening moves errors back to their places

Row after row, the entry $(j, k)$ of an array with rows of $n$ comes to the place $(j - 1) n + k$ of a vector. Nothing
is computed, so the error comes back from that place, unchanged.

The sum over the rows has one term that is not an entry outside of its axis: the row in which the place lies. Readers
who flatten column after column, as Fortran and MATLAB do, get another order of the weights that follow.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import Flatten

notation = "nielsen"
entries = ("layer flatten",)
subject = layer_step(Flatten(), "T", "n")
shown = ("x^0",)
given = r"""
given:
  - 'u = w_1 x_{11} + w_2 x_{12} + w_3 x_{13} + w_4 x_{21} + w_5 x_{22} + w_6 x_{23}'
  - 'J = F(u)'
symbols: {w: vector(6), x: 'matrix(2, 3)', u: scalar, J: scalar, F: unknown}
"""

claims = {
    "the second row begins at the fourth place": (r"\frac{\partial J}{\partial x_{21}} = w_4 F'(u)", "proved"),
    "the fourth weight sees the second row": (r"\frac{\partial J}{\partial w_4} = x_{21} F'(u)", "proved"),
    "column after column": (r"\frac{\partial J}{\partial x_{21}} = w_2 F'(u)", "refuted"),
    "the fourth weight, column after column": (r"\frac{\partial J}{\partial w_4} = x_{22} F'(u)", "refuted"),
}
