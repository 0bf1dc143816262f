r"""The input gradient of a convolution is a full convolution

Forward the kernel slides over the input with its indices running along, a correlation. Backward an entry of the input
collects the errors of all places that saw it, with the kernel running against them: a convolution, the correlation
with the flipped kernel, over all places where the two overlap at all.

The weights are the same at every place, so their gradient sums over the places: the correlation of the input with the
error.
"""

from symbackprop.activations import tanh
from symbackprop.derivation import layer_step
from symbackprop.layers import Conv1d

notation = "nielsen"
entries = ("layer conv1d",)
subject = layer_step(Conv1d("M", "K", tanh), "C", "H")
shown = ("w^1", "b^1", "x^0")
given = r"""
given:
  - y_1 = w_1 x_1 + w_2 x_2 + b
  - y_2 = w_1 x_2 + w_2 x_3 + b
  - J = \ell(y_1, y_2)
  - \delta_1 = \frac{\partial J}{\partial y_1}
  - \delta_2 = \frac{\partial J}{\partial y_2}
symbols:
  x_1: scalar
  x_2: scalar
  x_3: scalar
  w_1: scalar
  w_2: scalar
  y_1: scalar
  y_2: scalar
  \delta_1: scalar
  \delta_2: scalar
  b: scalar
  J: scalar
  \ell: unknown
"""

claims = {
    "two weights on three entries, by the kernel": (
        r"\frac{\partial J}{\partial w_2} = \delta_1 x_2 + \delta_2 x_3",
        "proved",
    ),
    "by the entry that both places see": (r"\frac{\partial J}{\partial x_2} = w_2 \delta_1 + w_1 \delta_2", "proved"),
    "by an entry at the end": (r"\frac{\partial J}{\partial x_1} = w_1 \delta_1", "proved"),
    "by the bias": (r"\frac{\partial J}{\partial b} = \delta_1 + \delta_2", "proved"),
    "with the kernel not flipped": (r"\frac{\partial J}{\partial x_2} = w_1 \delta_1 + w_2 \delta_2", "refuted"),
    "with the mean over the places": (
        r"\frac{\partial J}{\partial w_2} = \frac{1}{2} (\delta_1 x_2 + \delta_2 x_3)",
        "refuted",
    ),
}
