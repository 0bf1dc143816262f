r"""The weight gradient is an outer product

The gradient of a weight matrix is the error behind it times the activation before it:
$\frac{\partial C}{\partial w^l} = \delta^l (a^{l-1})^T$.

A single weight needs one error and one activation only, those at its two ends; so all of them take no more than the
forward pass took.
"""

from symbackprop.derivation import general_step

notation = "nielsen"
subject = general_step()
shown = ("w^l",)

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial w^{l}_{jk}} = \delta^{l}_{j} a^{l-1}_{k}", "proved"),
    "as a matrix": (r"\frac{\partial C}{\partial w^{l}} = \delta^{l} (a^{l-1})^{T}", "proved"),
    "with the transpose forgotten": (r"\frac{\partial C}{\partial w^{l}} = \delta^{l} a^{l-1}", "refuted"),
    "with the activation of the wrong layer": (
        r"\frac{\partial C}{\partial w^{l}_{jk}} = \delta^{l}_{j} a^{l}_{j}",
        "refuted",
    ),
}
