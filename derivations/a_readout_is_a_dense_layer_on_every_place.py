r"""A readout is a dense layer on every place at once

An image or a sequence is read by one weight for every entry and every output. Nothing is new but the number of
indices: the error of an output meets each entry of the input,
$\frac{\partial J}{\partial w_{itj}} = \delta_{i} x_{tj}$.

The derivative by an entry sums over the outputs, not over the places: every place has weights of its own.
"""

from symbackprop.activations import unknown
from symbackprop.derivation import layer_step
from symbackprop.layers import Readout

notation = "nielsen"
entries = ("layer readout",)
subject = layer_step(Readout("m", unknown()), "T", "n")
shown = ("w^1", "b^1", "x^0")
given = r"""
given:
  - z_i = \sum_{t=1}^{T} \sum_{j=1}^{n} W_{itj} X_{tj} + b_i
  - J = \ell(z)
  - \delta_i = \frac{\partial J}{\partial z_i}
symbols:
  X: matrix(T, n)
  W: tensor(m, T, n)
  b: vector(m)
  z: vector(m)
  \delta: vector(m)
  J: scalar
  \ell: unknown
"""

claims = {
    "by a weight": (r"\frac{\partial J}{\partial W_{itj}} = \delta_i X_{tj}", "proved"),
    "by the input": (r"\frac{\partial J}{\partial X_{tj}} = \sum_{i=1}^{m} W_{itj} \delta_i", "proved"),
    "as if all places shared their weights": (
        r"\frac{\partial J}{\partial W_{itj}} = \delta_i \sum_{s=1}^{T} X_{sj}",
        "refuted",
    ),
}
