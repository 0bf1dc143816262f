"""One gradient (loss and all derivatives) by the emitted NumPy kernel, beside NumPy written by hand.

Run ``python benchmarks/bench_kernels.py``. The hand-written side loops over the layers, keeps the activations, takes h′
from them and computes the loss as the kernel does; the textbook side computes h′ from z anew. Rounds are interleaved in
one process; the ratios are medians of the rounds, lowest and highest beside them; below 1 the kernel is faster.
OPENBLAS_CORETYPE, where it is set, slows every side; one thread (OPENBLAS_NUM_THREADS=1) gives the steadiest figures.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from symbackprop.kernels import compile_kernels
from symbackprop.network import Network

Matrix = NDArray[np.floating]


@dataclass(frozen=True)
class Problem:
    """A dense network, its batch size, and how its hidden layers and its output work."""

    name: str
    spec: str
    batch: int
    hidden: str
    output: str
    loss: str


PROBLEMS = (
    Problem("a", "2-8-1", 4, "sigmoid", "sigmoid", "quadratic_cost"),
    Problem("b", "2-32-32-1", 200, "tanh", "sigmoid", "binary_cross_entropy"),
    Problem("c", "64-128-64-10", 128, "relu", "softmax", "cross_entropy"),
    Problem("f", "-".join(["32"] * 65), 64, "tanh", "identity", "quadratic_cost"),
)


def sigmoid(z: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-z))


#: h, h′ from the activation, h′ from the pre-activation.
HIDDEN: dict[str, tuple[Callable[[Matrix], Matrix], Callable[[Matrix], Matrix], Callable[[Matrix], Matrix]]] = {
    "sigmoid": (sigmoid, lambda a: a * (1 - a), lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda a: 1 - a**2, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0, lambda z: z > 0),
}


def output(problem: Problem, z: Matrix, Y: Matrix) -> tuple[Matrix, Matrix]:
    """J, and the error of the output layer."""
    if problem.output == "sigmoid":
        a = sigmoid(z)
        if problem.loss == "quadratic_cost":
            return ((a - Y) ** 2).sum() / (2 * len(Y)), (a - Y) * a * (1 - a) / len(Y)
        return -(Y * np.log(a) + (1 - Y) * np.log(1 - a)).sum() / len(Y), (a - Y) / len(Y)
    if problem.output == "softmax":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        a = e / e.sum(axis=1, keepdims=True)
        return -(Y * np.log(a)).sum() / len(Y), (a - Y) / len(Y)
    return ((z - Y) ** 2).sum() / (2 * len(Y)), (z - Y) / len(Y)


def by_hand(problem: Problem, weights: list[Matrix], biases: list[Matrix], X: Matrix, Y: Matrix, again: bool) -> list:
    """A loop over the layers, forward and back; with ``again``, h′ is computed from z."""
    h, from_a, from_z = HIDDEN[problem.hidden]
    activations, zs = [X], []
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        zs.append(activations[-1] @ w.T + b)
        activations.append(h(zs[-1]))
    loss, error = output(problem, activations[-1] @ weights[-1].T + biases[-1], Y)
    found: list = []
    for layer in reversed(range(len(weights))):
        found += [error.sum(axis=0), error.T @ activations[layer]]
        if layer:
            slope = from_z(zs[layer - 1]) if again else from_a(activations[layer])
            error = (error @ weights[layer]) * slope
    return [loss, *found[::-1]]


def sides(problem: Problem, dtype: str) -> dict[str, Callable[[], object]]:
    """What is timed, by name; all give the same numbers, which is checked first."""
    depth = problem.spec.count("-")
    names = ",".join([problem.hidden] * (depth - 1) + [problem.output])
    kernels = compile_kernels(Network.from_spec(problem.spec, names, problem.loss), dtype=dtype)
    rng = np.random.default_rng(0)
    parameters = kernels.init(0)
    n_in, n_out = parameters["w^1"].shape[1], parameters[f"w^{depth}"].shape[0]
    X = rng.normal(size=(problem.batch, n_in)).astype(dtype)
    classes = rng.integers(0, max(n_out, 2), problem.batch)
    Y = (np.eye(n_out)[classes] if n_out > 1 else classes[:, None]).astype(dtype)
    weights = [parameters[f"w^{layer}"] for layer in range(1, depth + 1)]
    biases = [parameters[f"b^{layer}"] for layer in range(1, depth + 1)]
    emitted = kernels.compiled.functions["gradients"]
    arguments = [X, *(parameters[q.label] for q in kernels.model.parameters), Y]
    for one, other in zip(emitted(*arguments), by_hand(problem, weights, biases, X, Y, False), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3 if dtype == "float32" else 1e-9, atol=1e-6)
    return {
        "kernel": lambda: emitted(*arguments),
        "Kernels.gradients": lambda: kernels.gradients(parameters, X, Y),
        "by hand": lambda: by_hand(problem, weights, biases, X, Y, False),
        "textbook": lambda: by_hand(problem, weights, biases, X, Y, True),
    }


def block(work: Callable[[], object], calls: int) -> float:
    """CPU seconds of one call, over a block of calls."""
    start = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - start) / calls


def measured(timed: dict[str, Callable[[], object]], rounds: int, target: float) -> dict[str, list[float]]:
    """The time of a call of each side in every round, the sides taking turns."""
    calls = {name: max(1, int(target / block(work, 3))) for name, work in timed.items()}
    found: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(rounds):
        for name, work in timed.items():
            found[name].append(block(work, calls[name]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--block", type=float, default=0.03, help="seconds of a block of calls")
    options = parser.parse_args()
    print(f"OPENBLAS_CORETYPE={os.environ.get('OPENBLAS_CORETYPE', 'not set')}")
    print("        dtype    kernel [µs]  kernel/by hand      kernel/textbook     Kernels.gradients/by hand")
    for problem in PROBLEMS:
        for dtype in ("float64", "float32"):
            found = measured(sides(problem, dtype), options.rounds, options.block)
            columns = [f"{problem.name:7}", dtype, f"{1e6 * median(found['kernel']):11.1f}"]
            for side, other in (("kernel", "by hand"), ("kernel", "textbook"), ("Kernels.gradients", "by hand")):
                each = [a / b for a, b in zip(found[side], found[other], strict=True)]
                columns.append(f"{median(each):.2f} ({min(each):.2f}-{max(each):.2f})")
            print("  ".join(columns), flush=True)


if __name__ == "__main__":
    main()
