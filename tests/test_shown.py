"""What an interactive session shows of each public object: one short line, the same in every run."""

from __future__ import annotations

import re

import pytest

from symbackprop.activations import activations
from symbackprop.derivation import derive
from symbackprop.initializers import initializers
from symbackprop.kernels import compile_kernels
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.training import train

NET = Network.from_spec("2-3-1", "tanh,sigmoid")


@pytest.mark.parametrize("registry", [activations, losses, initializers], ids=lambda registry: registry.kind)
def test_a_declaration_shows_its_name_and_no_address(registry):
    for entry in registry.values():
        assert repr(entry.name) in repr(entry)
        assert not re.search(r" at 0x|<lambda>", repr(entry))


def test_a_network_shows_its_layers():
    assert "width=3, activation=Activation(name='tanh'" in repr(NET)
    assert "0x" not in repr(NET)


def test_what_is_made_of_a_network_is_shown_in_a_line():
    derivation, kernels = derive(NET), compile_kernels(NET)
    assert repr(derivation) == f"Derivation(steps={len(derivation.steps)}, results={len(derivation.results)})"
    assert repr(kernels) == "Kernels(parameters=w^1, b^1, w^2, b^2; dtype=float64, backend=numpy)"
    result = train(kernels, epochs=2)
    assert repr(result) == f"Result(epochs=2, loss={result.loss:.4g}, accuracy={result.accuracy})"
