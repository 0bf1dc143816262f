"""The seconds from a network to kernels and to a training step, beyond all imports; run by ``bench_kernels.py``."""

from __future__ import annotations

import json
import os
import sys
import time

from problems import PROBLEMS

from symbackprop.kernels import Unavailable, compile_kernels, compile_steps
from symbackprop.network import Network


def main(name: str) -> None:
    problem = next(problem for problem in PROBLEMS if problem.name == name)
    start = time.process_time()
    network = Network.from_spec(problem.spec, ",".join(problem.activations), problem.loss)
    kernels = compile_kernels(network)
    emitted = time.process_time() - start
    parameters = kernels.init(0)
    start = time.process_time()
    compile_steps(kernels, parameters=parameters)
    found = {"kernels": emitted, "training step besides": time.process_time() - start}
    before = sum(os.times()[:4])
    try:
        compile_steps(kernels, parameters=parameters, backend="c")
        found["training step in C, nothing cached"] = sum(os.times()[:4]) - before
    except Unavailable as reason:
        print(reason, file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
