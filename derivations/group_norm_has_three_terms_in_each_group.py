r"""Group norm has three terms in each group

The channels are cut into $G$ groups of $M$; mean and variance are those of a group, over its channels and all places.
So the derivative is that of layer norm with sums over the group alone: an error in one group says nothing to another.

Gain and shift belong to a channel, not to a group, and stand inside of the sums: $g$ below is the error times the gain
of its own channel. One group is layer norm over the whole example, a group for every channel is instance norm.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import layers

notation = "nielsen"
entries = ("layer group_norm",)
subject = layer_step(layers["group_norm"].layer, *layers["group_norm"].shape)
shown = ("gamma^1", "b^1", "xhat^1", "v^1", "mu^1", "u^1", "x^0")
given = r"""
given:
  - \mu_a = \frac{1}{M} \sum_{k=1}^{M} x_{ak}
  - v_a = \frac{1}{M} \sum_{k=1}^{M} (x_{ak} - \mu_a)^2
  - s_a = \sqrt{v_a + \epsilon}
  - \hat{x}_{ak} = \frac{x_{ak} - \mu_a}{s_a}
  - y_{ak} = \gamma_{ak} \hat{x}_{ak} + \beta_{ak}
  - J = \ell(y)
  - g_{ak} = \gamma_{ak} \frac{\partial J}{\partial y_{ak}}
symbols:
  x: matrix(G, M)
  y: matrix(G, M)
  \hat{x}: matrix(G, M)
  g: matrix(G, M)
  \gamma: matrix(G, M)
  \beta: matrix(G, M)
  \mu: vector(G)
  v: vector(G)
  s: vector(G)
  \epsilon: scalar
  J: scalar
  \ell: unknown
"""

claims = {
    "the three terms, over the group": (
        r"\frac{\partial J}{\partial x_{ak}} = \frac{1}{s_a} \left(g_{ak} - \frac{1}{M} \sum_{j=1}^{M} g_{aj} - "
        r"\frac{\hat{x}_{ak}}{M} \sum_{j=1}^{M} g_{aj} \hat{x}_{aj}\right)",
        "proved",
    ),
    "by the gain of a channel": (
        r"\frac{\partial J}{\partial \gamma_{ak}} = \frac{\partial J}{\partial y_{ak}} \hat{x}_{ak}",
        "proved",
    ),
    "with the mean over all groups, as in layer norm": (
        r"\frac{\partial J}{\partial x_{ak}} = \frac{1}{s_a} \left(g_{ak} - \frac{1}{G M} \sum_{b=1}^{G} "
        r"\sum_{j=1}^{M} g_{bj} - \frac{\hat{x}_{ak}}{M} \sum_{j=1}^{M} g_{aj} \hat{x}_{aj}\right)",
        "refuted",
    ),
    "divided by the number of groups": (
        r"\frac{\partial J}{\partial x_{ak}} = \frac{1}{s_a} \left(g_{ak} - \frac{1}{G} \sum_{j=1}^{M} g_{aj} - "
        r"\frac{\hat{x}_{ak}}{G} \sum_{j=1}^{M} g_{aj} \hat{x}_{aj}\right)",
        "refuted",
    ),
}
