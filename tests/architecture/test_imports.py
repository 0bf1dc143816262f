"""The order of imports, and what importing the package may cost."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import symbackprop
from symbackprop.activations import activations
from symbackprop.initializers import initializers
from symbackprop.losses import losses
from symbackprop.optimizers import optimizers
from symbackprop.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "symbackprop"
HEAVY = ("sympy", "numpy", "scipy", "latex2sympy2", "flint", "ziamath", "markdown_it", "yaml")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter of the tests from the root of the checkout, which is importable there."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_import_contracts_are_kept() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = run("-c", code)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_package_imports_nothing_heavy() -> None:
    done = run("-c", "import sys, symbackprop; print(*sorted(sys.modules))")
    assert done.returncode == 0, done.stderr
    assert not set(HEAVY) & set(done.stdout.split())


@pytest.mark.parametrize("name", symbackprop.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(symbackprop, name) is not None


REGISTRIES = [activations, initializers, losses, optimizers]


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_every_declaration_is_a_public_name(registry: Registry[object]) -> None:
    assert set(registry) <= set(symbackprop.__all__)
    for name, entry in registry.items():
        assert getattr(symbackprop, name) is entry


def test_type_checkers_see_every_public_name() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    seen = {alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen - {None} == set(symbackprop.__all__) - {"__version__"}


def test_an_unknown_public_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'deriv'"):
        symbackprop.deriv  # noqa: B018


def loaded_by(*arguments: str) -> set[str]:
    """The modules that the command line loads for these arguments."""
    code = (
        "import sys, symbackprop.cli as cli\n"
        "try:\n    cli.main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print('loaded', *sys.modules)"
    )
    done = run("-c", code, *arguments)
    return set(done.stdout.rpartition("loaded")[2].split())


def test_help_is_cheap() -> None:
    """It loads none of the heavy libraries, and none of the rooms that do the work."""
    loaded = loaded_by("--help")
    assert "symbackprop.cli" in loaded and not loaded & set(HEAVY)
    assert not any(name.startswith(("symbackprop.derivation", "symbackprop.verification")) for name in loaded)


def test_a_command_that_derives_is_seen_to_load() -> None:
    assert {"sympy", "symbackprop.derivation"} <= loaded_by("derive", "--activation", "tanh")


FORBIDDEN_CALLS = {"eval", "exec", "sympify", "parse_expr", "S", "__import__", "lambdify", "srepr", "latex2latex"}
FORBIDDEN_CALLS |= {"simplify", "nsimplify", "solve", "integrate", "equals"}  # they may hang


def forbidden_calls(source: str) -> list[str]:
    """Calls by which text could become code."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = [c.func.attr if isinstance(c.func, ast.Attribute) else getattr(c.func, "id", "") for c in calls]
    return sorted(FORBIDDEN_CALLS & set(names))


def test_forbidden_calls_are_seen() -> None:
    assert forbidden_calls("x = sympy.sympify(text); eval(text)") == ["eval", "sympify"]


@pytest.mark.parametrize("path", sorted((PACKAGE / "verification").rglob("*.py")), ids=lambda p: p.stem)
def test_no_text_of_a_note_can_become_code(path: Path) -> None:
    assert forbidden_calls(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_rooms_are_described_and_functions_stay_short(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.name != "__main__.py":
        assert "to be written" not in (ast.get_docstring(tree) or "to be written")
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions if f.end_lineno and f.end_lineno - f.lineno >= 50] == []
