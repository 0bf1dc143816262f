r"""The Jacobian of the softmax is diag(a) - aaᵀ

Each output is raised by its own pre-activation and lowered by every other one. The columns of the Jacobian add up to 0,
since the outputs always add up to 1. So do its rows: adding one number to all pre-activations changes nothing.

The diagonal alone, $a_{i} (1 - a_{i})$, is the slope of a sigmoid; leaving the rest out is a common mistake.
"""

from symbackprop.activations import softmax

notation = "nielsen"
subject = softmax
given = r"""
given: ['a_i = \frac{e^{z_i}}{\sum_{k=1}^{n} e^{z_k}}']
symbols: {a: vector(n), z: vector(n)}
"""

claims = {
    "entry by entry": (r"\frac{\partial a_i}{\partial z_j} = a_i (\delta_{ij} - a_j)", "proved"),
    "on the diagonal": (r"\frac{\partial a_i}{\partial z_i} = a_i (1 - a_i)", "proved"),
    "a column adds up to 0": (r"\sum_{i=1}^{n} \frac{\partial a_i}{\partial z_j} = 0", "proved"),
    "the diagonal taken for the whole": (r"\frac{\partial a_i}{\partial z_j} = a_i (1 - a_i)", "refuted"),
    "with the sign of the rest lost": (r"\frac{\partial a_i}{\partial z_j} = a_i (\delta_{ij} + a_j)", "refuted"),
}
