"""Indices that only count through axes are shapes, in every library."""

from __future__ import annotations

from importlib.util import find_spec

from symbackprop.activations import tanh
from symbackprop.kernels import compile_kernels
from symbackprop.layers import AveragePool, Dense, Embedding, Flatten, MaxPool, Scale
from symbackprop.network import Network


def test_what_only_counts_through_axes_is_a_shape():
    """Flatten both ways, and pooling without overlap: no arrays of indices, and no addition at places."""
    nets = (Network((2, 4, 6), Scale(), Flatten(), Dense(3)), Network((2, 4, 6), AveragePool(2), Flatten(), Dense(3)))
    for backend in ["numpy", *(name for name in ("torch", "jax") if find_spec(name))]:
        for net in nets:
            source = compile_kernels(net, "float32", backend=backend).source
            assert source[source.index("def gradients") :].count(".reshape(") == 2
            assert not any(word in source for word in ("arange", "add", "sliding_window_view", "unfold"))


def test_the_place_of_a_maximum_is_inside():
    """No clipping and no mask where positions come from a maximum; a token may be anything."""
    pooled = compile_kernels(Network((2, 6), Scale(), MaxPool(2), Dense(3, tanh))).source
    assert "np.add.at(" in pooled and ".argmax(" in pooled
    assert not any(word in pooled for word in ("np.clip", "np.where", "_in = "))
    assert "np.clip" in compile_kernels(Network((4,), Embedding(5, 3))).source
