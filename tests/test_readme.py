"""The README is true: its sessions print what it shows, its links lead somewhere, its picture is what is derived."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from pytest import approx

from symbackprop.cli import parser

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```console\n\$ symbackprop ([^\n]*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^symbackprop ([^#\n]*)", TEXT, re.MULTILINE)
NUMBERS = re.compile(r"\d\.\d+(e-\d+)?")


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=folder)


@pytest.mark.parametrize(("arguments", "shown"), SESSIONS, ids=[arguments for arguments, _ in SESSIONS])
def test_a_session_prints_what_is_shown(arguments: str, shown: str) -> None:
    """Up to the last digits of floating-point numbers, which differ between machines."""
    done = run(sys.executable, "-m", "symbackprop", *arguments.split(), folder=ROOT / "symbackprop" / "commands")
    assert done.stderr == ""
    assert NUMBERS.sub("0", done.stdout) == NUMBERS.sub("0", shown)


def test_every_command_is_one_of_the_command_line() -> None:
    assert len(SESSIONS) >= 2 and len(COMMANDS) >= 8
    for command in COMMANDS:
        words = shlex.split(command)
        if words != ["--help"]:
            parser().parse_args(words)


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links and all((ROOT / link).exists() for link in links)


NUMBER = re.compile(r"-?\d+\.?\d*")


def test_the_picture_is_what_is_derived() -> None:
    code = "import runpy; print(runpy.run_path('docs/picture.py')['picture'](), end='')"
    done = run(sys.executable, "-c", code, folder=ROOT)
    stored = (ROOT / "docs" / "backpropagation.svg").read_text(encoding="utf-8")
    # Python 3.12 adds floats more exactly, so the last digit of a coordinate depends on the version.
    assert NUMBER.sub("#", done.stdout) == NUMBER.sub("#", stored), done.stderr
    assert [float(n) for n in NUMBER.findall(done.stdout)] == approx(
        [float(n) for n in NUMBER.findall(stored)], abs=0.01
    )
