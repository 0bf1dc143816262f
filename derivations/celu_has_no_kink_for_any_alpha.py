r"""The celu has no kink for any alpha

Dividing the argument by $\alpha$ as well as multiplying the exponential by it keeps the slope 1 at 0: $h'(z) =
e^{z/\alpha}$ left of 0. The elu multiplies only and has a kink for $\alpha \ne 1$. The properties are those for
$\alpha = 1$.
"""

from symbackprop.activations import celu

notation = "nielsen"
entries = ("activation celu",)
subject = celu
given = r"""
symbols: {z: scalar, \alpha: scalar}
given: ['h(z) = \alpha (e^{\frac{z}{\alpha}} - 1)']
"""

claims = {
    "left of 0": (r"h'(z) = e^{\frac{z}{\alpha}}", "proved"),
    "in terms of itself": (r"h'(z) = \frac{h(z)}{\alpha} + 1", "proved"),
    "as for the elu": (r"h'(z) = h(z) + \alpha", "refuted"),
}
