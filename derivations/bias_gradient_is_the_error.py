r"""The bias gradient is the error

A bias enters its pre-activation with the factor 1, so its gradient is the error itself:
$\frac{\partial C}{\partial b^l} = \delta^l$.

It is the gradient of a weight whose input is always 1.
"""

from symbackprop.derivation import general_step

notation = "nielsen"
subject = general_step()
shown = ("b^l",)

claims = {
    "entry by entry": (r"\frac{\partial C}{\partial b^{l}_{j}} = \delta^{l}_{j}", "proved"),
    "as vectors": (r"\frac{\partial C}{\partial b^{l}} = \delta^{l}", "proved"),
    "as if it had an input": (r"\frac{\partial C}{\partial b^{l}_{j}} = \delta^{l}_{j} a^{l}_{j}", "refuted"),
}
