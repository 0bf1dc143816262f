"""Samples with their targets, and CSV files of them: every number is checked, and a bad one named with its place."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InvalidSpec

Matrix: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = list[tuple[int, list[str]]]


@dataclass(frozen=True, eq=False)
class Table:
    """X (samples, inputs) and Y (samples, targets), and by name what a model is ``given`` besides (masks, tokens).

    Where the target is a class, Y is one column of the numbers of ``classes``, from 0.
    """

    X: Matrix
    Y: Matrix
    classes: tuple[str, ...] = ()
    given: Mapping[str, Matrix] = field(default_factory=dict)

    @classmethod
    def of_classes(cls, X: Matrix, labels: Sequence[object]) -> Table:
        """A table whose target is a class, from one label a row; classes are in the order of their labels.

        >>> table = Table.of_classes(np.zeros((3, 1)), ["b", "a", "b"])
        >>> table.classes, table.Y.ravel().tolist()
        (('a', 'b'), [1.0, 0.0, 1.0])
        """
        known, numbers = np.unique(np.asarray(labels), return_inverse=True)
        return cls(X, numbers.reshape(-1, 1).astype(float), tuple(map(str, known)))


def read_csv(path: str | Path, target: str | None = None, n_in: int | None = None) -> Table:
    """A CSV file with one sample a line, separated by commas, semicolons or tabs.

    ``target`` is a column by its name in the first line or by its number from 1, and all others are inputs. Without it
    the first ``n_in`` columns (or all but one) are inputs and the rest targets. A target of words is a class;
    everything else is a finite number. A first line without a number is one of names.
    """
    names, rows = _read(path)
    width = len(rows[0][1])
    for number, row in rows:
        if len(row) != width:
            raise InvalidSpec(f"{path}:{number}: {len(row)} columns where the first line of data has {width}")
    if target is None:
        inputs = width - 1 if n_in is None else n_in
        if not 1 <= inputs < width:
            raise InvalidSpec(f"{path}: {width} columns, expected {max(inputs, 1)} inputs and then at least one target")
        columns, wanted = list(range(inputs)), list(range(inputs, width))
    else:
        place = _column(path, target, names, width)
        columns, wanted = [k for k in range(width) if k != place], [place]
        if not columns:
            raise InvalidSpec(f"{path}: {target!r} is the only column, so there are no inputs")
    X = _numbers(path, rows, columns, names)
    if len(wanted) == 1:
        labels = [row[wanted[0]].strip() for _, row in rows]
        if all(labels) and not any(_is_a_number(label) for label in labels):
            return Table.of_classes(X, labels)
    return Table(X, _numbers(path, rows, wanted, names))


def read_npz(path: str | Path) -> Table:
    """A file of NumPy arrays, as ``numpy.savez`` writes it: X, Y, and what else a model is given, by its name.

    Arrays of anything but finite numbers are an :class:`~symbackprop.errors.InvalidSpec`.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in sorted(stored.files)}
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise InvalidSpec(f"{path}: cannot be read as .npz: {error}") from None
    for name in ("X", "Y"):
        if name not in arrays:
            raise InvalidSpec(f"{path}: no array {name}; there are: {', '.join(arrays) or 'none'}")
    for name, array in arrays.items():
        known = isinstance(array, np.ndarray) and array.dtype.kind in "biuf"
        if not known or not np.isfinite(array).all():
            raise InvalidSpec(f"{path}: {name} is not made of finite numbers")
    X, Y, given = arrays.pop("X"), arrays.pop("Y"), {name: array.astype(float) for name, array in arrays.items()}
    return Table(*checked_pair(X.astype(float), Y.astype(float)), given=given)


def checked_pair(X: Matrix, Y: Matrix) -> tuple[Matrix, Matrix]:
    """X and Y themselves; an error where they are not of one sample a row."""
    if X.ndim > 1 and Y.ndim > 1 and not len(X) and not len(Y):
        raise InvalidSpec("the data have no samples")
    if X.ndim < 2 or Y.ndim < 2 or len(X) != len(Y) or not len(X):
        raise InvalidSpec(
            f"data is a pair X (samples, inputs), Y (samples, outputs); the shapes are {X.shape} and {Y.shape}"
        )
    return X, Y


def _read(path: str | Path) -> tuple[list[str], Rows]:
    """The names of the columns, if there are any, and the lines with data, numbered."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        first = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(",;\t", key=first.count)
        lines = csv.reader(text.splitlines(), delimiter=separator)
        rows = [(number, row) for number, row in enumerate(lines, start=1) if any(map(str.strip, row))]
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidSpec(f"{path}:{line}: cannot be read as CSV: it is no UTF-8; save it in that encoding") from None
    except csv.Error as error:
        raise InvalidSpec(f"{path}: cannot be read as CSV: {error}") from None
    names: list[str] = []
    if rows and not any(_is_a_number(cell) for cell in rows[0][1]):
        names = [cell.strip() for cell in rows[0][1]]
        rows = rows[1:]
    if not rows:
        raise InvalidSpec(f"{path}: no line with numbers; expected one sample a line, targets last")
    return names, rows


def _column(path: str | Path, target: str, names: list[str], width: int) -> int:
    if names.count(target) > 1:
        raise InvalidSpec(f"{path}: {names.count(target)} columns are named {target!r}; give the number, 1 to {width}")
    if target in names:
        return names.index(target)
    if target.isdecimal() and 1 <= int(target) <= width:
        return int(target) - 1
    known = f"named {', '.join(names)}, or " if names else ""
    raise InvalidSpec(f"{path}: no column {target!r}; columns are {known}numbered 1 to {width}")


def _is_a_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _hint(rows: Rows, column: int) -> str:
    """What to say of a column with many words in it."""
    words = sum(not _is_a_number(row[column]) for _, row in rows)
    return "; a column of words is a class if no line has a number there, or nothing" if 4 * words >= len(rows) else ""


def _numbers(path: str | Path, rows: Rows, columns: list[int], names: list[str]) -> Matrix:
    table = np.empty((len(rows), len(columns)))
    for line, (number, row) in enumerate(rows):
        for place, column in enumerate(columns):
            cell = row[column]
            if not (_is_a_number(cell) and np.isfinite(float(cell))):
                known = f" ({names[column]})" if column < len(names) else ""
                where = f"{path}:{number}: column {column + 1}{known}"
                said = f"is {cell!r}" if cell.strip() else "is empty"
                raise InvalidSpec(f"{where} {said}, expected a finite number such as -1.5{_hint(rows, column)}")
            table[line, place] = float(cell)
    return table
