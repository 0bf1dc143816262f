r"""AdamW decays apart from the gradient

The decay $\eta \lambda \theta$ is subtracted from the parameter itself. Put into the gradient it would be divided by
$\sqrt{s}$ as well, and weights with large gradients would decay less.
"""

from symbackprop.derivation.updates import update_argument
from symbackprop.optimizers import adamw

notation = "nielsen"
entries = ("optimizer adamw",)
subject = update_argument(adamw)
given = r"""
symbols: {\theta: scalar, \eta: scalar, \lambda: scalar}
"""

claims = {
    "the decay alone": (r"\theta - \eta \lambda \theta = (1 - \eta \lambda) \theta", "proved"),
    "without the learning rate": (r"\theta - \eta \lambda \theta = (1 - \lambda) \theta", "refuted"),
}
