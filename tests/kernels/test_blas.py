"""Products that are taken off what is there, and products on one thread, beside NumPy."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest

from symbackprop.kernels import blas

FOUND = blas.product("float64") is not None
needs_blas = pytest.mark.skipif(not FOUND, reason="the BLAS of this NumPy has no product that is found by name")
LAYOUTS = {
    "rows": lambda a: a,
    "columns": lambda a: np.asfortranarray(a),
    "part of rows": lambda a: np.hstack([a, a])[:, : a.shape[1]],
    "part of columns": lambda a: np.asfortranarray(np.vstack([a, a]))[: a.shape[0]],
}


@needs_blas
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("one", LAYOUTS)
@pytest.mark.parametrize("other", LAYOUTS)
def test_a_product_taken_off(one, other, dtype):
    rng = np.random.default_rng(0)
    left = LAYOUTS[one](rng.integers(-9, 9, (5, 4)).astype(dtype))
    right = LAYOUTS[other](rng.integers(-9, 9, (4, 3)).astype(dtype))
    for out in (np.ones((5, 3), dtype), np.ones((5, 7), dtype)[:, 2:5]):
        call = blas.subtraction(left, right, out)
        assert call is not None
        call()
        call()
        np.testing.assert_array_equal(out, 1 - 2 * (left @ right))


@needs_blas
def test_what_a_blas_cannot_do_is_left_to_numpy():
    left, right, out = np.ones((4, 4)), np.ones((4, 4)), np.zeros((4, 4))
    assert blas.subtraction(left, right, out) is not None
    assert blas.subtraction(left[::2], right, out[:2]) is not None
    assert blas.subtraction(left[:, ::2], right[:2], out) is None
    assert blas.subtraction(left.astype("float32"), right, out) is None
    assert blas.subtraction(left, right, np.asfortranarray(out)) is None
    assert blas.subtraction(left[:0], right, out[:0]) is None


@pytest.mark.skipif(not blas.threads(), reason="this BLAS does not say how many threads it has")
def test_threads_come_back():
    before, seen = blas.threads(), []

    def inside():
        for _ in range(200):
            with blas.ALONE:
                seen.append(blas.threads())

    workers = [Thread(target=inside) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(seen) == {1}
    assert blas.threads() == before
