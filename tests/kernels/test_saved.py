"""Saved kernels of every layer and activation run in a process that has no symbackprop, and give the same numbers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from symbackprop.activations import activations
from symbackprop.kernels import compile_kernels
from symbackprop.kernels.arguments import bound
from symbackprop.layers import Dense, layers
from symbackprop.network import Network
from symbackprop.quantities import Role

NETS = {
    "activations": Network(2, *(Dense(2, activation) for activation in activations.values())),
    **{name: Network(*sample.small[0][::-1], batch="N" if sample.batch else None) for name, sample in layers.items()},
}
#: Isolated: neither the folder of the project nor PYTHONPATH is looked at.
SCRIPT = """
import pathlib, runpy, sys
import numpy as np
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    gradients = runpy.run_path(str(path))["gradients"]
    data = np.load(path.with_suffix(".npz"))
    given = [data[f"arr_{k}"] for k in range(int(data["count"]))]
    before = [array.copy() for array in given]
    results = gradients(*given)
    for k, found in enumerate(results if isinstance(results, tuple) else (results,)):
        assert found.dtype == data[f"found_{k}"].dtype and np.array_equal(found, data[f"found_{k}"]), path
    assert all(np.array_equal(array, old) for array, old in zip(given, before)), path
    print(path.stem)
assert not [name for name in sys.modules if name.startswith(("symbackprop", "sympy"))]
"""


def drawn(kernels, samples=3):
    """The arguments of the gradients by what they are handed over as."""
    rng, values = np.random.default_rng(0), {}
    for q in kernels.model.inputs:
        own = tuple(samples if n == kernels.model.batch else int(n) for n in q.axes)
        shape = (samples, *own) if kernels.model.batch is None and q.label not in kernels.labels else own
        values[q.label] = rng.integers(1, 4, shape) if q.role is Role.POSITION else rng.uniform(0.1, 0.9, shape)
    first = next((q.label for q in kernels.model.inputs if q.role is Role.INPUT), kernels.model.inputs[0].label)
    parameters = {label: values.pop(label) for label in kernels.labels}
    return parameters, {"X": values.pop(first), "Y": values.pop("y"), **values}


def test_saved_kernels_need_numpy_and_scipy_alone(tmp_path):
    for name, net in NETS.items():
        kernels = compile_kernels(net, "float32")
        kernels.save(tmp_path / f"{name}.py")
        parameters, data = drawn(kernels)
        given = bound(kernels.signatures["gradients"], parameters, data, np.dtype("float32"))
        found = kernels.compiled.functions["gradients"](*given)
        results = {f"found_{k}": value for k, value in enumerate(found if isinstance(found, tuple) else (found,))}
        np.savez(tmp_path / f"{name}.npz", *given, count=len(given), **results)
    command = [sys.executable, "-I", "-c", SCRIPT, str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == sorted(NETS)
