"""The command line: what can be asked; what is done is in ``commands``, of which only the one asked for is imported."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from symbackprop import __version__
from symbackprop.errors import SymbackpropError

_ERROR = 2
_BROKEN_PIPE = 141
_STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 something is refuted, 2 it could not run."""
    _prepare_streams()
    options = parser().parse_args(arguments)
    execute: Callable[[argparse.Namespace], int] = import_module(f"symbackprop.commands.{options.command}").execute
    try:
        code = execute(options)
        sys.stdout.flush()
        return code
    except SymbackpropError as error:
        print(f"symbackprop: error: {error}", file=sys.stderr)
        return _ERROR
    except BrokenPipeError:
        _drop_output()
        return _BROKEN_PIPE
    except OSError as error:
        _drop_output()
        print(f"symbackprop: error: the output cannot be written: {error.strerror or error}", file=sys.stderr)
        return _ERROR
    except KeyboardInterrupt:
        print("symbackprop: stopped", file=sys.stderr)
        return _STOPPED


def _prepare_streams() -> None:
    """Output that a terminal cannot show is escaped; a stream that is closed swallows what it gets."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it lives as long as we do)
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """The reader has gone, or the disk is full: what is left in the buffer must not raise again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="symbackprop",
        description="Derive backpropagation, print it in your notation, check the formulas of your notes, and train.",
    )
    top.add_argument("--version", action="version", version=f"symbackprop {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _derive(commands.add_parser("derive", help="derive the gradients of a network and print them"))
    _check(commands.add_parser("check", help="judge the formulas of notes"))
    _run(commands.add_parser("run", help="train a network on data and cross-check its gradients"))
    _draw(commands.add_parser("draw", help="a picture: an activation, or what depth does (extra: plot)"))
    commands.add_parser("demo", help="the whole story on a small network and a sample note")
    explain = commands.add_parser("explain", help="what a code such as SBP001 means")
    explain.add_argument("codes", nargs="*", metavar="CODE", help="a code; without one, all are listed")
    return top


def _network(command: argparse.ArgumentParser, loss: str = "half_squared_error") -> None:
    command.add_argument("--activation", metavar="NAMES", help="one for all layers, or one each: tanh,sigmoid")
    command.add_argument("--loss", metavar="NAME", help=f"the loss (default: {loss})")
    command.add_argument("--penalty", metavar="KIND", help="a term of J on the weights: l2=1/100, l1=lamda, or both")


def _derive(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", nargs="?", metavar="SPEC", help="widths such as 3-4-2 or 3-n-2, or a TOML file")
    _network(command)
    command.add_argument(
        "--layer", metavar="NAME", help="one layer of the catalogue: dense, layer_norm, conv2d, lstm, …"
    )
    command.add_argument("--initializer", metavar="NAME", help="the variance of a weight: xavier, he, lecun, …")
    command.add_argument("--optimizer", metavar="NAME", help="the update of an optimizer: sgd, momentum, adam, …")
    command.add_argument("--general", action="store_true", help="the step for any layer l, with its base case")
    _matrices(command)
    command.add_argument("--batch", metavar="N", help="over a batch of so many examples, a number or a name")
    command.add_argument(
        "--second-order", choices=("hessian", "gauss-newton", "product"), help="second derivatives, or a product with v"
    )
    command.add_argument("--truncated", action="store_true", help="of a recurrent --layer: cut after any r steps")
    command.add_argument("--of", metavar="LABEL", help="second derivatives of J by this quantity: z^2, w^1, …")
    command.add_argument("--by", metavar="LABEL", help="and by this one, if it is another")
    command.add_argument(
        "--depth", choices=("gain", "bound", "propagation"), help="what many layers of an --activation do"
    )
    command.add_argument("--weight-variance", default="1", metavar="Q", help="n Var(w), for --depth propagation")
    command.add_argument("--bias-variance", default="0", metavar="Q", help="Var(b), for --depth propagation")
    command.add_argument(
        "--accuracy", action="store_true", help="bits that kernels lose of an --activation or a --loss, against mpmath"
    )
    command.add_argument("--notation", default="nielsen", metavar="NAME", help="how things are spelled")
    command.add_argument("--form", choices=("index", "matrix"), default="index")
    command.add_argument("--detail", choices=("steps", "result"), default="steps")
    command.add_argument("--cost", action="store_true", help="end with multiply-adds and the numbers kept")
    command.add_argument("--to", default="markdown", metavar="FORMAT", help="markdown, latex, tex, html, json")
    command.add_argument("-o", "--output", metavar="FILE")


def _matrices(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--recurrence", nargs="?", const="", metavar="MATRIX", help="W^n of h_t = W h_{t-1}: '1/2,a; 0,2', or of any W"
    )
    command.add_argument("--definiteness", metavar="MATRIX", help="of a symmetric matrix: '0,-p; -p,0'")
    command.add_argument("--critical-point", metavar="VALUES", help="of a network 1-1-1, with w^1=0,w^2=0,…: its kind")
    command.add_argument("--positive", default="", metavar="NAMES", help="letters of these that are positive: a,b")


def _draw(command: argparse.ArgumentParser) -> None:
    command.add_argument("what", choices=("activation", "variance", "gradients"), help="h with h', or layer by layer")
    command.add_argument("activation", metavar="NAME")
    command.add_argument("-o", "--output", required=True, metavar="FILE", help="an .svg, .png or .pdf")
    command.add_argument("--low", type=float, default=-5.0, metavar="Z", help="where an activation begins")
    command.add_argument("--high", type=float, default=5.0, metavar="Z", help="and where it ends")
    command.add_argument("--weight-variance", default="1", metavar="Q", help="n Var(w)")
    command.add_argument("--bias-variance", default="0", metavar="Q", help="Var(b)")
    command.add_argument("--layers", type=_positive, default=30, metavar="N")
    command.add_argument("--width", type=_positive, default=300, metavar="N")
    command.add_argument("--seed", type=_count, default=0, metavar="N")


def _check(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="*", metavar="PATH", help="notes, folders of notes, or - for standard input")
    command.add_argument("--model", metavar="SPEC", help='the network meant: "784-30-10 sigmoid half_squared_error"')
    command.add_argument("--notation", metavar="NAME", help="how the notes spell things")
    command.add_argument(
        "--format", default="text", metavar="FORMAT", help="text, json, jsonl, sarif, github, junit, html"
    )
    command.add_argument("--text", action="store_true", help="also judge formulas typed as plain text: ∂J/∂w_i = ε x_i")
    command.add_argument("--strict", action="store_true", help="also fail on what is undecided or not understood")
    command.add_argument("--require", type=_count, default=0, metavar="N", help="fail if fewer formulas are decided")
    command.add_argument("--timeout", type=_seconds, default=2.0, metavar="S", help="seconds for one formula")
    command.add_argument("--jobs", type=_count, default=1, metavar="N", help="worker processes; 0 is one a processor")
    command.add_argument("--seed", type=_count, default=0, metavar="N")
    command.add_argument("--no-cache", action="store_true", help="judge every formula anew, and keep no verdicts")
    command.add_argument("--clear-cache", action="store_true", help="forget the verdicts of earlier checks first")
    change = command.add_mutually_exclusive_group()
    change.add_argument("--diff", action="store_true", help="show the corrections as a unified diff")
    change.add_argument("--fix", action="store_true", help="make the corrections in the files")
    change.add_argument(
        "--explain-notation",
        action="store_true",
        help="print what was decided about every letter and why, as a comment block to paste and correct",
    )
    command.add_argument("--watch", action="store_true", help="check again whenever a note is saved, until Ctrl-C")
    command.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    command.add_argument("-q", "--quiet", action="store_true", help="print nothing if every formula passes")
    command.add_argument("-v", "--verbose", action="store_true", help="also list what is right, with its reasons")
    command.add_argument("-o", "--output", metavar="FILE")


def _run(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", metavar="SPEC", help="widths such as 2-4-1, or a TOML file")
    _network(command, "what suits the targets")
    command.add_argument(
        "--data",
        default="xor",
        metavar="NAME",
        help="xor, spirals, moons, circles, sine, iris, wine, breast_cancer, digits, FILE.csv or FILE.npz",
    )
    command.add_argument(
        "--target", metavar="COLUMN", help="the column of a CSV file to learn: its name, or number from 1"
    )
    command.add_argument("--validation", type=_share, metavar="SHARE", help="hold out this share (of tables: 1/5)")
    command.add_argument(
        "--standardise", action=argparse.BooleanOptionalAction, help="columns of mean 0 and variance 1 (of tables: yes)"
    )
    command.add_argument("--epochs", type=_positive, default=None, metavar="N", help="passes over the data")
    command.add_argument(
        "--early-stopping",
        type=_patience,
        metavar="N[,LEAST]",
        help="stop after N epochs whose loss held out is not better, by more than LEAST",
    )
    command.add_argument(
        "--schedule",
        default="constant",
        metavar="KIND",
        help="of the learning rate: cosine, step=100,1/2, warm_up=5+cosine",
    )
    command.add_argument(
        "--optimizer",
        default="momentum",
        metavar="NAME",
        help="sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw, clipped_sgd, clipped_sgd_by_value",
    )
    command.add_argument("--lr", type=_seconds, default=None, metavar="RATE", help="the learning rate")
    command.add_argument("--batch-size", type=_positive, default=None, metavar="N", help="samples a step (default: 50)")
    command.add_argument("--backend", default="numpy", metavar="NAME", help="numpy, c, jax or torch")
    command.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    command.add_argument("--seed", type=_count, default=0, metavar="N")
    command.add_argument(
        "--plot", metavar="FILE", help="losses, gradients and boundary: .svg, .png, .pdf (extra: plot)"
    )
    command.add_argument("--checkpoint", metavar="FILE", help="keep the state of training here after each epoch")
    command.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    command.add_argument(
        "--against", default="reference", metavar="NAME", help="reference, complex_step, torch, jax or autograd"
    )
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.add_argument("-o", "--output", metavar="FILE")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)


def _positive(text: str) -> int:
    if not _count(text):
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return int(text)


def _patience(text: str) -> tuple[int, float]:
    epochs, comma, least = text.partition(",")
    number = _quotient(least) if comma else 0.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{least!r} is not a number from 0, such as 1/1000")
    return _positive(epochs), number


def _quotient(text: str) -> float:
    """A number, or one over another; -1 for what is none."""
    above, _, below = text.partition("/")
    try:
        return float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        return -1.0


def _share(text: str) -> float:
    number = _quotient(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0, less than 1, such as 1/5")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number
