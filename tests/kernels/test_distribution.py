"""Kernels for JAX and PyTorch over several devices: the source unchanged, the arrays spread by names of axes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from symbackprop.activations import relu, softmax
from symbackprop.kernels import compile_kernels
from symbackprop.kernels.axis_names import axis_names
from symbackprop.kernels.backend import Routine
from symbackprop.layers import Attention, Conv1d, Dense, Flatten, Recurrent, layers
from symbackprop.losses import cross_entropy, half_squared_error
from symbackprop.network import Network

pytestmark = pytest.mark.usefixtures("float64_in_jax")

SAMPLES = 8
NETS = {
    "dense": Network.from_spec("6-8-4", "gelu,softmax", "cross_entropy"),
    "recurrent": Network(("T", 4), Recurrent(8), Dense(4)),
    "convolution": Network((2, 9), Conv1d(4, 3), Flatten(), Dense(4, softmax), loss=cross_entropy),
    "attention": Network((4, 4), Attention(2, 4), Dense(8, relu), Dense(4)),
}
#: A width inside of each net.
HIDDEN = {"dense": "width_1", "recurrent": "width_2", "convolution": "width_2", "attention": "width_6"}
JAX, TORCH = "the extra 'jax' is not installed", "the extra 'torch' is not installed"
JAX_SCRIPT = """
import json, sys
import jax, numpy as np
jax.config.update("jax_enable_x64", True)
from importlib import import_module
from jax.sharding import Mesh, NamedSharding, PartitionSpec
devices = np.array(jax.devices())
assert devices.size == 4
for name, spread in json.loads(sys.argv[1]):
    kernel, data = import_module(name), np.load(name + ".npz")
    shape = (2, 2) if "model" in spread.values() else (4, 1)
    mesh = Mesh(devices.reshape(shape), ("data", "model"))
    shardings = {
        argument: NamedSharding(mesh, PartitionSpec(*(
            spread.get(axis) if spread.get(axis) not in map(spread.get, axes[:number]) else None
            for number, axis in enumerate(axes)
        )))
        for argument, axes in kernel.AXES.items()
    }
    arrays = [jax.device_put(data[argument], shardings[argument]) for argument in kernel.AXES]
    parts = [a.addressable_shards[0].data.size / a.size for a in arrays]
    weights = [argument for argument in kernel.AXES if argument not in ("x", "y")]
    wanted = (None, *(shardings[weight] for weight in weights))
    found = jax.jit(kernel.gradients, out_shardings=wanted)(*arrays)
    errors = [float(abs(np.asarray(f) - data[f"found_{k}"]).max() / (1e-2 + abs(data[f"found_{k}"]).max()))
              for k, f in enumerate(found)]
    kept = all(f.sharding.is_equivalent_to(shardings[w], f.ndim) for f, w in zip(found[1:], weights))
    print(json.dumps([name, spread, min(parts), max(errors), kept]))
"""
TORCH_SCRIPT = """
import json, sys
import numpy as np, torch
import torch.distributed as dist
from importlib import import_module
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Replicate, Shard, distribute_tensor
rank, port = int(sys.argv[2]), sys.argv[3]
dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
mesh = init_device_mesh("cpu", (2,))


def error(found, data):
    return max(float(abs(f.numpy() - data[f"found_{k}"]).max() / (1e-2 + abs(data[f"found_{k}"]).max()))
               for k, f in enumerate(found))


for name, spread, sums in json.loads(sys.argv[1]):
    kernel, data = import_module(name), np.load(name + ".npz")
    tensors = {argument: torch.from_numpy(data[argument]) for argument in kernel.AXES}
    if spread == "by hand":
        own = {a: t[rank::2] if "batch" in kernel.AXES[a] else t for a, t in tensors.items()}
        found = kernel.gradients(*own.values())
        for part in found:
            dist.all_reduce(part)
            part /= 1 if sums else 2
    else:
        placed = {
            a: distribute_tensor(t, mesh, [Shard(kernel.AXES[a].index(spread)) if spread in kernel.AXES[a]
                                           else Replicate()])
            for a, t in tensors.items()
        }
        found = [f.full_tensor() for f in kernel.gradients(*placed.values())]
    print(json.dumps([name, spread, error(found, data)]))
dist.destroy_process_group()
"""


def saved(backend, names, folder):
    """The kernels of nets and their data, with the gradients that NumPy's kernels find."""
    for name in names:
        net = NETS[name]
        kernels, plain = compile_kernels(net, backend=backend), compile_kernels(net)
        (folder / f"{name}.py").write_text(kernels.source, encoding="utf-8")
        rng, parameters = np.random.default_rng(0), plain.init(0)
        X = rng.normal(size=(SAMPLES, *(5 if str(n) == "T" else int(n) for n in net.model.inputs[0].axes)))
        Y = rng.dirichlet(np.ones(4), plain.forward(parameters, X).shape[:-1])
        loss, found = plain.gradients(parameters, X, Y)
        arrays = dict(zip(kernels.compiled.native["AXES"], [X, *parameters.values(), Y], strict=True))
        np.savez(folder / f"{name}.npz", **arrays, **{f"found_{k}": g for k, g in enumerate([loss, *found.values()])})


def ran(script, folder, *arguments, **environment):
    """A script in a process of its own, in the folder of the kernels."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed(process):
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    return [json.loads(line) for line in out.splitlines() if line.startswith("[")]


def test_jax_on_a_mesh_of_four_devices(tmp_path):
    """Data parallel, weights sharded as well, and tensor parallel; the gradients stay where the weights are."""
    pytest.importorskip("jax", reason=JAX)
    cases = [
        (name, spread)
        for name, hidden in HIDDEN.items()
        for spread in ({"batch": "data"}, {"batch": "data", hidden: "data"}, {"batch": "data", hidden: "model"})
    ]
    saved("jax", NETS, tmp_path)
    script = ran(
        JAX_SCRIPT,
        tmp_path,
        json.dumps(cases),
        XLA_FLAGS="--xla_force_host_platform_device_count=4",
        JAX_PLATFORMS="cpu",
    )
    found = printed(script)
    assert [(name, spread) for name, spread, *_ in found] == cases
    for name, spread, part, error, kept in found:
        assert part <= 1 / 2, f"nothing is spread in {name} by {spread}"
        assert error < 1e-12, (name, spread)
        assert kept, (name, spread)


def test_torch_in_two_processes(tmp_path):
    """Half of the batch in each and the gradients added up by hand; then placed tensors, by name of axis."""
    pytest.importorskip("torch", reason=TORCH)
    saved("torch", NETS, tmp_path)
    sums = {name: compile_kernels(net).over_batch == "sum" for name, net in NETS.items()}
    cases = [(name, "by hand", sums[name]) for name in NETS]
    cases += [("dense", spread, False) for spread in ("batch", "width_1", "width_0")]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    processes = [ran(TORCH_SCRIPT, tmp_path, json.dumps(cases), str(rank), port) for rank in (0, 1)]
    for process in processes:
        found = printed(process)
        assert [case[:2] for case in found] == [list(case[:2]) for case in cases]
        assert all(error < 1e-12 for *_, error in found), found


@pytest.mark.parametrize("name", layers)
def test_axes_of_one_name_have_one_size(name):
    for layer, shape in layers[name].small:
        kernels = compile_kernels(
            Network(shape, layer, loss=half_squared_error, batch="N" if layers[name].batch else None)
        )
        lowered = kernels.lowered
        routine = Routine("all", lowered, "", frozenset(a.name for a in lowered.inputs if a.name in lowered.sampled))
        sizes = {}
        for array in lowered.inputs:
            axes = axis_names([routine])[array.name]
            own = (array.shape[-1], *array.shape[:-1]) if array.name in routine.rows else array.shape
            assert len(axes) == len(own)
            for axis, size in zip(axes, own, strict=True):
                assert sizes.setdefault(axis, size) == size, (axis, array.name)
        assert "batch" in sizes


def test_the_widths_of_a_network_are_told_apart():
    lowered = compile_kernels(Network.from_spec("4-4-4", "tanh,softmax", "cross_entropy")).lowered
    routine = Routine("all", lowered, "", frozenset({"x", "y"}))
    assert axis_names([routine]) == {
        "x": ("batch", "width_0"),
        "w1": ("width_1", "width_0"),
        "b1": ("width_1",),
        "w2": ("width_2", "width_1"),
        "b2": ("width_2",),
        "y": ("batch", "width_2"),
    }
