"""The command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from symbackprop import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="symbackprop")
    parser.add_argument("--version", action="version", version=f"symbackprop {__version__}")
    parser.parse_args(arguments)
    return 0
