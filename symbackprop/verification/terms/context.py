"""What is known when a claim is judged: tensors with their shapes, definitions, functions, labels and assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.counting import Counting
from symbackprop.verification.terms.nodes import Axis, Relation, Term

PRODUCT = "∏"  #: how the name of a family begins whose members are the products of m matrices
DIRECT = "∂⁺"  #: how the name of a family begins that is another one with what is of the same time put in
WRITTEN_OUT = "∎"  #: how the name of a matrix begins that is written out and has no letter of its own


@dataclass(frozen=True, slots=True)
class Tensor:
    """A letter of the note: its axes, and how many labels its family has.

    The axes of a family are written with the pattern symbols ``labels`` (``W^{(l)}`` over ``n_l`` and ``n_{l-1}``).
    ``mean`` and ``variance`` are set for a random tensor with independent entries, independent of all other letters;
    ``law`` is theirs where it is stated: "normal", "uniform", "bernoulli", or "symmetric" about the mean.
    ``inverse_of`` names the square matrix of which this one is the inverse, ``determinant_of`` the one of which this
    number is the determinant.
    """

    name: str
    axes: tuple[Axis, ...] = ()
    labels: tuple[str, ...] = ()
    mean: Term | None = None
    variance: Term | None = None
    inverse_of: str | None = None
    law: str = ""
    determinant_of: str | None = None

    @property
    def matrix(self) -> str | None:
        """The matrix from whose entries this letter is worked out."""
        return self.inverse_of or self.determinant_of


@dataclass(frozen=True, slots=True)
class Definition:
    """``name^{labels}_{indices} := body``.

    A label is a number (this member only) or a bare symbol (every member, ``body`` written with that symbol); the
    indices are bare symbols, one an axis. A definition for a number comes before one for a symbol.
    """

    name: str
    labels: tuple[Affine, ...]
    indices: tuple[str, ...]
    body: Term


@dataclass(frozen=True, slots=True)
class Family:
    """The numbering of layers or times of the labelled families: ``first`` is the lowest with a definition.

    ``last`` is the symbol of the last number (L, T). ``running`` symbols range over first … last. Members of families
    below ``first`` are free inputs. ``counting`` says which numbers the note writes for them.
    """

    running: frozenset[str] = frozenset()
    last: str | None = None
    first: int = 1
    counting: Counting = Counting()


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a claim is judged against.

    ``unknown`` names the unknown functions. ``assumptions`` hold for all values of their free indices (given with
    their axes in ``free``). ``words`` are the assumptions in words that every verdict carries (conventions).
    ``slopes`` are the stated derivatives of unknown functions, as terms in the ``x`` of the table of functions.
    """

    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    unknown: frozenset[str] = frozenset()
    family: Family = Family()
    assumptions: tuple[tuple[tuple[tuple[str, Axis], ...], Relation], ...] = ()
    words: tuple[str, ...] = ()
    slopes: tuple[tuple[str, Term], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """``left = right`` (or another relation) for all values of the ``free`` indices, where the ``conditions`` hold.

    A free index has an axis; a free label symbol (l, t) belongs to the family of the context and is not listed.
    """

    left: Term
    right: Term
    free: tuple[tuple[str, Axis], ...] = ()
    conditions: tuple[Relation, ...] = ()
