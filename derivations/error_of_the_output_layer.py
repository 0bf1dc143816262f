r"""The error of the output layer

The error of the last layer is the difference to the target, damped by the slope of the activation:
$\delta^L = (a^L - y) \odot h'(z^L)$ for the cost $C = \frac{1}{2} \sum_j (a^L_j - y_j)^2$.

The sign matters: it is the output minus the target, since the step of gradient descent goes against it.
"""

from symbackprop.derivation import general_step

notation = "nielsen"
subject = general_step()
shown = ("a^L", "epsilon^L")

claims = {
    "entry by entry": (r"\delta^{L}_{j} = (a^{L}_{j} - y_{j}) h'(z^{L}_{j})", "proved"),
    "as vectors": (r"\delta^{L} = (a^{L} - y) \odot h'(z^{L})", "proved"),
    "with the sign turned": (r"\delta^{L}_{j} = (y_{j} - a^{L}_{j}) h'(z^{L}_{j})", "refuted"),
    "without the slope": (r"\delta^{L} = a^{L} - y", "refuted"),
    "with the factor 2 of the other convention": (r"\delta^{L} = 2 (a^{L} - y) \odot h'(z^{L})", "refuted"),
}
