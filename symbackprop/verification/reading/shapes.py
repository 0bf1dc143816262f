"""Arrays during the reading of a formula: their axes, an entry for given indices, and the products that shapes allow.

A vector has one axis, a row is a matrix with a first axis of size 1, a scalar has none. Where a product has several
readings all are returned, the most usual with the lowest cost; what does not fit raises ``Misfit``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from symbackprop.verification.reading.composites import FIRST as FIRST
from symbackprop.verification.reading.composites import ONE as ONE
from symbackprop.verification.reading.composites import same, summed
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.counting import Counting
from symbackprop.verification.terms.nodes import Add, Axis, Mul, Num, Pow, Term

#: Product signs whose meaning the shapes tell; "" stands for none.
ENTRYWISE = (r"\odot", r"\circ")
OPERATORS = ("", r"\cdot", r"\times", "*", r"\ast", r"\odot", r"\circ", "×", "·")

Indices: TypeAlias = tuple[Affine, ...]
Fresh: TypeAlias = Callable[[str], str]

OPEN = "dim"  # how the name of an axis starts whose length nothing says
ROW_WORDS = "a vector to the left of a matrix is read as a row"
FLAT_WORDS = "vectors beside each other are multiplied entry by entry"
CIRCLED_WORDS = "⊗ is read as the product entry by entry"
DOT_WORDS = "vectors beside each other are read as their dot product"
ENTRYWISE_WORDS = "the product of matrices is taken entry by entry"
MATRIX_WORDS = "the product of matrices is the sum over the index between them"
POWER_WORDS = "the power of an array is taken entry by entry"


Ones: TypeAlias = Literal["", "column", "row", "full"]
_TURNED: dict[Ones, Ones] = {"column": "row", "row": "column", "full": "full", "": ""}


@dataclass(frozen=True)
class Array:
    """Axes and, for one index an axis, the entry as a term; ``sure`` is false where a rank was guessed.

    ``cost`` counts unusual readings, ``words`` name the conventions taken. ``ones`` marks ones of which the
    surroundings tell how many: a column, a row, or a full matrix of them; ``suspect`` a number that may well be an
    array of undeclared shape; ``eye`` a multiple of the identity matrix whose size its surroundings tell; ``spread`` a
    matrix to whose entries a number is added (``1 - A``): whoever writes so multiplies entry by entry as well.
    """

    axes: tuple[Axis, ...]
    at: Callable[[Indices], Term]
    cost: int = 0
    words: tuple[str, ...] = ()
    sure: bool = True
    ones: Ones = ""
    suspect: bool = False
    eye: bool = False
    spread: bool = False

    def noted(self, *words: str, cost: int = 0) -> Array:
        """The same array with more conventions on record."""
        return replace(self, words=merge_words(self.words, words), cost=self.cost + cost)


class Misfit(Exception):
    """Two shapes that do not go together; ``sure`` tells whether both were declared or derived.

    Axes of which nothing says how long they are may agree with any.
    """

    def __init__(self, left: tuple[Axis, ...], right: tuple[Axis, ...], what: str, sure: bool = True) -> None:
        super().__init__(f"{what}: {show_shape(left)} and {show_shape(right)} do not fit")
        pairs = zip(left, right, strict=False) if len(left) == len(right) else ()
        opened = any(a != b and (a.name.startswith(OPEN) or b.name.startswith(OPEN)) for a, b in pairs)
        self.left, self.right, self.what, self.sure = left, right, what, sure and not opened

    def written(self, counting: Counting) -> Misfit:
        """The same with the layers numbered as the note numbers them."""
        left, right = (
            tuple(replace(axis, labels=tuple(counting.written(label) for label in axis.labels)) for axis in axes)
            for axes in (self.left, self.right)
        )
        return Misfit(left, right, self.what, self.sure)

    @property
    def shown(self) -> tuple[str, str]:
        """Both shapes in words."""
        return show_shape(self.left), show_shape(self.right)


def show_axis(axis: Axis) -> str:
    r"""The size as a reader would write it.

    >>> show_axis(Axis("n", (Affine.symbol("l") - 1,))), show_axis(Axis("3", (), 3))
    ('n_{l - 1}', '3')
    """
    if axis.size is not None:
        return str(axis.size)
    labels = ", ".join(str(label) for label in axis.labels)
    return f"{axis.name}_{{{labels}}}" if labels else axis.name


def show_shape(axes: tuple[Axis, ...]) -> str:
    """Words for a shape: scalar, vector (n), matrix (m, n), tensor (a, b, c)."""
    if not axes:
        return "a scalar"
    kind = {1: "a vector", 2: "a matrix"}.get(len(axes), "a tensor")
    return f"{kind} ({', '.join(show_axis(axis) for axis in axes)})"


def merge_words(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for group in groups for word in group))


def number(value: int | Fraction) -> Num:
    return Num(Fraction(value))


def scalar(term: Term, sure: bool = True) -> Array:
    return Array((), lambda _: term, sure=sure)


def negated(array: Array) -> Array:
    return replace(array, at=lambda idx: Mul((number(-1), array.at(idx))))


def join(parts: tuple[Array, ...], axes: tuple[Axis, ...], at: Callable[[Indices], Term], cost: int = 0) -> Array:
    """A new array from parts, carrying on their costs and words."""
    words = merge_words(*(part.words for part in parts))
    return Array(axes, at, cost + sum(p.cost for p in parts), words, all(p.sure for p in parts))


def mapped(array: Array, function: Callable[[Term], Term]) -> Array:
    """A scalar function of every entry."""
    return replace(array, at=lambda idx: function(array.at(idx)), ones="", eye=False)


def squeezed(array: Array) -> Array:
    """A single entry, whatever its shape is called, is a scalar."""
    if array.axes and all(axis == ONE for axis in array.axes):
        places = (FIRST,) * len(array.axes)
        return replace(array, axes=(), at=lambda _: array.at(places))
    return array


def as_vector(column: Array) -> Array:
    """A matrix of one column as the vector that it is."""
    return replace(column, axes=column.axes[:1], at=lambda idx: column.at((*idx, FIRST)))


def transposed(array: Array) -> Array:
    """A vector turns into a row; a row into a vector; a matrix swaps its axes."""
    if not array.axes:
        if not array.sure:
            raise Misfit((), (), "the transpose of something whose shape is not declared", False)
        return replace(array, ones=_TURNED[array.ones])
    if len(array.axes) == 1:
        return replace(array, axes=(ONE, array.axes[0]), at=lambda idx: array.at(idx[1:]))
    if len(array.axes) == 2 and array.axes[0] == ONE:
        return replace(array, axes=array.axes[1:], at=lambda idx: array.at((FIRST, *idx)))
    if len(array.axes) == 2:
        return replace(array, axes=array.axes[::-1], at=lambda idx: array.at(idx[::-1]))
    raise Misfit(array.axes, (), "only a matrix can be transposed", array.sure)


def contracted(left: Array, right: Array, fresh: Fresh) -> Array:
    """Sum over the last axis of the left and the first of the right array."""
    axis, cut = left.axes[-1], len(left.axes) - 1

    def at(idx: Indices) -> Term:
        return summed(axis, fresh, lambda k: Mul((left.at((*idx[:cut], k)), right.at((k, *idx[cut:])))))

    if axis == ONE:
        joined = join(
            (left, right),
            left.axes[:-1] + right.axes[1:],
            lambda idx: Mul((left.at((*idx[:cut], FIRST)), right.at((FIRST, *idx[cut:])))),
        )
    else:
        joined = join((left, right), left.axes[:-1] + right.axes[1:], at)
    return squeezed(_without_unit(joined))


def _without_unit(array: Array) -> Array:
    """A leading axis of size 1 before more than one other is no row of anything."""
    if len(array.axes) > 2 and array.axes[0] == ONE:
        return replace(array, axes=array.axes[1:], at=lambda idx: array.at((FIRST, *idx)))
    return array


def outer(left: Array, right: Array) -> Array:
    """A vector times a row."""
    row = right.axes[0]
    assert row == ONE
    return join(
        (left, right), (*left.axes, *right.axes[1:]), lambda idx: Mul((left.at(idx[:1]), right.at((FIRST, *idx[1:]))))
    )


def scaled(left: Array, right: Array) -> Array:
    """A scalar times any array, in either order."""
    axes = left.axes or right.axes

    def at(idx: Indices) -> Term:
        return Mul((left.at(idx if left.axes else ()), right.at(idx if right.axes else ())))

    ones = left.ones or right.ones if not axes and not (left.eye or right.eye) else ""
    return replace(join((left, right), axes, at), eye=not axes and (left.eye or right.eye), ones=ones)


def hadamard(left: Array, right: Array) -> Array:
    """The product entry by entry; a scalar goes with every entry."""
    if not left.axes or not right.axes:
        return scaled(left, right)
    if left.axes != right.axes:
        both = aligned((left, right), "the product entry by entry")
        left, right = both
    return join((left, right), left.axes, lambda idx: Mul((left.at(idx), right.at(idx))))


def _mixed(parts: tuple[Array, ...]) -> bool:
    return any(part.eye for part in parts) and any(not part.eye and not part.axes for part in parts)


def aligned(parts: tuple[Array, ...], what: str) -> tuple[Array, ...]:
    """The parts on common axes: scalars go with every entry, a row or vector with every row or column of a matrix.

    Raises:
        Misfit: two shapes have no common one.
    """
    if _mixed(parts):
        raise Misfit((), (), f"{what} of a number and the identity matrix", False)
    target = max((part.axes for part in parts), key=lambda axes: (len(axes), sum(a != ONE for a in axes)))
    return tuple(_spread(part, target, what) for part in parts)


def _spread(part: Array, target: tuple[Axis, ...], what: str) -> Array:
    if part.axes == target:
        return part
    if part.eye and len(target) == 2 and target[0] == target[1]:
        return sized(part, target[0])
    if not part.axes:
        return replace(part, axes=target, at=lambda _: part.at(()))
    if len(target) == 2 and len(part.axes) == 2 and all(a in (ONE, t) for a, t in zip(part.axes, target, strict=True)):
        units = tuple(a == ONE for a in part.axes)
        spread = lambda idx: part.at(tuple(FIRST if u else i for u, i in zip(units, idx, strict=True)))  # noqa: E731
        return replace(part, axes=target, at=spread).noted("a row or column is added to every row or column")
    if len(target) == 2 and len(part.axes) == 1 and part.axes[0] in target and target[0] != target[1]:
        place = target.index(part.axes[0])
        word = "a vector is added to every " + ("column" if place == 0 else "row")
        return replace(part, axes=target, at=lambda idx: part.at((idx[place],))).noted(word, cost=1)
    raise Misfit(part.axes, target, what, part.sure)


def sized(eye: Array, axis: Axis) -> Array:
    """A multiple of the identity matrix with rows along ``axis``."""
    return replace(eye, axes=(axis, axis), at=lambda idx: Mul((same(idx[0], idx[1], axis), eye.at(()))), eye=False)


def filled(ones: Array, axis: Axis) -> Array:
    """A multiple of the square matrix of ones with rows along ``axis``."""
    return replace(ones, axes=(axis, axis), at=lambda _: ones.at(()), ones="")


def added(parts: tuple[Array, ...]) -> Array:
    """The sum of arrays on common axes.

    Raises:
        Misfit: two terms have different shapes.
    """
    terms = aligned(parts, "a sum")
    total = join(terms, terms[0].axes, lambda idx: Add(tuple(term.at(idx) for term in terms)))
    wide = len(total.axes) == 2 and ONE not in total.axes and any(not p.axes and not (p.eye or p.ones) for p in parts)
    cheaper = int(wide and POWER_WORDS in total.words)  # the 2 of 1 - A^2 is as likely a power of every entry
    spread = wide or any(part.spread for part in parts)
    return replace(total, eye=all(term.eye for term in terms), spread=spread, cost=total.cost - cheaper)


def divided(left: Array, right: Array) -> Array:
    """A quotient entry by entry, or by a scalar.

    Raises:
        Misfit: both are arrays of different shapes.
    """
    inverse = mapped(right, lambda term: Pow(term, number(-1)))
    return hadamard(left, inverse)


def multiplied(left: Array, right: Array, operator: str, fresh: Fresh) -> list[Array]:
    """Every reading of a product of two arrays, the usual ones first.

    Raises:
        Misfit: no reading fits.
    """
    if left.ones and right.ones:
        return [_two_of_ones(left, right)]
    left, right = _fit_ones(left, right)
    if operator not in OPERATORS:
        return _tensor_products(left, right, operator)
    if not left.axes or not right.axes:
        dotted = operator == r"\cdot" and DOT_WORDS in (*left.words, *right.words) and len(left.axes + right.axes) == 1
        return [_with_number(left, right).noted(cost=int(dotted))]  # e · a · b is as likely a product of entries
    products = [] if operator in ENTRYWISE else _matrix_products(left, right, fresh)
    if operator == r"\cdot" and products and len(left.axes) == len(right.axes) == 1 and DOT_WORDS in products[-1].words:
        products[-1] = products[-1].noted(cost=-1)  # a dot between vectors is first of all the dot product
    found = _by_entries(products, left, right, operator)
    if operator == r"\cdot" and left.axes == right.axes and left.axes[0] == ONE:
        found.append(contracted(left, transposed(right), fresh).noted(DOT_WORDS, cost=1))
    if not found:
        raise Misfit(left.axes, right.axes, "a product", left.sure and right.sure)
    return found


def _by_entries(products: list[Array], left: Array, right: Array, operator: str) -> list[Array]:
    """The products of matrices with the product entry by entry, where the sign or habit lets it be meant."""
    if operator in ENTRYWISE:
        return [hadamard(left, right)]
    if left.axes != right.axes:
        return products
    if len(left.axes) == 1 or ONE in left.axes and operator == "":
        again = FLAT_WORDS in (*left.words, *right.words)  # one convention, however often
        return [*products, hadamard(left, right).noted(FLAT_WORDS, cost=int(not again))]
    spread = left.spread or right.spread
    if operator == "" and not spread:
        return products
    entries = replace(hadamard(left, right), spread=spread)
    if not products:
        return [entries]
    return [*(product.noted(MATRIX_WORDS) for product in products), entries.noted(ENTRYWISE_WORDS)]


def _with_number(left: Array, right: Array) -> Array:
    if (left.suspect or right.suspect) and (left.axes or right.axes):
        raise Misfit(left.axes, right.axes, "a product with a capital letter whose shape is not declared", False)
    return scaled(left, right)


def _tensor_products(left: Array, right: Array, operator: str) -> list[Array]:
    r"""``\otimes`` of two vectors is their outer product, or ⊙ where only that fits; other signs are not guessed."""
    if operator == r"\otimes" and len(left.axes) == len(right.axes) == 1:
        flat = [hadamard(left, right).noted(CIRCLED_WORDS, cost=1)] if left.axes == right.axes else []
        return [outer(left, transposed(right)), *flat]
    raise Misfit(left.axes, right.axes, f"the product sign {operator} is not understood", False)


def _matrix_products(left: Array, right: Array, fresh: Fresh) -> list[Array]:
    if len(left.axes) >= 2 and left.axes[-1] == right.axes[0]:
        return [contracted(left, right, fresh)]
    if len(left.axes) != 1:
        return []
    if len(right.axes) == 2 and right.axes[0] == ONE:
        return [outer(left, right)]
    if left.axes[0] != right.axes[0]:
        return []
    if len(right.axes) == 1:
        return [contracted(left, right, fresh).noted(DOT_WORDS, cost=1)]
    return [_row_product(left, right, fresh)]


def _row_product(left: Array, right: Array, fresh: Fresh) -> Array:
    return contracted(left, right, fresh).noted(ROW_WORDS, cost=1)


def _two_of_ones(left: Array, right: Array) -> Array:
    r"""``\mathbf{1} \mathbf{1}^T`` is a matrix of ones; how many ``\mathbf{1}^T \mathbf{1}`` counts nobody says."""
    if (left.ones, right.ones) != ("column", "row"):
        raise Misfit((), (), "ones of a length that nothing tells", False)
    return replace(scaled(left, right), ones="full")


def _fit_ones(left: Array, right: Array) -> tuple[Array, Array]:
    r"""Give a bold one the length its neighbour asks for: ``X \mathbf{1}`` sums rows, ``\mathbf{1}^T x`` entries."""
    if right.ones and left.axes:
        shape: tuple[Axis, ...] = (left.axes[-1],) if right.ones == "column" else (ONE, left.axes[-1])
        shape = (left.axes[-1],) * 2 if right.ones == "full" else shape
        return left, replace(right, axes=shape, at=lambda _: right.at(()), ones="")
    if left.ones and right.axes:
        shape = (right.axes[0],) * 2 if left.ones == "full" else (ONE, right.axes[0])
        return replace(left, axes=shape, at=lambda _: left.at(()), ones=""), right
    return left, right
