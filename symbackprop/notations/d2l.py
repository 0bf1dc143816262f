"""The notation of Dive into Deep Learning: bold vectors and matrices, the layer above in round brackets, h and φ."""

from symbackprop.notations.base import FUNCTIONS, Notation, Spelling, notations
from symbackprop.quantities import Role

notations.register(
    "d2l",
    Notation(
        name="d2l",
        title="A. Zhang et al., Dive into Deep Learning (2023), chapter 5",
        transpose=r"\top",
        functions={**FUNCTIONS, "h": r"\phi"},
        spellings={
            Role.INPUT: Spelling(r"x_{{indices}}", r"\mathbf{x}^{{T}}", r"\mathbf{X}^{{T}}"),
            Role.TARGET: Spelling(r"y_{{indices}}", r"\mathbf{y}^{{T}}", r"\mathbf{Y}^{{T}}"),
            Role.WEIGHT: Spelling(r"W^{({l})}_{{indices}}", r"\mathbf{W}^{({l}){T}}"),
            Role.BIAS: Spelling(r"b^{({l})}_{{indices}}", r"\mathbf{b}^{({l}){T}}"),
            Role.PARAMETER: Spelling(r"{name}^{({l})}_{{indices}}", r"\boldsymbol{{name}}^{({l}){T}}"),
            Role.PREACTIVATION: Spelling(r"z^{({l})}_{{indices}}", r"\mathbf{z}^{({l}){T}}", r"\mathbf{Z}^{({l}){T}}"),
            Role.ACTIVATION: Spelling(r"h^{({l})}_{{indices}}", r"\mathbf{h}^{({l}){T}}", r"\mathbf{H}^{({l}){T}}"),
            Role.ERROR: Spelling(
                r"\delta^{({l})}_{{indices}}", r"\boldsymbol{\delta}^{({l}){T}}", r"\boldsymbol{\Delta}^{({l}){T}}"
            ),
            Role.LOSS: Spelling(r"J", r"J"),
        },
    ),
)
