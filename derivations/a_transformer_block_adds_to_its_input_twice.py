r"""A transformer block adds to its input twice

Attention and a dense pair each stand on a branch, behind a norm, and what they give is added to what came in.
Backward the error goes past both branches undamped and gets two additions, one from each.

With the norm inside of the branch the way past it is free. With the norm behind the sum every error would pass the
norm's Jacobian, which is what makes deep stacks of such blocks hard to start.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import transformer_block

notation = "nielsen"
entries = ("layer transformer_block",)
subject = layer_step(transformer_block("H", "d_k", "n", "m"), "T", "n")
shown = ("a_3f2^1", "a_1^1", "x^0")
given = r"""
given:
  - u = x + f(x)
  - y = u + g(u)
  - J = \ell(y)
symbols:
  x: scalar
  u: scalar
  y: scalar
  J: scalar
  f: unknown
  g: unknown
  \ell: unknown
"""

claims = {
    "both branches": (
        r"\frac{\partial J}{\partial x} = \frac{\partial J}{\partial y} (1 + g'(u)) (1 + f'(x))",
        "proved",
    ),
    "past the first branch": (
        r"\frac{\partial J}{\partial x} = \frac{\partial J}{\partial u} + f'(x) \frac{\partial J}{\partial u}",
        "proved",
    ),
    "with the product of the branches forgotten": (
        r"\frac{\partial J}{\partial x} = \frac{\partial J}{\partial y} (1 + g'(u) + f'(x))",
        "refuted",
    ),
    "with the slope of the second branch at the input": (
        r"\frac{\partial J}{\partial x} = \frac{\partial J}{\partial y} (1 + g'(x)) (1 + f'(x))",
        "refuted",
    ),
}
