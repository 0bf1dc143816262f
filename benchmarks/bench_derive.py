"""Derivation time and size by depth, beside SymPy differentiating the whole composite, and SymEngine at width 3.

Run ``python benchmarks/bench_derive.py``. Ours derives every gradient of a sigmoid network (∂J/∂a, errors, weights,
biases, input); the others derive ∂J/∂w of the first layer only. Rounds are interleaved in one process and every round
starts with an empty SymPy cache; a peer's time is given as a ratio to ours (median, lowest and highest). Whether the
composite finishes at a depth is tried first in a process of its own, which is ended after ``--cap`` seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from sympy import Expr, Indexed, IndexedBase, Rational, Sum, Symbol, exp
from sympy.core.cache import clear_cache

from symbackprop.activations import sigmoid
from symbackprop.derivation import Derivation, derive
from symbackprop.derivation.size import forward_nodes, gradient_nodes, nodes
from symbackprop.layers import Dense
from symbackprop.network import Network
from symbackprop.quantities import as_index, as_size

DEPTHS = (2, 4, 8, 16, 32, 64)


def network(depth: int) -> Network:
    """A sigmoid network with symbolic widths."""
    return Network("n_0", *(Dense(f"n_{layer}", sigmoid) for layer in range(1, depth + 1)))


def ours(depth: int) -> Derivation:
    """Every gradient, one layer at a time."""
    return derive(network(depth))


def composite(depth: int) -> Expr:
    """∂J/∂w^1 by ``diff`` of the whole loss, written as nested sums over entries."""

    def unit(layer: int, index: Symbol) -> Expr:
        if layer == 0:
            return IndexedBase("x")[index]
        below = as_index(f"i_{layer - 1}")
        weighted = Sum(
            IndexedBase(f"w{layer}")[index, below] * unit(layer - 1, below), (below, 1, as_size(f"n_{layer - 1}"))
        )
        return 1 / (1 + exp(-weighted - IndexedBase(f"b{layer}")[index]))

    last = as_index(f"i_{depth}")
    loss = Rational(1, 2) * Sum((unit(depth, last) - IndexedBase("y")[last]) ** 2, (last, 1, as_size(f"n_{depth}")))
    entry: Indexed = IndexedBase("w1")[as_index("p"), as_index("q")]
    return loss.diff(entry)


def symengine_scalars(depth: int, width: int = 3) -> list[object]:
    """∂J/∂w^1 at a fixed width, every entry a scalar."""
    import symengine  # noqa: PLC0415  (optional)

    symbol = symengine.Symbol
    a = [symbol(f"x{i}") for i in range(width)]
    for layer in range(1, depth + 1):
        z = [sum(symbol(f"w{layer}_{i}_{j}") * a[j] for j in range(width)) for i in range(width)]
        a = [1 / (1 + symengine.exp(-z[i] - symbol(f"b{layer}_{i}"))) for i in range(width)]
    loss = sum((a[i] - symbol(f"y{i}")) ** 2 for i in range(width)) / 2
    return [symengine.diff(loss, symbol(f"w1_{i}_{j}")) for i in range(width) for j in range(width)]


def seconds(work: Callable[[int], object], depth: int) -> float:
    """The time of one run that starts with an empty SymPy cache."""
    clear_cache()
    start = time.perf_counter()
    work(depth)
    return time.perf_counter() - start


def obstacle(depth: int, cap: float) -> str:
    """What keeps the composite from being differentiated in ``cap`` seconds (tried in another process), or nothing."""
    command = [sys.executable, __file__, "--composite", str(depth)]
    try:
        tried = subprocess.run(command, timeout=cap, check=False, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return f"> {cap:g} s"
    if tried.returncode < 0:
        return f"ended by signal {-tried.returncode}"
    return tried.stderr.splitlines()[-1].split(":")[0] if tried.returncode else ""


def ratios(peer: Callable[[int], object], depth: int, rounds: int) -> str:
    """The peer's time over ours, rounds interleaved."""
    seconds(ours, depth)
    found = []
    for _ in range(rounds):
        own = seconds(ours, depth)
        found.append(seconds(peer, depth) / own)
    return f"{median(found):.3g} ({min(found):.3g}-{max(found):.3g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cap", type=float, default=60.0, help="seconds that the composite may take")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--composite", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.setrecursionlimit(10**5)  # SymPy recurses through every layer of the composite
    if options.composite is not None:
        composite(options.composite)
        return
    seconds(ours, DEPTHS[0])
    scalars = importlib.util.find_spec("symengine") is not None
    if scalars:
        symengine_scalars(1)  # pays for the import
    print("  L  ours [s]  nodes of gradients  of forward pass  composite/ours  its nodes  SymEngine/ours")
    times, stopped = {}, ""
    for depth in DEPTHS:
        times[depth] = median(seconds(ours, depth) for _ in range(options.rounds))
        stopped = stopped or obstacle(depth, options.cap)
        row = [f"{depth:3}", f"{times[depth]:8.3f}", f"{gradient_nodes(ours(depth)):19}"]
        row.append(f"{forward_nodes(ours(depth)):16}")
        slow = stopped or ratios(composite, depth, 1 if depth > DEPTHS[2] else options.rounds)
        row += [f"{slow:>18}", f"{'-' if stopped else nodes(composite(depth)):>9}"]
        row.append(ratios(symengine_scalars, depth, options.rounds) if scalars else "not installed")
        print("  ".join(row), flush=True)
    print(f"time(L=32) / time(L=8) = {times[32] / times[8]:.2f}")


if __name__ == "__main__":
    main()
