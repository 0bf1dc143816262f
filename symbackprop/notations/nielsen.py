"""Nielsen's notation: the input is layer 1, weights carry their layer above and two indices below; δ errors, C cost."""

from symbackprop.notations.base import Notation, Spelling, notations
from symbackprop.quantities import Role

notations.register(
    "nielsen",
    Notation(
        name="nielsen",
        title="M. Nielsen, Neural Networks and Deep Learning (2015), chapter 2",
        first=1,
        indices=("j", "k", "i", "m", "p", "q", "r"),
        spellings={
            Role.INPUT: Spelling(r"a^{{l}}_{{indices}}", r"a^{{l}}"),
            Role.TARGET: Spelling(r"y_{{indices}}", r"y^{{T}}"),
            Role.WEIGHT: Spelling(r"w^{{l}}_{{indices}}", r"w^{{l}}"),
            Role.BIAS: Spelling(r"b^{{l}}_{{indices}}", r"b^{{l}}"),
            Role.PARAMETER: Spelling(r"{name}^{{l}}_{{indices}}", r"{name}^{{l}}"),
            Role.PREACTIVATION: Spelling(r"z^{{l}}_{{indices}}", r"z^{{l}}"),
            Role.ACTIVATION: Spelling(r"a^{{l}}_{{indices}}", r"a^{{l}}"),
            Role.ERROR: Spelling(r"\delta^{{l}}_{{indices}}", r"\delta^{{l}}"),
            Role.LOSS: Spelling(r"C", r"C"),
        },
    ),
)
