r"""Errors of an LSTM's cell are multiplied by the forget gate

From step to step the cell is multiplied by the forget gate and nothing else, so its error is too:
$\frac{\partial J}{\partial c_t}$ is what the output of step $t$ sends, plus
$f_{t+1} \odot \frac{\partial J}{\partial c_{t+1}}$. No weights and no slope stand between two steps; a gate near 1
keeps an error alive over many of them.

The gates themselves see the state before, so $\frac{\partial J}{\partial h_{t-1}}$ collects from all four.
"""

from symbackprop.derivation import layer_step
from symbackprop.layers import LSTM

notation = "nielsen"
entries = ("layer lstm",)
subject = layer_step(LSTM("m"), "T", "n")
shown = ("a^1", "c^1", "f^1", "epsilon_f^1", "U_f^1")
given = r"""
given:
  - c_t = f_t \odot c_{t-1} + i_t \odot g_t
  - h_t = o_t \odot \tanh(c_t)
  - J = \ell(h_t)
symbols:
  c_t: vector(m)
  h_t: vector(m)
  f_t: vector(m)
  i_t: vector(m)
  g_t: vector(m)
  o_t: vector(m)
  J: scalar
  \ell: unknown
  t: index
"""

claims = {
    "the cell from the output": (
        r"\frac{\partial J}{\partial c_t} = \frac{\partial J}{\partial h_t} \odot o_t \odot (1 - \tanh^2(c_t))",
        "proved",
    ),
    "the forget gate": (r"\frac{\partial J}{\partial f_t} = \frac{\partial J}{\partial c_t} \odot c_{t-1}", "proved"),
    "the input gate": (r"\frac{\partial J}{\partial i_t} = \frac{\partial J}{\partial c_t} \odot g_t", "proved"),
    "the output gate": (
        r"\frac{\partial J}{\partial o_t} = \frac{\partial J}{\partial h_t} \odot \tanh(c_t)",
        "proved",
    ),
    "the cell before": (r"\frac{\partial J}{\partial c_{t-1}} = f_t \odot \frac{\partial J}{\partial c_t}", "proved"),
    "the forget gate at the new cell": (
        r"\frac{\partial J}{\partial f_t} = \frac{\partial J}{\partial c_t} \odot c_t",
        "refuted",
    ),
    "the cell with a square lost": (
        r"\frac{\partial J}{\partial c_t} = \frac{\partial J}{\partial h_t} \odot o_t \odot (1 - \tanh(c_t))",
        "refuted",
    ),
    "the cell before, through the input gate": (
        r"\frac{\partial J}{\partial c_{t-1}} = i_t \odot \frac{\partial J}{\partial c_t}",
        "refuted",
    ),
}
