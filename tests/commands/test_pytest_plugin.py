"""The pytest plugin: one test a formula, with the outcome that its verdict deserves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from junitparser import JUnitXml

ROOT = Path(__file__).resolve().parents[2]

NOTE = r"""$\tanh'(z) = 1 - \tanh(z)^2$
$\tanh'(z) = 1 + \tanh(z)^2$
<!-- symbackprop-expect: refuted --> $\tanh'(z) = 2 - \tanh(z)^2$
<!-- symbackprop-expect: refuted --> $\tanh'(z) = 1 - \tanh(z)^2$
the $\tanh$ is odd
"""


def pytest_on(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest by itself, with the plugin loaded from here whether or not the package is installed."""
    plugins = ("-p", "no:symbackprop", "-p", "symbackprop.pytest_plugin", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *plugins, "--rootdir", str(folder), *arguments, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, encoding="utf-8")


def test_a_formula_is_a_test(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text(NOTE, encoding="utf-8")
    done = pytest_on(tmp_path, "--symbackprop", "-rA", "--junitxml", str(tmp_path / "junit.xml"))
    assert done.returncode == 1
    for line in (
        "PASSED note.md::1:2",
        "FAILED note.md::2:2",
        "XFAIL note.md::3:39",
        "FAILED note.md::4:39",
    ):
        assert line in done.stdout, done.stdout
    assert "SKIPPED [1]" in done.stdout and "there is no relation to judge" in done.stdout
    assert "note.md:2:2: error: the two sides differ" in done.stdout
    assert "Traceback" not in done.stdout
    (suite,) = JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert (suite.tests, suite.failures, suite.skipped) == (5, 2, 2)


def test_what_cannot_be_checked_says_why_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes(b"$x = \xe9$")
    (tmp_path / "block.md").write_text("<!-- symbackprop\nmodal: 1\n-->\n$x = x$\n", encoding="utf-8")
    (tmp_path / "key.md").write_text("<!-- symbackprop\nsymbols: {x: vektor}\n-->\n$1 = 1$\n", encoding="utf-8")
    done = pytest_on(tmp_path, "--symbackprop", "--continue-on-collection-errors")
    assert done.returncode == 1 and "Traceback" not in done.stdout and "pytest_plugin.py" not in done.stdout
    for said in ("latin.md: not UTF-8 at byte 5", "no key named 'modal'", "key.md:2: comment block: symbol 'x'"):
        assert said in done.stdout, done.stdout


def test_nothing_is_collected_without_the_flag(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text(NOTE, encoding="utf-8")
    done = pytest_on(tmp_path)
    assert done.returncode == 5 and "no tests ran" in done.stdout
    (tmp_path / "pytest.ini").write_text("[pytest]\nsymbackprop = true\n", encoding="utf-8")
    assert pytest_on(tmp_path, "--collect-only", "-q").stdout.count("note.md::") == 5


def test_the_plugin_imports_nothing_heavy() -> None:
    code = "import sys, pytest, symbackprop.pytest_plugin; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"sympy", "numpy", "latex2sympy2", "markdown_it"} & set(done.stdout.split())
