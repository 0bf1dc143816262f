r"""The gelu by tanh is near the gelu, not equal to it

The form with tanh was made to be fast; it differs from the gelu by less than 0.0005, and so does its slope from the
gelu's by little, but they are two functions.
"""

from symbackprop.activations import gelu_tanh

notation = "nielsen"
entries = ("activation gelu_tanh",)
subject = gelu_tanh
given = r"""
symbols: {z: scalar}
given: ['h(z) = \frac{z}{2} (1 + \tanh(\sqrt{\frac{2}{\pi}} (z + \frac{44715}{1000000} z^{3})))']
"""

claims = {
    "as a sigmoid": (r"h(z) = z \sigma(2 \sqrt{\frac{2}{\pi}} (z + \frac{44715}{1000000} z^{3}))", "proved"),
    "taken for the gelu": (r"h(z) = \frac{z}{2} (1 + \mathrm{erf}(\frac{z}{\sqrt{2}}))", "refuted"),
}
