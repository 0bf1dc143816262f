r"""The gelu is the input times the normal distribution function

$h(z) = z \Phi(z)$, so the slope is $\Phi(z) + z \varphi(z)$ with the normal density $\varphi$; it is largest at
$\sqrt{2}$.
"""

from symbackprop.activations import gelu

notation = "nielsen"
entries = ("activation gelu",)
subject = gelu
given = r"""
symbols: {z: scalar}
given: ['h(z) = \frac{z}{2} (1 + \mathrm{erf}(\frac{z}{\sqrt{2}}))']
"""

claims = {
    "in the error function": (
        r"h'(z) = \frac{1}{2} (1 + \mathrm{erf}(\frac{z}{\sqrt{2}})) + \frac{z}{\sqrt{2 \pi}} "
        r"e^{-\frac{z^{2}}{2}}",
        "proved",
    ),
    "the difference to its mirror image": (r"h(z) - h(-z) = z", "proved"),
    "with the density forgotten": (r"h'(z) = \frac{1}{2} (1 + \mathrm{erf}(\frac{z}{\sqrt{2}}))", "refuted"),
    "without the root in the error function": (r"h(z) = \frac{z}{2} (1 + \mathrm{erf}(z))", "refuted"),
}
