r"""The steps of AdaGrad shrink

Squares are summed and never forgotten, so that under a constant gradient step $t$ has the length
$\frac{\eta}{\sqrt{t}}$.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import adagrad

notation = "nielsen"
entries = ("optimizer adagrad",)
subject = update_argument(adagrad)
given = r"""
symbols: {g: scalar}
"""

claims = {
    "the sum after two equal gradients": (r"(0 + g^{2}) + g^{2} = 2 g^{2}", "proved"),
    "taken for an average": (r"(0 + g^{2}) + g^{2} = g^{2}", "refuted"),
}
