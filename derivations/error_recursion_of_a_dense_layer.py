r"""The error recursion of a dense layer

The error of a layer is the error of the next one, sent back through the transposed weights and damped by the slope of
the activation: $\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot h'(z^l)$.

The weights are those of the next layer, the slope is that of this one. The sum runs over the next layer's units, the
first index of $w^{l+1}$: hence the transpose.
"""

from symbackprop.derivation import general_step

notation = "nielsen"
entries = ("layer dense",)
subject = general_step()
shown = ("a^l", "epsilon^l")

claims = {
    "entry by entry": (
        r"\delta^{l}_{j} = h'(z^{l}_{j}) \sum_{k=1}^{n_{l+1}} w^{l+1}_{kj} \delta^{l+1}_{k}",
        "proved",
    ),
    "as vectors": (r"\delta^{l} = ((w^{l+1})^{T} \delta^{l+1}) \odot h'(z^{l})", "proved"),
    "with the transpose forgotten": (r"\delta^{l} = (w^{l+1} \delta^{l+1}) \odot h'(z^{l})", "refuted"),
    "with the weights of the wrong layer": (r"\delta^{l} = ((w^{l})^{T} \delta^{l+1}) \odot h'(z^{l})", "refuted"),
    "without the slope": (r"\delta^{l} = (w^{l+1})^{T} \delta^{l+1}", "refuted"),
}
