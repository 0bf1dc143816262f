"""A point of a small network, its weights numbers or letters: gradient, Hessian, and what kind of point it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Indexed, IndexedBase, Integer, Matrix, Sum, Symbol, factor, sympify

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.backprop import derive
from symbackprop.derivation.definiteness import POINTS, definiteness, sentence
from symbackprop.derivation.indices import substitute
from symbackprop.derivation.second_order import hessian
from symbackprop.derivation.step import Derivation
from symbackprop.errors import InvalidSpec
from symbackprop.model import Model
from symbackprop.network import Network
from symbackprop.quantities import ARGUMENT, Apply, Partial


def critical_point(source: Network | Model, at: Mapping[str, Expr | int]) -> Argument:
    """The gradient and Hessian of J by the parameters ``at``, at their values there; every size of the model is 1.

    What is not in ``at`` stays a letter, such as the input x and the target y, and is not 0. A model with other sizes
    raises :class:`~symbackprop.errors.InvalidSpec`.

    >>> from symbackprop.layers import Dense
    >>> net = Network(1, Dense(1, bias=False), Dense(1, bias=False))
    >>> point = critical_point(net, {"w^1": 0, "w^2": 0})
    >>> point.parts[-1].words
    'The matrix is indefinite: the principal minor $- x^{2} y^{2}$ of even order is negative. It is a saddle point: \
J falls along one direction and rises along another.'
    """
    derivation = derive(source)
    if any(size != 1 for q in derivation.model.quantities.values() for size in q.axes):
        raise InvalidSpec("a critical point is looked at in a network in which all widths are 1")
    strange = sorted(set(at) - {q.label for q in derivation.model.parameters})
    if strange or not at:
        raise InvalidSpec(f"there is no parameter {', '.join(strange) or 'named'} to be put at a value")
    values = _values(derivation, {label: sympify(value, strict=True) for label, value in at.items()})
    gradient = [_at(values, derivation, _gradient(derivation, label)) for label in at]
    rows = [[_second(derivation, values, one, other) for other in at] for one in at]
    entries = [
        chain(IndexedBase("H")[i, j], (value, "second derivative, at the point"))
        for i, row in enumerate(rows, start=1)
        for j, value in enumerate(row, start=1)
    ]
    known = derivation.quantities
    slopes = [
        chain(Partial(derivation.model.objective[()], _entry(derivation, label)), (value, "at the point"))
        for label, value in zip(at, gradient, strict=True)
    ]
    parts = (
        Part("Gradient", tuple(slopes)),
        Part("Hessian", tuple(entries), _judged(Matrix(rows), gradient)),
    )
    point = [chain(_entry(derivation, label), (sympify(value), "the point")) for label, value in at.items()]
    return Argument("A critical point", (Part("Point", tuple(point)), *parts), "What is not said is not 0.", known)


def _judged(matrix: Matrix, gradient: Sequence[Expr]) -> str:
    found = definiteness(matrix)
    said = sentence(found)
    if any(slope != 0 for slope in gradient):
        return f"{said} The gradient is not 0 here, so the point is not critical."
    kind = POINTS.get(found.kind)
    return f"{said} It is {kind}." if kind else f"{said} That does not decide what the point is."


def _values(derivation: Derivation, at: Mapping[str, Expr]) -> dict[Expr, Expr]:
    """Every computed quantity and derived error at the point, by its entry."""
    model = derivation.model
    # What is not put at a value is a real number other than 0, by the letter of its label.
    others = [q.label for q in model.inputs if q.label not in at]
    values = {_entry(derivation, label): Symbol(label.partition("^")[0], real=True, nonzero=True) for label in others}
    values |= {_entry(derivation, label): value for label, value in at.items()}
    for equation in model.equations:
        values[_ones(equation.lhs)] = _at(values, derivation, equation.expression)
    for lhs, rhs in derivation.results.items():
        values[_ones(lhs)] = _at(values, derivation, rhs)
    return values


def _gradient(derivation: Derivation, label: str) -> Expr:
    return Partial(derivation.model.objective[()], _entry(derivation, label))


def _second(derivation: Derivation, values: Mapping[Expr, Expr], one: str, other: str) -> Expr:
    found = list(hessian(derivation, one, other).results.values())[-1]
    return factor(_at(values, derivation, found))


def _at(values: Mapping[Expr, Expr], derivation: Derivation, e: Expr) -> Expr:
    """An expression with every index 1 and what has a value put in."""
    if isinstance(e, Sum):
        return _at(values, derivation, substitute(e.function, {limit[0]: Integer(1) for limit in e.limits}))
    if isinstance(e, Indexed | Partial):
        return values.get(_ones(e), _ones(e))
    if isinstance(e, Apply):
        form = derivation.model.functions.get(e.name)
        inner = _at(values, derivation, e.argument)
        return Apply(e.name, e.order, inner) if form is None else form.diff(ARGUMENT, e.order).subs(ARGUMENT, inner)
    if isinstance(e, Symbol) and e.is_integer:  # an index
        return Integer(1)
    if e in values:
        return values[e]
    return e.func(*(_at(values, derivation, part) for part in e.args)) if e.args else e


def _ones(e: Expr) -> Expr:
    """The one entry there is."""
    if isinstance(e, Partial):
        return Partial(_ones(e.numerator), _ones(e.denominator))
    return e.base[(Integer(1),) * len(e.indices)] if isinstance(e, Indexed) else e


def _entry(derivation: Derivation, label: str) -> Expr:
    quantity = derivation.model.quantities[label]
    return quantity[(Integer(1),) * len(quantity.axes)]
