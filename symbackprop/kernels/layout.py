"""Where parameters and gradients stand in one flat vector each, and which biases become a row of their weights.

A fold keeps w (out, in) and b (out,) together as a matrix (in + 1, out) with b as its last row; what the weight is
multiplied by gets a row of ones. Then z = Wa + b is one product and so are ∂J/∂W and ∂J/∂b, whatever the widths:
no row of the matrix is out of step with the others in memory. The input comes with one sample a row; unless it is
narrow its weight stays (out, in + 1), so that the product for ∂J/∂W reads both sides as they stand. A very narrow one
is turned when it is loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sympy import Expr, Integer

from symbackprop.kernels.affine import usual
from symbackprop.kernels.program import Array, MatrixProduct, Operand, Program, Reduction, Statement

#: An input wider than this is multiplied as it stands: to copy it next to a column of ones would cost more.
WIDEST_INPUT = 64

#: The weight of an input narrower than this is turned as the others are; the products are then quicker.
FLAT = 48

#: An input that is no wider is kept with one sample a column, as the activations are: to load it takes less time, and
#: so do the products (a third at 2 to 16 features, in both dtypes); with more the products of rows are as quick.
COLUMNS = 16


@dataclass(frozen=True)
class Fold:
    """Weight, bias and what the weight is multiplied by, and the gradients of the first two, by name of the array.

    ``turned`` says that the matrix is kept as (in + 1, out).
    """

    weight: str
    bias: str
    right: str
    weight_gradient: str
    bias_gradient: str
    turned: bool


@dataclass(frozen=True)
class Region:
    """A piece of the flat vector: ``shape`` is that of the matrix that is stored, weight and bias together if folded.

    ``weight`` names the parameter and ``bias`` the one beside it, which is empty where none is; ``turned`` is as for a
    :class:`Fold`.
    """

    weight: str
    bias: str
    start: Expr
    shape: tuple[Expr, ...]
    turned: bool = False

    @property
    def stop(self) -> Expr:
        return self.start + prod(self.shape, start=Integer(1))


def folds_of(program: Program, parameters: Mapping[str, str], copied: frozenset[str]) -> tuple[Fold, ...]:
    """The folds that a program allows; ``parameters`` maps each name to that of its gradient.

    ``copied`` names the inputs that are copied anyway if folded: narrow ones.
    """
    made = {s.target.array.name: s for s in program.statements}
    biased = [s for s in program.statements if isinstance(s.operation, MatrixProduct) and s.operation.bias]
    uses = Counter(name for statement in biased for name in statement.reads)
    found: list[Fold] = []
    for statement in program.statements:
        product = statement.operation
        if not isinstance(product, MatrixProduct) or product.bias is None or statement.loop is not None:
            continue
        weight, bias, right = product.left.array.name, product.bias.array.name, product.right.array.name
        fits = weight in parameters and bias in parameters and (right in made or right in copied)
        if not fits or product.transpose_left or product.transpose_right:
            continue
        turned = right in made or usual(product.right.array.shape[0]) < FLAT
        fold = Fold(weight, bias, right, parameters[weight], parameters[bias], turned)
        # Weight and bias are used together in one product only.
        if uses[weight] == uses[bias] == 1 and _gradients_fit(fold, made):
            found.append(fold)
    return tuple(found)


def narrow(operand: Operand) -> bool:
    """Whether a row of ones is worth a copy of the array."""
    return usual(operand.array.shape[0]) <= WIDEST_INPUT


def by_columns(array: Array) -> bool:
    """Whether a copied input is kept with one sample a column."""
    return usual(array.shape[0]) <= COLUMNS


def _gradients_fit(fold: Fold, made: Mapping[str, Statement]) -> bool:
    """Whether ∂J/∂W = ε aᵀ and ∂J/∂b = Σ ε for one ε over the same a."""
    by_weight, by_bias = made.get(fold.weight_gradient), made.get(fold.bias_gradient)
    if by_weight is None or by_bias is None or by_weight.loop or by_bias.loop:
        return False
    product, total = by_weight.operation, by_bias.operation
    if not isinstance(product, MatrixProduct) or not isinstance(total, Reduction) or total.kind != "sum":
        return False
    turned = product.transpose_right and not product.transpose_left and product.bias is None
    error, along = total.operand, by_bias.target.axes
    return bool(
        turned
        and product.right.array.name == fold.right
        and product.left.array == error.array
        and len(error.axes) == 2
        and along == error.axes[:1]
    )


def regions_of(program: Program, order: Sequence[str], folds: Sequence[Fold]) -> tuple[Region, ...]:
    """The pieces of the flat vector for the parameters of these names, a folded bias with its weight."""
    folded = {fold.weight: fold for fold in folds}
    gone = {fold.bias for fold in folds}
    start: Expr = Integer(0)
    found: list[Region] = []
    for name in order:
        if name in gone:
            continue
        shape = program.arrays[name].shape
        if name in folded:
            out, width = shape
            shape = (width + 1, out) if folded[name].turned else (out, width + 1)
        fold = folded.get(name)
        found.append(Region(name, fold.bias if fold else "", start, shape, bool(fold and fold.turned)))
        start = found[-1].stop
    return tuple(found)
