"""One chain of a derivation as a formula, in index form or in matrix form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from symbackprop.derivation import Step, matrix_form
from symbackprop.derivation.matrices import MatrixStep
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.letters import preferred, reworded
from symbackprop.rendering.matrices import write_matrix
from symbackprop.rendering.page import Formula, Row
from symbackprop.rendering.single import without_pairs, without_single_axes

Form = Literal["index", "matrix"]
Detail = Literal["steps", "result"]


def chain_formula(writer: Writer, chain: Sequence[Step], form: Form, detail: Detail) -> Formula:
    """The steps of one left side.

    ``result`` keeps the last one only. A chain whose result has no matrix form is written in index form: nothing is
    left out.
    """
    formula = _in_matrices(writer, chain) if form == "matrix" else None
    formula = formula or _in_indices(writer, chain)
    if detail == "steps":
        return formula
    return Formula(formula.lhs, (Row(formula.rows[-1].rhs, "", formula.rows[-1].provided),))


def _in_indices(writer: Writer, chain: Sequence[Step]) -> Formula:
    """The chain entry by entry, in the notation's index letters."""
    sides, gone = without_single_axes([chain[0].lhs, *(step.rhs for step in chain)], writer.quantities)
    renaming = preferred(sides, writer.notation, writer.quantities)
    lhs, *rights = (writer.write(side.xreplace(renaming)) for side in sides)
    rows: list[Row] = []
    for step, right in zip(chain, rights, strict=True):
        provided = tuple(reworded(words, renaming, writer.notation) for words in step.provided)
        if rows and rows[-1].rhs == right:
            rows[-1] = replace(rows[-1], provided=(*rows[-1].provided, *provided))
        else:
            because = reworded(without_pairs(step.because, gone), renaming, writer.notation)
            rows.append(Row(right, because, provided))
    return Formula(lhs, tuple(rows))


def _in_matrices(writer: Writer, chain: Sequence[Step]) -> Formula | None:
    """The chain in matrix notation, without the steps that have none; ``None`` if the result is one of them."""
    steps = [matrix_form(step, writer.quantities) for step in chain]
    last = steps[-1]
    if not isinstance(last, MatrixStep):
        return None
    rows: list[Row] = []
    reason = ""
    for own, step in zip(chain, steps, strict=True):
        # A reason that speaks of indices says nothing here; that of the steps left out leads to the same place.
        said = reworded(own.because, {}, writer.notation)
        reason = reason or ("" if "$" in said else said)
        if isinstance(step, MatrixStep):
            provided = tuple(reworded(words, {}, writer.notation) for words in step.provided)
            rows.append(Row(write_matrix(writer, step.rhs), reason, provided))
            reason = ""
    return Formula(write_matrix(writer, last.lhs), tuple(rows))
