"""A training step of the same network in other libraries, each as its users write it; absent ones are left out."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from problems import RATE, Data, Problem, Step

Maker = Callable[[ModuleType, Problem, Data], Step]


def torch_eager(torch: Any, problem: Problem, given: Data) -> Step:
    """Modules, ``backward`` and ``optim.SGD``."""
    X, Y = torch.from_numpy(given.X), torch.from_numpy(given.Y)
    kinds = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
    layers: list[Any] = []
    for number, (w, b) in enumerate(zip(given.weights, given.biases, strict=True)):
        linear = torch.nn.Linear(w.shape[1], w.shape[0], dtype=X.dtype)
        linear.weight.data, linear.bias.data = torch.from_numpy(w.copy()), torch.from_numpy(b.copy())
        layers += [linear, *([kinds[problem.hidden]()] if number < len(given.weights) - 1 else [])]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def step() -> None:
        optimizer.zero_grad()
        torch_loss(torch, problem, model(X), Y).backward()
        optimizer.step()

    return step


def torch_loss(torch: Any, problem: Problem, z: Any, Y: Any) -> Any:
    functional = torch.nn.functional
    if problem.loss == "binary_cross_entropy":
        return functional.binary_cross_entropy_with_logits(z, Y, reduction="sum") / len(Y)
    if problem.loss == "cross_entropy":
        return functional.cross_entropy(z, Y)
    a = torch.sigmoid(z) if problem.output == "sigmoid" else z
    return 0.5 * ((a - Y) ** 2).sum() / len(Y)


def torch_compiled(torch: Any, problem: Problem, given: Data) -> Step:
    """Gradient and update as one compiled graph."""
    X, Y = torch.from_numpy(given.X), torch.from_numpy(given.Y)
    parameters = [torch.from_numpy(p.copy()) for pair in zip(given.weights, given.biases, strict=True) for p in pair]
    hidden = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[problem.hidden]

    def loss(parameters: list[Any]) -> Any:
        a = X
        for k in range(0, len(parameters), 2):
            z = torch.nn.functional.linear(a, parameters[k], parameters[k + 1])
            a = hidden(z)
        return torch_loss(torch, problem, z, Y)

    def descend(parameters: list[Any]) -> None:
        for p, g in zip(parameters, torch.func.grad(loss)(parameters), strict=True):
            p.sub_(g, alpha=RATE)

    compiled = torch.compile(descend)

    def step() -> None:
        with torch.no_grad():
            compiled(parameters)

    return step


def functional_loss(np: Any, problem: Problem, parameters: Any, X: Any, Y: Any, softplus: Any) -> Any:
    """J in any array module that looks like NumPy."""
    hidden = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
    a = X
    for w, b in parameters[:-1]:
        a = hidden[problem.hidden](np.dot(a, w.T) + b)
    z = np.dot(a, parameters[-1][0].T) + parameters[-1][1]
    if problem.loss == "binary_cross_entropy":
        return np.sum(softplus(z) - Y * z) / len(Y)
    if problem.loss == "cross_entropy":
        top = np.max(z, axis=1, keepdims=True)
        return -np.sum(Y * (z - top - np.log(np.sum(np.exp(z - top), axis=1, keepdims=True)))) / len(Y)
    a = 1 / (1 + np.exp(-z)) if problem.output == "sigmoid" else z
    return 0.5 * np.sum((a - Y) ** 2) / len(Y)


def jax_jitted(jax: Any, problem: Problem, given: Data) -> Step:
    """``jit`` of ``grad`` and the update, the parameters donated."""
    jnp = jax.numpy
    X, Y = jnp.asarray(given.X), jnp.asarray(given.Y)

    def loss(parameters: Any, X: Any, Y: Any) -> Any:
        return functional_loss(jnp, problem, parameters, X, Y, jax.nn.softplus)

    def descend(parameters: Any, X: Any, Y: Any) -> Any:
        found = jax.grad(loss)(parameters, X, Y)
        return jax.tree.map(lambda p, g: p - RATE * g, parameters, found)

    compiled = jax.jit(descend, donate_argnums=0)
    state = [[(jnp.array(w), jnp.array(b)) for w, b in zip(given.weights, given.biases, strict=True)]]

    def step() -> None:
        state[0] = compiled(state[0], X, Y)

    # A step may return before it is done; a block of steps is over when the last one is.
    step.wait = lambda: jax.block_until_ready(state[0])  # type: ignore[attr-defined]
    return step


def autograd_step(autograd: Any, problem: Problem, given: Data) -> Step:
    """``grad`` of the loss, and the update in NumPy."""
    np = import_module("autograd.numpy")
    weights, biases = given.copies()

    def loss(parameters: Any) -> Any:
        return functional_loss(np, problem, parameters, given.X, given.Y, lambda z: np.logaddexp(0, z))

    gradient = autograd.grad(loss)

    def step() -> None:
        for w, b, (dw, db) in zip(weights, biases, gradient(list(zip(weights, biases, strict=True))), strict=True):
            w -= RATE * dw
            b -= RATE * db

    return step


#: The name, the module that it needs, and how a step is made.
CONTENDERS: tuple[tuple[str, str, Maker], ...] = (
    ("torch eager", "torch", torch_eager),
    ("torch.compile", "torch", torch_compiled),
    ("jax.jit", "jax", jax_jitted),
    ("autograd", "autograd", autograd_step),
)


def prepared(module: str, threads: int, dtype: str) -> ModuleType | None:
    """The module, told how many threads to use, or ``None`` where it is not installed."""
    try:
        found: Any = import_module(module)
    except ImportError:
        return None
    if module == "torch":
        found.set_num_threads(threads)
    if module == "jax":
        found.config.update("jax_enable_x64", dtype == "float64")
    return found
