r"""tanh as a sigmoid that is stretched once

The range is right, from $-1$ to 1. The argument has to be doubled too: the slope at 0 is 1 for tanh and only a half
for $2 \sigma(z) - 1$.
"""

source = "yanfenglee/dl_demo:README.md"
given = r"""
symbols:
  z: scalar
  sigmoid: sigmoid
"""
claimed = r"tanh(z) = \frac{e^z-e^{-z}}{e^z+e^{-z}}=2*sigmoid(z)-1"
right = r"tanh(z) = \frac{e^z-e^{-z}}{e^z+e^{-z}}=2*sigmoid(2z)-1"
