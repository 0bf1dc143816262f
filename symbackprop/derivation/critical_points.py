"""A point of a small network, its weights numbers or letters: gradient, Hessian, and what kind of point it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Indexed, IndexedBase, Integer, Matrix, Sum, Symbol, factor, latex, sympify

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

    What is not in ``at`` stays a letter, such as the input x and the target y, and is not 0; values may have letters,
    and those of the same name are the same. A model with other sizes raises
    :class:`~symbackprop.errors.InvalidSpec`.

    >>> from symbackprop.layers import Dense
    >>> net = Network(1, Dense(1, bias=False), Dense(1, bias=False))
    >>> point = critical_point(net, {"w^1": 0, "w^2": 0})
    >>> point.parts[-1].words
    'By these parameters, in this order. The matrix is indefinite: the principal minor $- x^{2} y^{2}$ of even order \
is negative. It is a saddle point: J falls along one direction and rises along another.'
    """
    derivation = derive(source)
    if any(size != 1 for q in derivation.model.quantities.values() for size in q.axes):
        raise InvalidSpec("a critical point is looked at in a network in which all widths are 1")
    known = [q.label for q in derivation.model.parameters]
    strange = sorted(set(at) - set(known))
    if strange or not at:
        raise InvalidSpec(f"there is no parameter {', '.join(strange) or 'named'}; known: {', '.join(known)}")
    letters = _letters(derivation, at)
    here = {label: _in_letters(sympify(value, strict=True), letters) for label, value in at.items()}
    values = _values(derivation, here, letters)
    gradient = [factor(_at(values, derivation, _gradient(derivation, label))) for label in at]
    rows = [[_second(derivation, values, one, other) for other in at] for one in at]
    entries = [
        chain(IndexedBase("H")[i, j], (value, ""))
        for i, row in enumerate(rows, start=1)
        for j, value in enumerate(row, start=1)
    ]
    slopes = [chain(_gradient(derivation, label), (value, "")) for label, value in zip(at, gradient, strict=True)]
    point = [chain(_entry(derivation, label), (value, "")) for label, value in here.items()]
    parts = (
        Part("Point", tuple(point)),
        Part("Gradient", tuple(slopes)),
        Part("Hessian", tuple(entries), f"By these parameters, in this order. {_judged(Matrix(rows), gradient)}"),
    )
    return Argument("A point of the loss", parts, _left_open(letters), derivation.quantities)


def _left_open(letters: Mapping[str, Symbol]) -> str:
    listed = ", ".join(f"${latex(letter)}$" for letter in letters.values())
    return f"Left open are {listed}, real numbers other than 0." if letters else ""


def _letters(derivation: Derivation, at: Mapping[str, object]) -> dict[str, Symbol]:
    """A real letter other than 0 for what is put at no value: that of its label, and its layer if need be."""
    left = [q for q in derivation.model.inputs if q.label not in at]
    stems = [q.label.partition("^")[0] for q in left]
    names = [f"{stem}_{q.layer}" if stems.count(stem) > 1 else stem for q, stem in zip(left, stems, strict=True)]
    return {q.label: Symbol(name, real=True, nonzero=True) for q, name in zip(left, names, strict=True)}


def _in_letters(value: Expr, letters: Mapping[str, Symbol]) -> Expr:
    """A value in which letters that are left open are those of the network."""
    known = {letter.name: letter for letter in letters.values()}
    return value.xreplace({s: known[s.name] for s in value.free_symbols if s.name in known})


def _judged(matrix: Matrix, gradient: Sequence[Expr]) -> str:
    found = definiteness(matrix)
    said = sentence(found)
    if any(slope.is_zero is False for slope in gradient):
        return f"{said} The gradient is not 0 here, so the point is not critical."
    kind = POINTS.get(found.kind)
    if not all(slope.is_zero for slope in gradient):
        return f"{said} The point is critical only where the gradient is 0" + (
            f", and is then {kind}." if kind else "."
        )
    return f"{said} It is {kind}." if kind else f"{said} That does not decide what the point is."


def _values(derivation: Derivation, at: Mapping[str, Expr], letters: Mapping[str, Symbol]) -> dict[Expr, Expr]:
    """Every computed quantity and derived error at the point, by its entry."""
    model = derivation.model
    values = {_entry(derivation, label): value for label, value in (*letters.items(), *at.items())}
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
