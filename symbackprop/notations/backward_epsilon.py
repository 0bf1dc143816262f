"""Layers counted backwards from the output, which is layer 0; a weight carries both its layers, errors are ε."""

from symbackprop.notations.base import Notation, Spelling, notations
from symbackprop.quantities import Role

notations.register(
    "backward_epsilon",
    Notation(
        name="backward_epsilon",
        title="layers counted from the output: w^{10} leads from layer 1 to the output, layer 0",
        from_output=True,
        spellings={
            Role.INPUT: Spelling(r"a^{{l}}_{{indices}}", r"a^{{l}}"),
            Role.TARGET: Spelling(r"y_{{indices}}", r"y^{{T}}"),
            Role.WEIGHT: Spelling(r"w^{{l_in,l_out}}_{{indices}}", r"w^{{l_in,l_out}}"),
            Role.BIAS: Spelling(r"b^{{l}}_{{indices}}", r"b^{{l}}"),
            Role.PARAMETER: Spelling(r"{name}^{{l}}_{{indices}}", r"{name}^{{l}}"),
            Role.PREACTIVATION: Spelling(r"z^{{l}}_{{indices}}", r"z^{{l}}"),
            Role.ACTIVATION: Spelling(r"a^{{l}}_{{indices}}", r"a^{{l}}"),
            Role.ERROR: Spelling(r"\varepsilon^{{l}}_{{indices}}", r"\varepsilon^{{l}}"),
            Role.LOSS: Spelling(r"J", r"J"),
        },
    ),
)
