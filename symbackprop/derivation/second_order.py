"""Second derivatives of J, from the derived gradients differentiated once more by the same rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sympy import Add, Expr, Indexed, IndexedBase, Integer, KroneckerDelta, Mul, Sum, Symbol

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.backprop import derive, labels
from symbackprop.derivation.contract import contract, share
from symbackprop.derivation.indices import fresh, names, rename_bound, substitute
from symbackprop.derivation.recognise import apply_assumption
from symbackprop.derivation.step import Derivation, Step
from symbackprop.derivation.tangents import Rule, Tangent, Tangents, moving, slope_label, without_flat
from symbackprop.derivation.well_formed import reads_ahead
from symbackprop.errors import InvalidSpec, NotDerivable
from symbackprop.model import Equation, Model
from symbackprop.network import Network
from symbackprop.quantities import Partial, Quantity, Role, as_index


def hessian(source: Network | Model | Derivation, of: str, by: str | None = None) -> Argument:
    """∂²J/∂q∂r for two quantities by their labels (``z^1``, ``w^2``), entry by entry; without ``by`` it is ∂²J/∂q∂q.

    What changes with r is followed forward, then back through the derived gradients; a loss that is not given leaves
    its own Hessian by what the layer hands on. A recurrence raises :class:`~symbackprop.errors.NotDerivable`.

    >>> from symbackprop import activations, layers, losses
    >>> net = Network(3, layers.Dense("n", activations.softmax), loss=losses.cross_entropy)
    >>> for lhs, rhs in hessian(net, "z^1").results.items():
    ...     print(lhs, "=", rhs)
    Partial(a^1[i], z^1[m]) = (KroneckerDelta(i, m) - a^1[m])*a^1[i]
    Partial(Partial(J, z^1[i]), z^1[m]) = (KroneckerDelta(i, m) - a^1[m])*a^1[i]
    """
    derivation = source if isinstance(source, Derivation) else derive(source)
    second = _Second(derivation, _quantity(derivation, by or of))
    forward = tuple(second.forward())
    back = tuple(second.back(_quantity(derivation, of)))
    words = "What changes with it is followed forward; then each derived gradient is differentiated once more."
    parts = (Part("Forward", forward), Part("Second derivatives", back))
    return Argument("Second derivatives", tuple(p for p in parts if p.chains), words, derivation.quantities)


def gauss_newton(source: Network | Model | Derivation, of: str, by: str | None = None, at: str = "") -> Argument:
    """Σ_km ∂o_k/∂q ∂²J/∂o_k∂o_m ∂o_m/∂r: the part of the Hessian that needs no second derivative of the layers.

    ``at`` is the label of the quantity o at which the network is cut; without it, it is the one that the loss reads.
    With a loss that is convex in o it is positive semidefinite (Schraudolph 2002).

    >>> from symbackprop import activations, layers
    >>> net = Network("m", layers.Dense("n", activations.tanh, bias=False))
    >>> for lhs, rhs in list(gauss_newton(net, "w^1").results.items())[-1:]:
    ...     print(lhs, "=", rhs)
    G[p, q, u, v] = KroneckerDelta(p, u)*Apply(tanh, 1, z^1[p])**2*x^0[q]*x^0[v]
    """
    derivation = source if isinstance(source, Derivation) else derive(source)
    cut = _quantity(derivation, at or _read_by_the_loss(derivation.model))
    left = _Second(derivation, _quantity(derivation, of))
    right = _Second(derivation, _quantity(derivation, by or of), frozenset(names(*left.indices)))
    tuple(left.forward())  # its rates are those of the right side in other letters
    forward = tuple(right.forward())
    core = hessian(derivation, cut.label)
    total = _between(left, right, cut, core)
    parts = (*core.parts, Part("Forward", forward), Part("Gauss–Newton term", (total,)))
    words = "The network is linearised up to where it is cut; the loss keeps its own second derivatives."
    return Argument("Gauss–Newton term", parts, words, derivation.quantities)


def hessian_vector_product(source: Network | Model | Derivation) -> Argument:
    """H v as a recursion: R{·} is the derivative along v, forward through the equations and back through the gradients.

    R{w} = v for each parameter, so R{∂J/∂w} is that part of H v (Pearlmutter 1994). It costs about as much as a
    gradient and never holds H. For one layer, R of its input and of the derivative handed back to it are given.

    >>> from symbackprop import activations, layers
    >>> net = Network(3, layers.Dense(2, activations.identity, bias=False))
    >>> for lhs, rhs in list(hessian_vector_product(net).results.items())[:-1]:
    ...     print(lhs, "=", rhs)
    Tangent(z^1[i]) = Sum(x^0[j]*Tangent(w^1[i, j]), (j, 1, 3))
    Tangent(a^1[i]) = Tangent(z^1[i])
    Tangent(Partial(J, a^1[i])) = Tangent(a^1[i])
    Tangent(epsilon^1[i]) = Tangent(a^1[i])
    Tangent(Partial(J, w^1[i, j])) = x^0[j]*Tangent(epsilon^1[i])
    """
    derivation = source if isinstance(source, Derivation) else derive(source)
    product = _Product(derivation)
    forward, back = tuple(product.forward()), tuple(product.back())
    words = (
        "$\\mathcal{R}\\{\\cdot\\}$ is the derivative along a direction $v$ of the parameters: "
        "$\\mathcal{R}\\{w\\} = v$ for each of them, and that of the derivative by a parameter is its part of $H v$."
    )
    parts = (Part("Forward along the direction", forward), Part("Backward along the direction", back))
    return Argument("Hessian–vector product", parts, words, derivation.quantities)


@dataclass
class _Second:
    """The derivative of everything by one entry r of ``start``, with what is known put in."""

    derivation: Derivation
    start: Quantity
    avoid: frozenset[str] = frozenset()
    rules: dict[str, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model = self.derivation.model
        if reads_ahead(self.model):
            raise NotDerivable("the equations are a recurrence; its second derivatives come as hessian_vector_product")
        taken = set(
            self.avoid | names(*(s.rhs for s in self.derivation.steps), *(e.expression for e in self.model.equations))
        )
        taken |= names(*(_own(steps[0].lhs) for steps in self.derivation.chains))
        taken |= {i.name for e in self.model.equations for i in e.indices}
        self.indices = _new_indices(self.start, taken)
        self.taken = frozenset(taken | names(*self.indices))
        self.entry = self.start[self.indices]
        self.axes = _axes(self.derivation)
        own = self.indices
        self.rules[self.start.label] = lambda at: Mul(*(KroneckerDelta(a, b) for a, b in zip(at, own, strict=True)))

    def forward(self) -> Iterator[tuple[Step, ...]]:
        """The rate of every computed quantity that changes with r, in order; one chain each."""
        changes = moving(self.model, (self.start,))
        for equation in self.model.equations:
            label = equation.quantity.label
            if label not in changes - {self.start.label} or equation.quantity == self.model.objective:
                continue
            value, provided = self._along(equation.expression, self._ranges(equation.lhs, equation.quantity), equation)
            if value != 0:
                self.rules[label] = _instances(value, equation.indices)
                lhs = Partial(equation.lhs, self.entry)
                yield chain(lhs, (value, "derivative of the forward equation", provided))
        self._given(changes)

    def back(self, wanted: Quantity) -> Iterator[tuple[Step, ...]]:
        """The chain of ∂²J/∂q∂r, after the rates of the gradients that it reads."""
        agreed: dict[str, None] = {}
        for steps in self.derivation.chains:
            lhs, result = steps[0].lhs, steps[-1].rhs
            agreed |= dict.fromkeys(words for step in steps for words in step.provided)
            quantity = self.derivation.quantities[_label(_own(lhs))]
            value, provided = self._along(result, self._ranges(_own(lhs), quantity), None)
            if value != 0:
                label = slope_label(quantity.label) if isinstance(lhs, Partial) else quantity.label
                self.rules[label] = _instances(value, _indices(_own(lhs)))
            before = _before(self.derivation, lhs)
            if _label(before) == wanted.label:
                second = Partial(Partial(self.model.objective[()], before), self.entry)
                yield chain(
                    second,
                    (Partial(result, self.entry), "the derived gradient is put in", tuple(agreed)),
                    (value, "differentiated once more", provided),
                )
                return
        raise InvalidSpec(f"J is not differentiated by {wanted.label} here")

    def rate(self, quantity: Quantity, at: tuple[Symbol, ...]) -> Expr:
        """The derivative of an entry by the start; 0 where it does not change."""
        rule = self.rules.get(quantity.label)
        return Integer(0) if rule is None else rule(at)

    def _along(self, e: Expr, ranges: dict[Symbol, Expr], user: Equation | None) -> tuple[Expr, tuple[str, ...]]:
        value, provided = without_flat(Tangents(self.model, self.axes, self.rules).along(e, ranges, user), self.model)
        for assumption in self.model.assumptions:
            agreed = share(apply_assumption(value, assumption))
            provided = (*provided, assumption.reason) if agreed != value else provided
            value = agreed
        return value, provided

    def _ranges(self, own: Expr, quantity: Quantity) -> dict[Symbol, Expr]:
        ranges = dict(zip(self.indices, self.start.axes, strict=True))
        return ranges | dict(zip(_indices(own), quantity.axes, strict=True))

    def _given(self, changes: frozenset[str]) -> None:
        """The rate of a derivative of J that is given: the Hessian of the unknown J by what is handed on."""
        handed = [quantity for quantity in self.model.given if quantity.label in changes]
        for quantity in handed:
            own = quantity.error.label if quantity.role is Role.PREACTIVATION else slope_label(quantity.label)
            self.rules[own] = lambda at, q=quantity: self._unknown(q[at], handed)  # type: ignore[misc]

    def _unknown(self, entry: Expr, handed: list[Quantity]) -> Expr:
        terms = []
        ranges = dict(zip(self.indices, self.start.axes, strict=True))
        for other in handed:
            at = _new_indices(other, self.taken | names(entry))
            rate = rename_bound(self.rules[other.label](at), names(*at))
            own = dict(zip(at, other.axes, strict=True))
            total = Mul(Partial(Partial(self.model.objective[()], entry), other[at]), rate)
            summed = Sum(total, *((i, 1, n) for i, n in reversed(own.items()))) if own else total
            terms.append(contract(summed, {**ranges, **own}, self.axes))
        return Add(*terms)


@dataclass
class _Product:
    """R{·} of everything that changes with the parameters, each by its name."""

    derivation: Derivation

    def __post_init__(self) -> None:
        model = self.derivation.model
        # Where J is given from outside, what comes in may change with parameters further down.
        handed = tuple(q for q in model.inputs if q.role in (Role.INPUT, Role.ACTIVATION) and model.given)
        changes = moving(model, (*model.parameters, *handed))
        known = self.derivation.quantities
        self.rules: dict[str, Rule] = {label: _named_rate(known[label]) for label in sorted(changes)}
        for quantity in (
            *(_quantity_of(self.derivation, steps[0].lhs) for steps in self.derivation.chains),
            *model.given,
        ):
            if quantity.role is Role.ERROR:
                self.rules[quantity.label] = _named_rate(quantity)
            elif quantity.role is Role.PREACTIVATION:
                self.rules[quantity.error.label] = _named_rate(quantity.error)
            else:
                self.rules[slope_label(quantity.label)] = _named_slope_rate(model, quantity)
        self.tangents = Tangents(model, _axes(self.derivation), self.rules)

    def forward(self) -> Iterator[tuple[Step, ...]]:
        """One chain for each computed quantity that changes."""
        for equation in self.derivation.model.equations:
            if equation.quantity.label in self.rules and equation.quantity != self.derivation.model.objective:
                ranges = dict(zip(equation.indices, equation.quantity.axes, strict=True))
                yield self._chain(equation.lhs, equation.expression, ranges, "forward equation", equation)

    def back(self) -> Iterator[tuple[Step, ...]]:
        """One chain for each derived gradient."""
        for steps in self.derivation.chains:
            lhs = steps[0].lhs
            quantity = _quantity_of(self.derivation, lhs)
            ranges = dict(zip(_indices(_own(lhs)), quantity.axes, strict=True))
            yield self._chain(lhs, steps[-1].rhs, ranges, "the derived gradient is put in", None)

    def _chain(
        self, lhs: Expr, rhs: Expr, ranges: dict[Symbol, Expr], because: str, user: Equation | None
    ) -> tuple[Step, ...]:
        value, provided = without_flat(self.tangents.along(rhs, ranges, user), self.derivation.model)
        reason = "rules of differentiation, along the direction"
        return chain(Tangent(lhs), (Tangent(rhs), because), (value, reason, provided))


def _between(left: _Second, right: _Second, cut: Quantity, core: Argument) -> tuple[Step, ...]:
    """The chain of Σ_km ∂o_k/∂q ∂²J/∂o_k∂o_m ∂o_m/∂r."""
    own, value = list(core.results.items())[-1]
    taken = right.taken | left.taken
    rows = _new_indices(cut, taken)
    columns = _new_indices(cut, taken | names(*rows))
    places = dict(
        zip((*_indices(own.numerator.denominator), *_indices(own.denominator)), (*rows, *columns), strict=True)
    )
    middle = substitute(rename_bound(value, names(*rows, *columns)), places)
    held = substitute(own, places)
    rates = left.rate(cut, rows), right.rate(cut, columns)
    factors = Partial(cut[rows], left.entry), held, Partial(cut[columns], right.entry)
    limits = [(i, 1, n) for i, n in zip((*rows, *columns), (*cut.axes, *cut.axes), strict=True)][::-1]
    ranges = dict(zip((*left.indices, *right.indices), (*left.start.axes, *right.start.axes), strict=True))
    ranges |= dict(zip((*rows, *columns), (*cut.axes, *cut.axes), strict=True))
    lhs = IndexedBase("G")[(*left.indices, *right.indices)]
    summed = contract(_total(Mul(rates[0], middle, rates[1]), limits), ranges, left.axes)
    return chain(lhs, (_total(Mul(*factors), limits), "definition"), (share(summed), "what was derived is put in"))


def _total(term: Expr, limits: list[tuple[Symbol, int, Expr]]) -> Expr:
    return Sum(term, *limits) if limits else term


def _instances(value: Expr, own: tuple[Expr, ...]) -> Rule:
    """The rule that puts other indices in the place of ``own``."""

    def at(places: tuple[Expr, ...]) -> Expr:
        return substitute(rename_bound(value, names(*places)), dict(zip(own, places, strict=True)))

    return at


def _named_rate(quantity: Quantity) -> Rule:
    return lambda at: Tangent(quantity[at])


def _named_slope_rate(model: Model, quantity: Quantity) -> Rule:
    return lambda at: Tangent(Partial(model.objective[()], quantity[at]))


def _axes(derivation: Derivation) -> dict[str, tuple[Expr, ...]]:
    known = derivation.quantities.items()
    return {label: q.axes for label, q in known} | {slope_label(label): q.axes for label, q in known}


def _new_indices(quantity: Quantity, taken: frozenset[str] | set[str]) -> tuple[Symbol, ...]:
    used, found = set(taken), list[Symbol]()
    for place, _ in enumerate(quantity.axes):
        found.append(fresh(as_index("s" if place == 0 and quantity.batched else "j"), used))
        used.add(found[-1].name)
    return tuple(found)


def _before(derivation: Derivation, lhs: Expr) -> Expr:
    """The entry by which the derivative of J is on the left: z for an error."""
    if isinstance(lhs, Partial):
        return lhs.denominator
    [own] = [q for q in derivation.quantities.values() if q.role is Role.PREACTIVATION and q.error.label == _label(lhs)]
    return own[_indices(lhs)]


def _read_by_the_loss(model: Model) -> str:
    last = model.equations[-1]
    read = [e.quantity for e in model.equations[:-1] if e.quantity.label in labels(last.expression)]
    if last.quantity != model.objective or len(read) != 1:
        raise InvalidSpec("say at which quantity the network is cut: the loss reads several or is not given")
    return read[0].label


def _quantity(derivation: Derivation, label: str) -> Quantity:
    known = derivation.model.quantities
    if label not in known:
        raise InvalidSpec(f"there is no quantity {label!r}; known: {', '.join(sorted(known))}")
    return known[label]


def _quantity_of(derivation: Derivation, lhs: Expr) -> Quantity:
    return derivation.quantities[_label(_own(lhs))]


def _own(lhs: Expr) -> Expr:
    return lhs.denominator if isinstance(lhs, Partial) else lhs


def _label(leaf: Expr) -> str:
    return str(leaf.base.label) if isinstance(leaf, Indexed) else str(leaf)


def _indices(leaf: Expr) -> tuple[Expr, ...]:
    return tuple(leaf.indices) if isinstance(leaf, Indexed) else ()
