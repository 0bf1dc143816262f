"""Emitted Python is short enough to read, and says the same over several lines as in one."""

from __future__ import annotations

import ast

import pytest

from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.kernels.wrapping import WIDTH, wrapped
from symbackprop.layers import LSTM, Dense, Recurrent, layers
from symbackprop.network import Network

BLOCK, SHAPE = layers["transformer_block"].small[0]
NETS = {
    "block": Network(SHAPE, BLOCK),
    "lstm": Network(("T", 2), LSTM(3)),
    "poisson": Network.from_spec("3-4-2", "mish,softplus", "poisson"),
}


@pytest.mark.parametrize("name", NETS)
def test_no_line_is_too_long(name):
    kernels = compile_kernels(NETS[name], accuracy="accurate")
    for source in (kernels.source, compile_steps(kernels, "adam").source if name == "block" else ""):
        assert max(map(len, source.split("\n"))) <= WIDTH
    assert "\n    # " in kernels.source
    assert "    return (\n        J, dgamma" in kernels.source or name != "block"


@pytest.mark.parametrize(
    "line",
    [
        f"x = {' + '.join(['np.exp(a, b)'] * 20)}",
        f"    x = y*({' - '.join(['np.exp(a, b)'] * 20)}) - np.log(z)",
        f"    np.add(x, {' + '.join(['2*y[:, None]'] * 20)}, out=x)",
        f"def f({', '.join(f'argument_{k}' for k in range(30))}):\n    pass",
        f"    x *= {' + '.join(['np.exp(a, b)'] * 20)}",
        f"x = {'a' * 80}.sum() - np.maximum({'b' * 70}, 0).sum(axis=1)",
        f"x[f(1)] = {' + '.join(['np.exp(a, b)'] * 20)}",
        f"    for k in range(max({', '.join(['number_of_samples'] * 12)})):\n        pass",
    ],
)
def test_what_is_broken_means_the_same(line):
    source = f"if here:\n{line}" if line.startswith(" ") else line
    found = wrapped(source)
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(source))
    assert max(map(len, found.split("\n"))) <= WIDTH < max(map(len, source.split("\n")))


def test_a_file_imports_what_it_needs():
    plain = compile_kernels(Network.from_spec("3-4-2", "relu,softmax", "cross_entropy"))
    erf = compile_kernels(Network.from_spec("3-4-2", "gelu,softmax", "cross_entropy"))
    for kernels, imported in ((plain, False), (erf, True)):
        for source in (kernels.source, compile_steps(kernels, "adam").source):
            assert ("import special" in source) is imported


def test_every_line_stands_under_its_step():
    """Also in a loop, and what is computed for a loop before it."""
    kernels = compile_kernels(Network(("T", 2), Recurrent(3), Dense(2)))
    for source, product in ((kernels.source, "t2 = dot"), (compile_steps(kernels).source, "t2 = dot")):
        # In a step functions go by their own names.
        lines = [line.strip().replace("np.", "") for line in source[source.index("J") :].split("\n")]
        loop = next(k for k, line in enumerate(lines) if line.startswith("for t in reversed"))
        above = [line for line in lines[:loop] if line.startswith("#")]
        assert above[-2:] == ["# ∂J/∂b²", "# ε¹"]
        assert "matmul(w2.T" in "".join(lines[lines.index("# ε¹") : loop])
        first = lines.index("for t in range(n):")
        assert lines[first + 1] == "# z¹" and lines[first + 2].startswith(product)
        assert lines[lines.index("# a¹", first) + 1].startswith("a1[t] = tanh")
