"""Where the text of a command goes: standard output, or a file that is either the old one or the whole new one."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from symbackprop.errors import InvalidSpec


def deliver(text: str, output: str | None) -> None:
    """Print ``text``, or write it to the file ``output`` and say so on standard error."""
    if output is None or output == "-":
        sys.stdout.write(text)
        return
    write_file(Path(output), text)
    print(f"wrote {output}", file=sys.stderr)


def check_place(target: str) -> Path:
    """The path of a file to write; an error before anything is computed if there is no folder for it."""
    path = Path(target)
    if path.is_dir():
        raise InvalidSpec(f"{target}: cannot be written: it is a folder")
    if not path.parent.is_dir():
        raise InvalidSpec(f"{target}: cannot be written: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InvalidSpec(f"{target}: cannot be written: there is no permission to")
    return path


def write_file(path: Path, text: str) -> None:
    """Replace a file in one step; what is not a regular file (a device, a pipe) is written to as it is."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="")
            return
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
