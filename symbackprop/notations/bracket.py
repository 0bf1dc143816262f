"""Ng's notation: the layer above in square brackets, and dW, dz for the derivatives of J."""

from symbackprop.notations.base import FUNCTIONS, Notation, Spelling, notations
from symbackprop.quantities import Role

notations.register(
    "bracket",
    Notation(
        name="bracket",
        title="A. Ng, Neural Networks and Deep Learning (2017), lectures",
        functions={**FUNCTIONS, "h": "g"},
        spellings={
            Role.INPUT: Spelling(r"a^{[{l}]}_{{indices}}", r"a^{[{l}]{T}}", r"A^{[{l}]{T}}"),
            Role.TARGET: Spelling(r"y_{{indices}}", r"y^{{T}}", r"Y^{{T}}"),
            Role.WEIGHT: Spelling(r"W^{[{l}]}_{{indices}}", r"W^{[{l}]{T}}"),
            Role.BIAS: Spelling(r"b^{[{l}]}_{{indices}}", r"b^{[{l}]{T}}"),
            Role.PARAMETER: Spelling(r"{name}^{[{l}]}_{{indices}}", r"{name}^{[{l}]{T}}"),
            Role.PREACTIVATION: Spelling(r"z^{[{l}]}_{{indices}}", r"z^{[{l}]{T}}", r"Z^{[{l}]{T}}"),
            Role.ACTIVATION: Spelling(r"a^{[{l}]}_{{indices}}", r"a^{[{l}]{T}}", r"A^{[{l}]{T}}"),
            Role.ERROR: Spelling(r"dz^{[{l}]}_{{indices}}", r"dz^{[{l}]{T}}", r"dZ^{[{l}]{T}}"),
            Role.LOSS: Spelling(r"J", r"J"),
        },
        gradients={
            Role.WEIGHT: Spelling(r"dW^{[{l}]}_{{indices}}", r"dW^{[{l}]}"),
            Role.BIAS: Spelling(r"db^{[{l}]}_{{indices}}", r"db^{[{l}]}"),
            Role.PARAMETER: Spelling(r"d{name}^{[{l}]}_{{indices}}", r"d{name}^{[{l}]}"),
            Role.ACTIVATION: Spelling(r"da^{[{l}]}_{{indices}}", r"da^{[{l}]}", r"dA^{[{l}]}"),
            Role.INPUT: Spelling(r"da^{[{l}]}_{{indices}}", r"da^{[{l}]}", r"dA^{[{l}]}"),
        },
    ),
)
