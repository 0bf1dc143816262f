r"""Label smoothing keeps p minus y

Smoothing moves the target, $y'_{j} = (1 - \epsilon) y_{j} + \frac{\epsilon}{n}$, and leaves the gradient as it is: $a
- y'$. A logit is thus pulled back before its probability reaches 1. Here $\epsilon$ is 1/10.
"""

from sympy import Rational

from symbackprop.activations import softmax
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy, smoothed
from symbackprop.network import Network

notation = "nielsen"
subject = derive(Network("m", Dense("n", softmax), loss=smoothed(cross_entropy, Rational(1, 10))))
shown = ("a^1", "epsilon^1")

claims = {
    "the smoothed error": (r"\delta^{2}_{j} = a^{2}_{j} - \frac{9}{10} y_{j} - \frac{1}{10 n}", "proved"),
    "with the old target": (r"\delta^{2}_{j} = a^{2}_{j} - y_{j}", "refuted"),
    "without the number of classes": (r"\delta^{2}_{j} = a^{2}_{j} - \frac{9}{10} y_{j} - \frac{1}{10}", "refuted"),
}
