"""Every entry of every registry goes through every stage: derived, printed, verified, compiled, trained with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.commands.kernel_errors import ERRORS, drawn, of_network
from symbackprop.commands.measured import REGISTRIES, derived, subject_of
from symbackprop.derivation import Derivation, check_derivation
from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.kernels.pairs import OUTPUTS
from symbackprop.layers import Dense, layers
from symbackprop.losses import half_squared_error, losses
from symbackprop.network import Network
from symbackprop.rendering import comment_block, render
from symbackprop.rendering.pages import results
from symbackprop.verification.check import check_text
from symbackprop.verification.settings import Settings

PAGES = {entry: page for page in results(Path(__file__).parents[1] / "derivations") for entry in page.entries}
subject = cache(subject_of)


def network(kind: str, name: str) -> Network:
    """A small one in which the entry stands."""
    if kind == "layer":
        layer, shape = layers[name].small[0]
        return Network(shape, layer, loss=half_squared_error, batch="N" if layers[name].batch else None)
    if kind == "loss":
        return Network(2, Dense(3, activations[OUTPUTS.get(name, ("identity",))[0]]), loss=losses[name])
    return Network(2, Dense(3, activations[name] if kind == "activation" else activations["tanh"]))


def derive(kind: str, name: str) -> None:
    found = subject(kind, name)
    assert derived(found)
    if isinstance(found, Derivation):
        check_derivation(found)


def print_it(kind: str, name: str) -> None:
    text = render(subject(kind, name), "d2l", "latex", form="matrix")
    assert text.count(r"\begin{aligned}") == text.count(r"\end{aligned}") > 0


def verify(kind: str, name: str) -> None:
    """The first formula of its page that is said to be true."""
    page = PAGES[f"{kind} {name}"]
    tex = next(tex for tex, verdict in page.claims.values() if verdict == "proved")
    own = page.given is None and isinstance(page.subject, Derivation)
    given = comment_block(page.subject, page.notation) if own else page.given or ""
    [finding] = check_text(f"<!-- symbackprop\n{given}-->\n\n${tex}$\n", Settings(timeout=20.0))
    assert finding.verdict.value == "proved"


def compile_it(kind: str, name: str) -> None:
    """An initializer is a law of the parameters; its kernel is that of any network."""
    target = {"y": np.full((2, 3), 1 / 3)} if kind == "loss" else None
    error = ERRORS[kind](name) if kind == "optimizer" else of_network(network(kind, name), 0, target)
    assert error <= 1e-12


def train(kind: str, name: str) -> None:
    """Steps with it change the parameters, and stay finite."""
    kernels = compile_kernels(network(kind, name))
    values = drawn(kernels, np.random.default_rng(1))
    if not kernels.labels:
        return
    start = {label: np.abs(values[label]) for label in kernels.labels}
    steps = compile_steps(kernels, name if kind == "optimizer" else "sgd", {"eta": 1e-3}, start)
    before = {label: value.copy() for label, value in steps.parameters.items()}
    entrance = kernels.model.inputs[0].label
    given = {label: value for label, value in values.items() if label not in (*start, "y", entrance)}
    steps.load(values[entrance], np.full_like(values["y"], 1 / 3), **given)
    assert np.isfinite([steps.step(loss=True) for _ in range(2)]).all()
    moved = any((steps.parameters[label] != value).any() for label, value in before.items())
    assert moved or name == "step"  # through which nothing is learnt


STAGES: dict[str, Callable[[str, str], None]] = {
    "derive": derive,
    "print": print_it,
    "verify": verify,
    "compile": compile_it,
    "train": train,
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("kind", "name"), [(registry.kind, name) for registry in REGISTRIES for name in registry])
def test_every_entry_goes_through_every_stage(kind: str, name: str, stage: str) -> None:
    STAGES[stage](kind, name)
