r"""He backward needs the other fan

The slope of a relu is 0 or 1, each for half of a symmetric law, so that half of the second moment of an error is lost
too: $\mathrm{Var}(w) = \frac{2}{n_{\mathrm{out}}}$.
"""

from symbackprop.derivation.variance import initializer_argument
from symbackprop.initializers import he_backward

notation = "nielsen"
entries = ("initializer he_backward",)
subject = initializer_argument(he_backward)
given = r"""
symbols: {q: scalar, r: scalar, s: scalar, n: scalar, m: scalar, v: scalar, \lambda: scalar}
"""

claims = {
    "the condition": (r"\frac{m}{2} \cdot \frac{2 q}{m} = q", "proved"),
    "with the fan of the way forward": (r"\frac{m}{2} \cdot \frac{2 q}{n} = q", "refuted"),
}
