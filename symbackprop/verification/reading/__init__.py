"""From the LaTeX of a note to terms: the tree as written, what its letters mean, and the claims that it makes."""

from symbackprop.verification.reading.block import Block, read_block
from symbackprop.verification.reading.elaborate.blocks import with_assumption, with_block, with_given
from symbackprop.verification.reading.elaborate.results import Choice, Link, Reading
from symbackprop.verification.reading.elaborate.statements import read_formula
from symbackprop.verification.reading.explain import explain_notation
from symbackprop.verification.reading.scope import Scope

__all__ = [
    "Block",
    "Choice",
    "Link",
    "Reading",
    "Scope",
    "explain_notation",
    "read_block",
    "read_formula",
    "with_assumption",
    "with_block",
    "with_given",
]
