"""What the Python files of ``derivations/`` declare, with a title and words from their docstrings."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from symbackprop.errors import InvalidSpec


def declared(path: Path, needed: tuple[str, ...]) -> tuple[ModuleType, str, str]:
    """Run a file; the module, the first line of its docstring and the rest of it.

    A file without a docstring or without one of the names ``needed`` raises :class:`InvalidSpec`.
    """
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InvalidSpec(f"{path}: not a Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    missing = [name for name in needed if not hasattr(module, name)]
    if missing or not module.__doc__:
        raise InvalidSpec(f"{path}: it needs a docstring and {', '.join(needed)}; it lacks {missing or 'the first'}")
    title, _, words = module.__doc__.strip().partition("\n")
    return module, title, words.strip()
