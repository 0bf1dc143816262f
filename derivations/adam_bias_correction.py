r"""The bias correction of Adam

Averages that start at 0 are too small in the mean by the factor $1 - \beta^{t}$; dividing by it corrects the mean
exactly, if the gradients of all steps have the same moments.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import adam

notation = "nielsen"
entries = ("optimizer adam",)
subject = update_argument(adam)
given = r"""
given: ['\hat m = \frac{m}{1 - \alpha}']
symbols: {\alpha: scalar, \beta: scalar, g: scalar, m: scalar, r: scalar, \eta: scalar, \epsilon: scalar,
  \hat m: scalar}
"""

claims = {
    "the step as Kingma and Ba write it, r being the corrected root": (
        r"\frac{\eta m}{(\epsilon + r) (1 - \alpha)} = \eta \frac{\hat m}{r + \epsilon}",
        "proved",
    ),
    "with the correction forgotten": (r"\frac{\eta m}{\epsilon + r} = \eta \frac{\hat m}{r + \epsilon}", "refuted"),
    "after one step": (r"\frac{(1 - \beta) g}{1 - \beta} = g", "proved"),
    "after two steps": (r"\frac{\beta (1 - \beta) g + (1 - \beta) g}{1 - \beta^{2}} = g", "proved"),
    "by the wrong power": (r"\frac{\beta (1 - \beta) g + (1 - \beta) g}{1 - \beta} = g", "refuted"),
}
