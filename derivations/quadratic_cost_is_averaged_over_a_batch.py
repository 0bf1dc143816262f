r"""The quadratic cost is averaged over a batch

With half the squared error of $N$ samples and the mean over them, every gradient carries $\frac{1}{N}$: doubling a
batch does not double the step. Summed, it would.
"""

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.layers import Dense
from symbackprop.losses import quadratic_cost
from symbackprop.network import Network

notation = "nielsen"
entries = ("loss quadratic_cost",)
subject = derive(Network("m", Dense("n", identity), loss=quadratic_cost, batch="N"))
shown = ("a^1", "b^1")
given = r"""
symbols: {A: 'matrix(N, n)', Y: 'matrix(N, n)', C: scalar}
given: ['C = \frac{1}{2 N} \sum_{s=1}^{N} \sum_{j=1}^{n} (A_{sj} - Y_{sj})^{2}']
"""

claims = {
    "the mean": (r"\frac{\partial C}{\partial A_{sj}} = \frac{1}{N} (A_{sj} - Y_{sj})", "proved"),
    "taken for the sum": (r"\frac{\partial C}{\partial A_{sj}} = A_{sj} - Y_{sj}", "refuted"),
}
