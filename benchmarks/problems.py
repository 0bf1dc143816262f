"""The six networks that are measured, and backprop by hand for each: what the emitted kernels are held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Matrix = NDArray[np.floating]
Step = Callable[[], object]

RATE = 0.01


@dataclass(frozen=True)
class Problem:
    """A dense network, its batch size, and how its hidden layers and its output work."""

    name: str
    widths: tuple[int, ...]
    batch: int
    hidden: str
    output: str
    loss: str

    @property
    def activations(self) -> tuple[str, ...]:
        return (*[self.hidden] * (len(self.widths) - 2), self.output)

    @property
    def spec(self) -> str:
        return "-".join(map(str, self.widths))


PROBLEMS = (
    Problem("a", (2, 8, 1), 4, "sigmoid", "sigmoid", "quadratic_cost"),
    Problem("b", (2, 32, 32, 1), 200, "tanh", "sigmoid", "binary_cross_entropy"),
    Problem("c", (64, 128, 64, 10), 128, "relu", "softmax", "cross_entropy"),
    Problem("d", (784, 512, 512, 10), 256, "relu", "softmax", "cross_entropy"),
    Problem("e", (1024,) * 5, 512, "tanh", "identity", "quadratic_cost"),
    Problem("f", (32,) * 65, 64, "tanh", "identity", "quadratic_cost"),
)


@dataclass(frozen=True)
class Data:
    """A batch, and weights (out, in) and biases to start from; numbers that float32 holds as well."""

    X: Matrix
    Y: Matrix
    weights: tuple[Matrix, ...]
    biases: tuple[Matrix, ...]

    def copies(self) -> tuple[list[Matrix], list[Matrix]]:
        return [w.copy() for w in self.weights], [b.copy() for b in self.biases]


def data(problem: Problem, dtype: str) -> Data:
    """The same for every contender."""
    rng = np.random.default_rng(0)
    pairs = list(zip(problem.widths, problem.widths[1:], strict=False))
    weights = [rng.normal(0, (2 / (m + n)) ** 0.5, (n, m)) for m, n in pairs]
    biases = [rng.normal(0, 0.1, n) for _, n in pairs]
    X, n_out = rng.normal(size=(problem.batch, problem.widths[0])), problem.widths[-1]
    classes = rng.integers(0, max(n_out, 2), problem.batch)
    Y = np.eye(n_out)[classes] if n_out > 1 else classes[:, None]
    if problem.output == "identity":
        Y = rng.normal(size=(problem.batch, n_out))
    arrays = [a.astype(np.float32).astype(dtype) for a in (X, Y, *weights, *biases)]
    return Data(arrays[0], arrays[1], tuple(arrays[2 : 2 + len(pairs)]), tuple(arrays[2 + len(pairs) :]))


def sigmoid(z: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-z))


#: h, h′ from the activation, h′ from the pre-activation.
HIDDEN: dict[str, tuple[Callable[[Matrix], Matrix], Callable[[Matrix], Matrix], Callable[[Matrix], Matrix]]] = {
    "sigmoid": (sigmoid, lambda a: a * (1 - a), lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda a: 1 - a * a, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0, lambda z: z > 0),
}


def output_error(problem: Problem, z: Matrix, Y: Matrix) -> Matrix:
    """The error of the output layer, 1/N in it."""
    if problem.output == "sigmoid":
        a = sigmoid(z)
        return (a - Y) * a * (1 - a) / len(Y) if problem.loss == "quadratic_cost" else (a - Y) / len(Y)
    if problem.output == "softmax":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return (e / e.sum(axis=1, keepdims=True) - Y) / len(Y)
    return (z - Y) / len(Y)


def gradients_by_hand(
    problem: Problem, weights: list[Matrix], biases: list[Matrix], X: Matrix, Y: Matrix, again: bool = False
) -> list[tuple[Matrix, Matrix]]:
    """A loop over the layers, forward and back; with ``again``, as in a textbook, h′ is computed from z."""
    h, from_a, from_z = HIDDEN[problem.hidden]
    activations, zs = [X], []
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        zs.append(activations[-1] @ w.T + b)
        activations.append(h(zs[-1]))
    error = output_error(problem, activations[-1] @ weights[-1].T + biases[-1], Y)
    found = []
    for layer in reversed(range(len(weights))):
        found.append((error.T @ activations[layer], error.sum(axis=0)))
        if layer:
            slope = from_z(zs[layer - 1]) if again else from_a(activations[layer])
            error = (error @ weights[layer]) * slope
    return found[::-1]


def by_hand(problem: Problem, given: Data, again: bool) -> Step:
    """A step of NumPy as a competent person writes it."""
    weights, biases = given.copies()

    def step() -> None:
        found = gradients_by_hand(problem, weights, biases, given.X, given.Y, again)
        for w, b, (dw, db) in zip(weights, biases, found, strict=True):
            w -= RATE * dw
            b -= RATE * db

    return step


def products(problem: Problem, given: Data, samples_first: bool = False) -> Step:
    """The matrix products of a step and nothing else; in memory a sample is a column, or a row."""
    samples, dtype = problem.batch, given.X.dtype

    def ones(units: int) -> Matrix:
        return np.ones((samples, units), dtype).T if samples_first else np.ones((units, samples), dtype)

    calls = []
    activations = [given.X.T if samples_first else np.ascontiguousarray(given.X.T)]
    activations += [ones(len(w)) for w in given.weights]
    errors = [ones(len(a)) for a in activations]
    for layer, w in enumerate(given.weights):
        calls.append((w, activations[layer], activations[layer + 1]))
    for layer in reversed(range(len(given.weights))):
        w = given.weights[layer]
        calls.append((errors[layer + 1], activations[layer].T, np.empty_like(w)))
        if layer:
            calls.append((w.T, errors[layer + 1], errors[layer]))
    multiply = np.matmul if samples_first else np.dot

    def step() -> None:
        for left, right, out in calls:
            multiply(left, right, out)

    return step


def functions(problem: Problem, given: Data) -> Step:
    """h of every hidden layer, written to memory that is there, and nothing else."""
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(len(w), problem.batch)).astype(given.X.dtype) for w in given.weights[:-1]]
    pairs = [(array, np.empty_like(array)) for array in arrays]
    h = {"tanh": np.tanh, "sigmoid": special.expit, "relu": lambda z, out: np.maximum(z, np.zeros_like(z[0]), out=out)}
    call = h[problem.hidden]

    def step() -> None:
        for z, a in pairs:
            call(z, a)

    return step
