"""Derivatives along a direction: what is known of an entry's rate of change, carried through one equation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, IndexedBase, Integer, Mul, Sum, Symbol, preorder_traversal

from symbackprop.activations.pieces import pieces
from symbackprop.derivation.backprop import labels
from symbackprop.derivation.contract import Axes, Ranges, contract, share
from symbackprop.derivation.differentiate import differentiate
from symbackprop.derivation.indices import fresh, names, rename_bound, substitute
from symbackprop.derivation.recognise import fold
from symbackprop.errors import NotDerivable
from symbackprop.model import Equation, Model
from symbackprop.quantities import ARGUMENT, TIMES, Apply, Partial, Quantity, Role, as_index

#: The rate at which an entry changes, from the indices of the entry.
Rule = Callable[[tuple[Expr, ...]], Expr]


class Tangent(Expr):
    """R{e}: the derivative of an expression along a direction of the parameters, held (Pearlmutter 1994).

    >>> from sympy import symbols
    >>> Tangent(symbols("a"))
    Tangent(a)
    """

    is_commutative = True

    def __new__(cls, of: Expr) -> Tangent:
        return Expr.__new__(cls, of)

    def _eval_derivative(self, symbol: Expr) -> Expr:
        raise NotDerivable(f"no derivative of a derivative along a direction is derived here: {self} by {symbol}")


@dataclass(frozen=True)
class Tangents:
    """Rules by the label of a quantity (or, for ∂J/∂q, by :func:`slope_label`); what has none is constant."""

    model: Model
    axes: Axes
    rules: Mapping[str, Rule]

    def along(self, expression: Expr, ranges: Ranges, user: Equation | None = None) -> Expr:
        """Σ ∂e/∂q R{q} over all entries of all quantities that change, with the sums over deltas collapsed.

        ``ranges`` holds the sizes of the free indices. ``user`` is the equation that ``expression`` belongs to: its
        own result may be named in the slope, as in p_i (δ_ij - p_j).
        """
        flat = with_named_slopes(expression, self.model.objective[()])
        taken = names(flat, *ranges, *ranges.values(), *(size for sizes in self.axes.values() for size in sizes))
        terms = []
        for label in labels(flat):
            if label in self.rules:
                terms.append(self._through(flat, label, ranges, taken, user))
        bound = [
            limit[0] for total in preorder_traversal(expression) if isinstance(total, Sum) for limit in total.limits
        ]
        return share(_tidied(Add(*terms), tuple(dict.fromkeys(bound)), names(*ranges)))

    def _through(self, flat: Expr, label: str, ranges: Ranges, taken: frozenset[str], user: Equation | None) -> Expr:
        used, indices = set(taken), list[Symbol]()
        for place, _ in enumerate(self.axes[label]):
            indices.append(fresh(as_index("s" if place == 0 and self.model.batch is not None else "j"), used))
            used.add(indices[-1].name)
        sizes = dict(zip(indices, self.axes[label], strict=True))
        entry = IndexedBase(label)[tuple(indices)] if indices else Symbol(label, real=True)
        slope = contract(differentiate(flat, entry), {**ranges, **sizes}, self.axes)
        slope = _unnamed(slope if user is None else share(fold(slope, user)), self.model)
        rate = rename_bound(self.rules[label](tuple(indices)), names(slope) | used)
        total = Mul(slope, rate)
        if indices:
            total = Sum(total, *((i, 1, sizes[i]) for i in reversed(indices)))
        return contract(total, {**ranges, **sizes}, self.axes)


def _tidied(expression: Expr, letters: tuple[Symbol, ...], taken: frozenset[str]) -> Expr:
    """The same with as few names of bound indices as can be, those of ``letters`` first."""
    if not expression.has(Sum):
        return expression
    if not isinstance(expression, Sum):
        return expression.func(*(_tidied(argument, letters, taken) for argument in expression.args))
    used = set(taken | {symbol.name for symbol in expression.free_symbols})
    renamed: dict[Symbol, Symbol] = {}
    for index, _, _ in reversed(expression.limits):
        own = TIMES if index.name in TIMES else ()
        alike = (s for s in letters if s.name not in used and (s.name in TIMES) == bool(own))
        renamed[index] = next(alike, None) or fresh(index if own or index.name in "sr" else as_index("i"), used)
        used.add(renamed[index].name)
    body = substitute(rename_bound(expression.function, used), renamed)
    limits = [(renamed[index], low, high) for index, low, high in expression.limits]
    return Sum(_tidied(body, letters, frozenset(used)), *limits)


def slope_label(label: str) -> str:
    """The label under which ∂J/∂q of the quantity q with this label has its rule."""
    return f"d {label}"


def moving(model: Model, directions: tuple[Quantity, ...]) -> frozenset[str]:
    """The labels of the quantities that change with ``directions``: those that are computed from them."""
    found = {quantity.label for quantity in directions}
    while True:
        more = {
            equation.quantity.label
            for equation in model.equations
            if equation.quantity.role is not Role.POSITION and found & set(labels(equation.expression))
        }
        if more <= found:
            return frozenset(found)
        found |= more


def without_flat(expression: Expr, model: Model) -> tuple[Expr, tuple[str, ...]]:
    """The expression without second derivatives that are 0 but at kinks, and the words for it.

    >>> from symbackprop.activations import relu
    >>> model = Model((), (), Quantity(Role.LOSS, None, ()), relu.functions)
    >>> without_flat(Apply("relu", 2, ARGUMENT) + 1, model)
    (1, ("relu'' = 0 but at its kinks",))
    """
    flat = [head for head in sorted(expression.atoms(Apply), key=lambda a: a.sort_key()) if _is_flat(head, model)]
    said = dict.fromkeys(f"{head.name}{chr(39) * head.order} = 0 but at its kinks" for head in flat)
    return expression.xreplace({head: Integer(0) for head in flat}), tuple(said)


def _is_flat(head: Apply, model: Model) -> bool:
    form = model.functions.get(head.name)
    if head.order < 2 or form is None:
        return False
    try:
        return all(piece.expression.diff(ARGUMENT, head.order) == 0 for piece in pieces(form))
    except NotDerivable:
        return False


def with_named_slopes(expression: Expr, objective: Expr) -> Expr:
    """Every ∂J/∂q[…] as an entry of its own, by which can be differentiated."""
    if isinstance(expression, Partial) and expression.numerator == objective:
        by = expression.denominator
        if isinstance(by, Indexed):
            return IndexedBase(slope_label(str(by.base.label)))[by.indices]
        return Symbol(slope_label(str(by)), real=True)
    if not expression.args or not expression.has(Partial):
        return expression
    return expression.func(*(with_named_slopes(argument, objective) for argument in expression.args))


def _unnamed(expression: Expr, model: Model) -> Expr:
    """The inverse of :func:`_named`."""
    known = {slope_label(label): quantity for label, quantity in model.quantities.items()}
    back = {}
    for leaf in expression.atoms(Indexed, Symbol):
        quantity = known.get(str(leaf.base.label) if isinstance(leaf, Indexed) else leaf.name)
        indices = leaf.indices if isinstance(leaf, Indexed) else ()
        if quantity is not None and len(indices) == len(quantity.axes):
            back[leaf] = Partial(model.objective[()], quantity[tuple(indices)])
    return expression.xreplace(back)
