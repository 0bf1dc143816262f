"""A kernel computes in its own dtype: nothing in emitted code is of another one, not even in between.

Only accurate mode of float32 is another matter: that is float64 throughout, rounded once.
"""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.layers import Dense, layers
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.optimizers import optimizers
from symbackprop.quantities import Role


def of_other_dtypes(dtype, call):
    """The names of all local variables of emitted code that have held floating numbers of another dtype."""
    found, seen = set(), set()

    def look(frame, event, _):
        if not frame.f_code.co_filename.startswith("<symbackprop"):
            return None
        seen.add(frame.f_code.co_name)
        for name, value in frame.f_locals.items():
            if isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f" and value.dtype != dtype:
                found.add(f"{frame.f_code.co_name}: {name}")
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        call()
    finally:
        sys.settrace(before)
    assert seen, "no emitted code has run"
    return found


def drawn(kernels, samples=3, seed=0):
    rng, values = np.random.default_rng(seed), {}
    for q in kernels.model.inputs:
        own = tuple(samples if n == kernels.model.batch else int(n) for n in q.axes)
        shape = (samples, *own) if kernels.model.batch is None and q.label not in kernels.labels else own
        values[q.label] = rng.integers(1, 4, shape) if q.role is Role.POSITION else rng.uniform(0.1, 0.9, shape)
    first = next((q.label for q in kernels.model.inputs if q.role is Role.INPUT), kernels.model.inputs[0].label)
    X, Y = values.pop(first), values.pop("y")
    return {label: values.pop(label) for label in kernels.labels}, X, Y, values


ALL = Network(2, *(Dense(2, activation) for activation in activations.values()))
NETS = {
    "every activation, fast": (ALL, "fast"),
    "every activation, accurate": (ALL, "accurate"),
    **{f"loss {name}": (Network.from_spec("2-2", "sigmoid", name), "fast") for name in losses},
    "focal loss of softmax, accurate": (Network.from_spec("2-2", "softmax", "focal"), "accurate"),
    **{
        f"layer {name}": (Network(*sample.small[0][::-1], batch="N" if sample.batch else None), "fast")
        for name, sample in layers.items()
    },
}


@pytest.mark.parametrize("name", NETS)
def test_a_float32_kernel_holds_no_float64_but_for_digits(name):
    net, accuracy = NETS[name]
    kernels = compile_kernels(net, "float32", accuracy)
    parameters, X, Y, given = drawn(kernels)
    with np.errstate(all="ignore"):
        if accuracy == "fast":
            assert of_other_dtypes("float32", partial(kernels.gradients, parameters, X, Y, **given)) == set()
        else:
            is_rounded_once(kernels, parameters, X, Y)


def is_rounded_once(kernels, parameters, X, Y):
    """The values are those of the float64 kernel at the same point, each rounded to float32."""
    parameters = {label: value.astype("float32") for label, value in parameters.items()}
    X, Y = X.astype("float32"), Y.astype("float32")
    wide = compile_kernels(kernels.network, "float64", "accurate", kernels.backend)
    for call in ("forward", "gradients", "quantities"):
        given = (parameters, X) if call == "forward" else (parameters, X, Y)
        assert flat(getattr(kernels, call)(*given)) == flat(getattr(wide, call)(*given), "float32")
    assert {value.dtype for value in kernels.gradients(parameters, X, Y)[1].values()} == {np.dtype("float32")}


def flat(found, rounded=None):
    """All numbers in a result, rounded to a dtype."""
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, tuple) else (found,)
    return [
        n
        for p in parts
        for n in (
            flat(p, rounded) if isinstance(p, dict) else np.ravel(p).astype(rounded or np.asarray(p).dtype).tolist()
        )
    ]


def test_backend_c_rounds_once_as_well():
    kernels = compile_kernels(Network.from_spec("2-3-2", "gelu,softmax", "cross_entropy"), "float32", "accurate", "c")
    is_rounded_once(kernels, *drawn(kernels)[:3])


@pytest.mark.parametrize("name", optimizers)
def test_a_float32_step_holds_no_float64(name):
    kernels = compile_kernels(Network.from_spec("3-4-2", "gelu,softmax", "cross_entropy"), "float32")
    _, X, _, _ = drawn(kernels)
    steps = compile_steps(kernels, name)

    def train():
        steps.load(X, np.eye(2)[[0, 1, 1]])
        steps.step(loss=True)
        steps.step(eta=0.5)

    assert of_other_dtypes("float32", train) == set()
    for arrays in (steps.parameters, steps.gradients, *steps.session.memory.values()):
        assert {value.dtype.name for value in arrays.values()} == {"float32"}


def test_a_number_of_another_dtype_is_seen():
    kernels = compile_kernels(Network.from_spec("3-2", "tanh"), "float32")
    source = kernels.source.replace("np.tanh(z1", "np.float64(1)*np.tanh(z1")
    assert source != kernels.source
    functions = {}
    exec(compile(source, "<symbackprop kernels>", "exec"), functions)  # noqa: S102 - our own source, with one slip
    parameters, X, Y, _ = drawn(kernels)
    arrays = [np.asarray(a, np.float32) for a in (X, *parameters.values(), Y)]
    assert "gradients: a1" in of_other_dtypes("float32", lambda: functions["gradients"](*arrays))
