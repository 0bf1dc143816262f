"""A backend is a function and a registration; the emitted text is the same in every run."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Compiled, backends, compile_kernels, compile_numpy, compile_steps
from symbackprop.network import Network

NET = Network.from_spec("3-4-5-2", "gelu,prelu,softmax", "cross_entropy")


def test_a_backend_of_ones_own(monkeypatch):
    seen = []

    def counting(routines, dtype):
        seen.extend((routine.name, len(routine.program.inputs), dtype) for routine in routines)
        compiled = compile_numpy(routines, dtype)
        return Compiled("-- mine\n" + compiled.source, compiled.functions)

    monkeypatch.setitem(backends._entries, "counting", counting)
    kernels = compile_kernels(NET, dtype="float32", backend="counting")
    # x, three weights and biases, one slope; the gradient takes y as well.
    assert seen == [("forward", 8, "float32"), ("gradients", 9, "float32")]
    assert kernels.source.startswith("-- mine")
    assert kernels.forward(kernels.init(), np.ones((2, 3))).shape == (2, 2)


def test_the_same_source_under_any_hash_seed():
    script = (
        "from symbackprop.kernels import compile_kernels\n"
        "from symbackprop.network import Network\n"
        "net = Network.from_spec('3-4-5-2', 'gelu,prelu,softmax', 'cross_entropy')\n"
        "print(compile_kernels(net).source, end='')"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        ran = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, encoding="utf-8", check=True
        )
        assert ran.stdout == compile_kernels(NET).source


@pytest.mark.parametrize("path", ["no/such/folder/kernel.py", ".", "a\0b"])
def test_a_file_that_cannot_be_written(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kernels = compile_kernels(NET)
    for saved in (kernels, compile_steps(kernels)):
        with pytest.raises(InvalidSpec, match="the kernel cannot be written to"):
            saved.save(path)
        saved.save("kernel.py")
        assert (tmp_path / "kernel.py").read_text(encoding="utf-8") == saved.source
