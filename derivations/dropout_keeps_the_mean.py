r"""Dropout keeps the mean and adds variance

A unit is kept with probability $1 - p$ and scaled by $\frac{1}{1 - p}$: its mean is kept, and its variance grows by
$\frac{p}{1 - p} \mathbb{E}[h^{2}]$.
"""

from symbackprop.derivation.variance import dropout_argument

notation = "nielsen"
subject = dropout_argument()
given = r"""
symbols: {m: 'random(1 - p, p (1 - p))', p: scalar}
"""

claims = {
    "the mean of the scaled mask": (r"\mathbb{E}[\frac{m}{1 - p}] = 1", "proved"),
    "without the scale": (r"\mathbb{E}[m] = 1", "refuted"),
    "the variance": (r"\mathrm{Var}(\frac{m}{1 - p}) = \frac{p}{1 - p}", "proved"),
    "the variance without the scale": (r"\mathrm{Var}(\frac{m}{1 - p}) = p (1 - p)", "refuted"),
}
