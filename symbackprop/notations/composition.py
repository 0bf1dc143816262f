"""A network as a composition h_l = f(z_l): the layer stands below, before the indices of an entry."""

from symbackprop.notations.base import FUNCTIONS, Notation, Spelling, notations
from symbackprop.quantities import Role

notations.register(
    "composition",
    Notation(
        name="composition",
        title="layers as composed functions, the layer in the subscript: h_{l} = f(W_{l} h_{l-1} + b_{l})",
        transpose=r"\top",
        functions={**FUNCTIONS, "h": "f"},
        spellings={
            Role.INPUT: Spelling(r"h_{{l},{indices}}", r"h_{{l}}^{{T}}", r"H_{{l}}^{{T}}"),
            Role.TARGET: Spelling(r"y_{{indices}}", r"y^{{T}}", r"Y^{{T}}"),
            Role.WEIGHT: Spelling(r"W_{{l},{indices}}", r"W_{{l}}^{{T}}"),
            Role.BIAS: Spelling(r"b_{{l},{indices}}", r"b_{{l}}^{{T}}"),
            Role.PARAMETER: Spelling(r"{name}_{{l},{indices}}", r"{name}_{{l}}^{{T}}"),
            Role.PREACTIVATION: Spelling(r"z_{{l},{indices}}", r"z_{{l}}^{{T}}", r"Z_{{l}}^{{T}}"),
            Role.ACTIVATION: Spelling(r"h_{{l},{indices}}", r"h_{{l}}^{{T}}", r"H_{{l}}^{{T}}"),
            Role.ERROR: Spelling(r"\epsilon_{{l},{indices}}", r"\epsilon_{{l}}^{{T}}", r"E_{{l}}^{{T}}"),
            Role.LOSS: Spelling(r"\ell", r"\ell"),
        },
    ),
)
