r"""Errors of a GRU's state go past the gate and through it

The new state is a mixture of the old one and a candidate, so a part $1 - u_t$ of the error goes straight to the old
state. The rest comes through the candidate and through the gates, which see the old state too; leaving these paths
out is the common mistake.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import GRU

notation = "nielsen"
entries = ("layer gru",)
subject = layer_step(GRU("m"), "T", "n")
shown = ("a^1", "g^1", "u^1", "epsilon_u^1", "U_g^1")
given = r"""
given:
  - u_t = \sigma(a_t)
  - h_t = (1 - u_t) \odot h_{t-1} + u_t \odot g_t
  - J = \ell(h_t)
symbols:
  h_t: vector(m)
  u_t: vector(m)
  a_t: vector(m)
  g_t: vector(m)
  \sigma: sigmoid
  J: scalar
  \ell: unknown
  t: index
"""

claims = {
    "the gate": (r"\frac{\partial J}{\partial u_t} = \frac{\partial J}{\partial h_t} \odot (g_t - h_{t-1})", "proved"),
    "before the gate": (
        r"\frac{\partial J}{\partial a_t} = \frac{\partial J}{\partial h_t} \odot (g_t - h_{t-1}) \odot u_t "
        r"\odot (1 - u_t)",
        "proved",
    ),
    "the candidate": (r"\frac{\partial J}{\partial g_t} = u_t \odot \frac{\partial J}{\partial h_t}", "proved"),
    "the gate with its sign turned": (
        r"\frac{\partial J}{\partial u_t} = \frac{\partial J}{\partial h_t} \odot (h_{t-1} - g_t)",
        "refuted",
    ),
    "the slope taken at the gate": (
        r"\frac{\partial J}{\partial a_t} = \frac{\partial J}{\partial h_t} \odot (g_t - h_{t-1}) \odot "
        r"\sigma'(u_t)",
        "refuted",
    ),
    "the candidate with the other part": (
        r"\frac{\partial J}{\partial g_t} = (1 - u_t) \odot \frac{\partial J}{\partial h_t}",
        "refuted",
    ),
}
