"""What is measured side by side for a problem: kernels of every backend, NumPy by hand, other libraries."""

from __future__ import annotations

import sys
from collections.abc import Collection

import numpy as np
from contenders import CONTENDERS, prepared
from problems import PROBLEMS, RATE, Data, Problem, Step, by_hand, data, functions, gradients_by_hand, products

from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.kernels.step_program import PASSES
from symbackprop.network import Network

__all__ = ["PROBLEMS", "kernel_names", "sides", "without_passes"]


def kernel_names() -> list[str]:
    """The BLAS kernels that ran, if threadpoolctl is there to say so."""
    try:
        from threadpoolctl import threadpool_info  # noqa: PLC0415 - it need not be installed
    except ImportError:
        return ["not known: threadpoolctl is not installed"]
    pools = threadpool_info()
    return sorted({f"{p['internal_api']} {p.get('architecture', '')} x{p['num_threads']}".strip() for p in pools})


def emitted(problem: Problem, dtype: str, given: Data, backend: str, without: Collection[str] = ()) -> Step:
    """A step of the kernel over a batch that is loaded, checked against backprop by hand first."""
    network = Network.from_spec(problem.spec, ",".join(problem.activations), problem.loss)
    kernels = compile_kernels(network, dtype=dtype)  # type: ignore[arg-type]
    start = {
        f"{letter}^{k}": p for letter, ps in (("w", given.weights), ("b", given.biases)) for k, p in enumerate(ps, 1)
    }
    steps = compile_steps(kernels, settings={"eta": RATE}, parameters=start, without=without, backend=backend)
    steps.load(given.X, given.Y)
    steps.step()
    weights, biases = given.copies()
    for layer, (dw, db) in enumerate(gradients_by_hand(problem, weights, biases, given.X, given.Y), 1):
        for label, wanted in ((f"w^{layer}", dw), (f"b^{layer}", db)):
            error = np.abs(steps.gradients[label] - wanted).max() / np.abs(wanted).max()
            assert error < (1e-12 if dtype == "float64" else 1e-4), (problem.name, backend, label, error)
    # Where the update is a part of the emitted function, that alone is a step, and gradients need not be kept.
    steps.step(keep=False)
    run = getattr(steps.session, "run", None) if steps.program.scaled else None
    return run if run is not None else lambda: steps.step()


def without_passes(problem: Problem, dtype: str) -> dict[str, Step]:
    """The kernel of NumPy, and with each of its passes left out."""
    given = data(problem, dtype)
    left_out = {f"without {name}": emitted(problem, dtype, given, "numpy", [name]) for name in PASSES}
    return {"numpy": emitted(problem, dtype, given, "numpy"), **left_out}


def sides(problem: Problem, dtype: str, threads: int, only: Collection[str]) -> dict[str, Step]:
    """Every side by name; one that is not installed or fails is left out, and that is said."""
    given = data(problem, dtype)
    found: dict[str, Step] = {}
    for backend in ("numpy", "c"):
        _try(found, backend, lambda b=backend: emitted(problem, dtype, given, b))  # type: ignore[misc]
    if problem.name == "a" and threads == 1:
        _try(found, "c, many steps a call", lambda: many_steps(problem, dtype, given))
    found["products alone"] = products(problem, given)
    found["products alone, samples first"] = products(problem, given, samples_first=True)
    found["functions alone"] = functions(problem, given)
    found["NumPy by hand"] = by_hand(problem, given, again=False)
    if threads == 1:
        found["NumPy as in a textbook"] = by_hand(problem, given, again=True)
    for name, needs, make in CONTENDERS:
        # With several threads jax.jit is whom to compare with.
        wanted = name in only or not only and (threads == 1 or name == "jax.jit")
        module = prepared(needs, threads, dtype) if wanted else None
        if module is not None:
            _try(found, name, lambda m=make, n=module: m(n, problem, given))  # type: ignore[misc]
        elif wanted:
            print(f"{name}: left out, {needs} is not installed", file=sys.stderr)
    return found


#: Steps in one call of backend C.
MANY = 2000


def many_steps(problem: Problem, dtype: str, given: Data) -> Step:
    """Epochs of many batches, each of which is one call."""
    network = Network.from_spec(problem.spec, ",".join(problem.activations), problem.loss)
    steps = compile_steps(compile_kernels(network, dtype=dtype), settings={"eta": RATE}, backend="c")  # type: ignore[arg-type]
    X, Y = (np.tile(array, (MANY, 1)) for array in (given.X, given.Y))

    def epoch() -> object:
        return steps.epoch(X, Y, problem.batch)

    epoch.steps = MANY  # type: ignore[attr-defined]
    return epoch


def _try(found: dict[str, Step], name: str, make: object) -> None:
    try:
        step = make()  # type: ignore[operator]
        step()
        found[name] = step
    except Exception as error:  # noqa: BLE001 - whatever a library raises, the others are measured
        print(f"{name}: left out, {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
