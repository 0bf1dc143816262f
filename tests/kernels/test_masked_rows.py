"""A place that may look nowhere: 0/0 in the softmax is 0 by convention, forward and back, without a warning."""

from __future__ import annotations

import numpy as np

from symbackprop import Attention, Network
from symbackprop.kernels import compile_kernels

SEEN = np.array([[1.0, 0, 0], [0, 0, 0], [1, 1, 1]])


def attended(parameters, x, rows):
    """Attention with one softmax a row, over the places that it sees; a row that sees none is 0."""
    q, k, v = (np.einsum("ij,hjd->hid", x, parameters[f"W_{name}^1"]) for name in "QKV")
    found = np.zeros_like(x, dtype=np.result_type(q, k, v, parameters["W_O^1"]))
    for i, row in enumerate(rows):
        places = np.flatnonzero(row)
        for h in range(len(q)) if len(places) else []:
            powers = np.exp(k[h][places] @ q[h][i] / np.sqrt(q.shape[2]))
            found[i] += (powers / powers.sum()) @ v[h][places] @ parameters["W_O^1"][h]
    return found


def test_a_row_of_zeros_hands_on_nothing_and_gets_no_gradient(agrees):
    kernels = compile_kernels(Network((3, 2), Attention(2, 2, masked=True)), over_batch="mean")
    rng = np.random.default_rng(0)
    X, Y, parameters = rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 2)), kernels.init(0)

    def forward(changed, x, y, M):
        return ((attended(changed, x, M) - y) ** 2).sum() / 2

    with np.errstate(all="raise"):
        assert (kernels.forward(parameters, X, M=SEEN)[:, 1] == 0).all()
        agrees(kernels, forward, parameters, X, Y, M=SEEN)


def test_the_mask_may_hide_everything():
    kernels = compile_kernels(Network((3, 2), Attention(2, 2, masked=True)))
    X = np.random.default_rng(1).normal(size=(1, 3, 2))
    with np.errstate(all="raise"):
        _, found = kernels.gradients(kernels.init(0), X, X, M=np.zeros((3, 3)))
    assert all((gradient == 0).all() for gradient in found.values())
