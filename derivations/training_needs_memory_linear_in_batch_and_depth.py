r"""Training needs memory linear in batch and depth

Through $L$ dense layers of $n$ units and a batch of $N$ examples the backward pass takes twice the multiply-adds of the
forward pass and one more a unit, and the numbers it reads, two a unit, are as many as $2 L N n$: all of them are kept
from the forward pass until their turn comes.

Without training a layer's numbers can be forgotten as soon as the next layer has read them. The weights are read from
where they are; they take $L n^2$ however large the batch is.
"""

from symbackprop.activations import unknown
from symbackprop.derivation import layer_step
from symbackprop.derivation.cost import cost_argument
from symbackprop.layers import Dense
from symbackprop.quantities import as_size

notation = "nielsen"
subject = cost_argument(layer_step(Dense("n", unknown()), "n", batch="N"), as_size("L"))
given = r"""
symbols: {F: scalar, B: scalar, M: scalar, L: size, N: size, n: size}
given:
  - 'F = \sum_{l=1}^{L} \sum_{s=1}^{N} \sum_{i=1}^{n} \sum_{j=1}^{n} 1'
  - 'B = \sum_{l=1}^{L} \sum_{s=1}^{N} (\sum_{i=1}^{n} \sum_{j=1}^{n} 2 + \sum_{i=1}^{n} 1)'
  - 'M = \sum_{l=1}^{L} \sum_{s=1}^{N} (\sum_{i=1}^{n} 1 + \sum_{j=1}^{n} 1)'
"""

claims = {
    "forward, a product for each weight and example": (r"F = L N n^{2}", "proved"),
    "backward, each weight used for two gradients": (r"B = 2 L N n^{2} + L N n", "proved"),
    "numbers kept, in and out of the activation": (r"M = 2 L N n", "proved"),
    "backward as much as forward": (r"B = F", "refuted"),
    "memory without the depth": (r"M = 2 N n", "refuted"),
    "memory like the weights": (r"M = L n^{2}", "refuted"),
}
