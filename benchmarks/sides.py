"""What is measured side by side for a problem: kernels of every backend, NumPy by hand, other libraries."""

from __future__ import annotations

import sys
from collections.abc import Collection

import numpy as np
from contenders import CONTENDERS, prepared
from problems import PROBLEMS, RATE, Data, Problem, Step, by_hand, data, gradients_by_hand, products

from symbackprop.kernels import compile_kernels, compile_steps, step_backends
from symbackprop.kernels.step_program import PASSES
from symbackprop.network import Network

__all__ = ["PROBLEMS", "kernel_names", "sides"]


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
    # Where the update is a part of the emitted function, that alone is a step.
    run = getattr(steps.session, "run", None) if steps.program.scaled else None
    return run if run is not None else lambda: steps.step()


def sides(problem: Problem, dtype: str, threads: int, only: Collection[str], passes: bool) -> dict[str, Step]:
    """Every side by name; one that is not installed or fails is left out, and that is said."""
    given = data(problem, dtype)
    found: dict[str, Step] = {"kernel": emitted(problem, dtype, given, "numpy")}
    if passes:
        return found | {f"without {name}": emitted(problem, dtype, given, "numpy", [name]) for name in PASSES}
    for backend in step_backends:
        if backend != "numpy" and (not only or backend in only):
            _try(found, f"kernel ({backend})", lambda b=backend: emitted(problem, dtype, given, b))  # type: ignore[misc]
    found["products alone"] = products(problem, given)
    found["NumPy by hand"] = by_hand(problem, given, again=False)
    found["NumPy as in a textbook"] = by_hand(problem, given, again=True)
    for name, needs, make in CONTENDERS:
        module = None if only and name not in only else prepared(needs, threads, dtype)
        if module is not None:
            _try(found, name, lambda m=make, n=module: m(n, problem, given))  # type: ignore[misc]
        elif not only:
            print(f"{name}: left out, {needs} is not installed", file=sys.stderr)
    return found


def _try(found: dict[str, Step], name: str, make: object) -> None:
    try:
        step = make()  # type: ignore[operator]
        step()
        found[name] = step
    except Exception as error:  # noqa: BLE001 - whatever a library raises, the others are measured
        print(f"{name}: left out, {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
