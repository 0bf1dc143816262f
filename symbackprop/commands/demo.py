"""``symbackprop demo``: the whole story on a small network and a note with one mistake."""

from __future__ import annotations

import sys
from argparse import Namespace
from importlib.resources import files

from symbackprop.activations import sigmoid, tanh
from symbackprop.derivation import derive
from symbackprop.kernels import compile_kernels
from symbackprop.layers import Dense
from symbackprop.losses import binary_cross_entropy, half_squared_error
from symbackprop.network import Network
from symbackprop.rendering import render
from symbackprop.training import train
from symbackprop.verification.check import check_text
from symbackprop.verification.mending import diff, mended
from symbackprop.verification.note import find_formulas
from symbackprop.verification.reports import Style, formats

NOTE = "sample_note.md"


def execute(options: Namespace) -> int:
    """Exit code 1 if any part of the story does not end as it should, else 0."""
    style = Style.of(sys.stdout)
    _heading(style, "1. Declare a network: the forward equations, and nothing else")
    print("net = Network(3, Dense(4, tanh), Dense(2, sigmoid), loss=half_squared_error)")
    net = Network(3, Dense(4, tanh), Dense(2, sigmoid), loss=half_squared_error)
    _heading(style, "2. Derive every gradient: print(render(derive(net), form='matrix', detail='result'))")
    print(_sections(render(derive(net), notation="nielsen", form="matrix", detail="result")))
    _heading(style, "3. Compile it to NumPy: print(compile_kernels(net).source)")
    source = compile_kernels(net).source
    print(source[source.index("def gradients") :])
    _heading(style, f"4. Check a note: symbackprop check {NOTE}")
    told = _check_note(style)
    _heading(style, "5. Train XOR, and compare the gradients with backpropagation written by hand")
    trained = _train()
    return int(not (told and trained))


def _heading(style: Style, text: str) -> None:
    print(f"\n{style.paint('1', text)}\n")


def _sections(page: str) -> str:
    """The page from the error of the output on, without its blank lines."""
    return "\n".join(line for line in page[page.index("## Output error") :].splitlines() if line)


def _check_note(style: Style) -> bool:
    """Whether the planted mistake, and nothing else, is refuted, and is mended by the correction."""
    text = files(__package__).joinpath(NOTE).read_text(encoding="utf-8")
    note = find_formulas(text, path=NOTE)
    report = check_text(text, path=NOTE)
    print(formats["text"](report, style))
    corrected = mended(note, report.findings)
    print("The same with --diff:\n")
    print(diff(note, corrected))
    again = check_text(corrected, path=NOTE)
    print(f"After --fix: {len(again.refuted)} refuted, {len(again.proved)} proved.")
    return len(report.refuted) == 1 and not again.refuted and len(again.proved) == len(report.proved) + 1


def _train() -> bool:
    """Whether XOR is learnt and the gradients agree."""
    net = Network(2, Dense(4, tanh), Dense(1, sigmoid), loss=binary_cross_entropy)
    result = train(compile_kernels(net), data="xor", seed=0)
    check = result.cross_check()
    print(f"loss {result.history[0].loss:.3f} to {result.loss:.3f}, accuracy {result.accuracy:.0%}\n\n{check}")
    return result.accuracy == 1.0 and check.passed
