"""Derivatives through definitions: pushed through finite paths, pulled back one step at a time otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.definitions import Definitions
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.differentiate import ZERO, derivative, is_zero, same_entry, times, total
from symbackprop.verification.terms.nodes import Add, Diff, Entry, Mul, Num, Prod, Range, Sum, Term
from symbackprop.verification.terms.walk import entry_names, freshen, map_children, walk

Spot = tuple[str, tuple[Affine, ...]]  #: a member of a family: name and labels
Pair = tuple[Entry, Entry]


@dataclass
class Chain:
    """Works out ``Diff`` nodes; with ``push`` also those of a scalar, else they wait to be pulled back."""

    definitions: Definitions
    push: bool = False

    def worked_out(self, term: Term) -> Term:
        """The term with every ``Diff`` replaced; what is left are derivatives of one entry by another."""
        if isinstance(term, Diff):
            body = term.body if isinstance(term.body, Entry) else self.worked_out(term.body)
            return self.total(body, term.by) if term.total else self.partial(body, term.by)
        self._entered(term)
        return map_children(term, self.worked_out)

    def _entered(self, term: Term) -> None:
        """Note between which ends a bound label runs; bound names are unique."""
        if isinstance(term, Sum | Prod) and isinstance(term.over, Range):
            self.definitions.facts = self.definitions.facts.with_over(term.index, term.over)

    # -- one derivative ---------------------------------------------------------------------------------------------
    def total(self, body: Term, by: Entry) -> Term:
        return derivative(body, lambda entry: self.resolve(entry, by), self.definitions.names)

    def partial(self, body: Term, by: Entry) -> Term:
        """Only what the body, or its definition one level deep, says."""
        if isinstance(body, Entry) and (body.name, body.labels) != (by.name, by.labels):
            inside = self.definitions.body(body)
            body = body if inside is None else inside
        return derivative(body, lambda entry: self.direct(entry, by), self.definitions.names)

    def direct(self, entry: Entry, by: Entry) -> Term:
        return self.same(entry, by) if entry.name == by.name else ZERO

    def same(self, entry: Entry, by: Entry) -> Term:
        """The deltas of two entries of one letter, 0 where their labels are known to differ."""
        facts = self.definitions.facts
        for left, right in zip(entry.labels, by.labels, strict=False):
            if facts.differ(left, right):
                return ZERO
        return same_entry(entry, by)

    def resolve(self, entry: Entry, by: Entry) -> Term:
        """d entry / d by along every path."""
        if self._in_moments(entry, by):
            raise NotSupported(f"the derivative of the random letter {entry.name} by what its law depends on")
        if entry.name == by.name and entry.labels == by.labels:
            return same_entry(entry, by)
        if entry.name != by.name and by.name not in self.definitions.reached(entry.name):
            return ZERO
        inverse = self._inverse(entry, by)
        if inverse is not None:
            return inverse
        determinant = self._determinant(entry, by)
        if determinant is not None:
            return determinant
        distance = label_distance(entry, by)
        if entry.name == by.name and entry.name not in self.definitions.uses:
            return self.same(entry, by)
        if distance is not None and distance < 0 and self._forward(entry.name):
            return ZERO
        if self._waits(entry, by, distance):
            return Diff(entry, by)
        body = self.definitions.body(entry)
        for node in () if body is None else walk(body):
            self._entered(node)
        return ZERO if body is None else self.total(body, by)

    def _in_moments(self, entry: Entry, by: Entry) -> bool:
        """Whether a stated moment of a random letter depends on ``by``."""
        tensor = self.definitions.context.tensors.get(entry.name)
        moments = () if tensor is None else (tensor.mean, tensor.variance)
        names = set().union(*(entry_names(moment) for moment in moments if moment is not None))
        return any(by.name == name or by.name in self.definitions.reached(name) for name in names)

    def _waits(self, entry: Entry, by: Entry, distance: int | None) -> bool:
        """Whether a derivative stays a generator: through an unknown number of layers, or of a loss."""
        if distance is not None:
            return False
        if self._endless(entry.name):
            return not self.push or entry.name in self.definitions.reached(entry.name)
        return not self.push and not entry.indices and not entry.labels

    def _endless(self, name: str) -> bool:
        """Whether a letter depends on a family whose members depend on one another."""
        reached = self.definitions.reached(name) | {name}
        return any(
            d.name in reached and self.definitions.patterns(d) and d.name in self.definitions.reached(d.name)
            for d in self.definitions.context.definitions
        )

    def _forward(self, name: str) -> bool:
        """Whether no definition that a letter leads to uses a later label, nor a letter without one that uses any."""
        reached = self.definitions.reached(name) | {name}
        definitions = [d for d in self.definitions.context.definitions if d.name in reached]
        whole = {d.name for d in definitions if not d.labels and any(labelled(node) for node in walk(d.body))}
        for d in definitions:
            if d.labels and whole & self.definitions.reached(d.name):
                return False
            for node in walk(d.body):
                if isinstance(node, Entry) and node.labels and d.labels and self.definitions.patterns(d):
                    later = (node.labels[0] - d.labels[0]).number
                    if later is None or later > 0:
                        return False
        return True

    def _inverse(self, entry: Entry, by: Entry) -> Term | None:
        """d V⁻¹ = -V⁻¹ dV V⁻¹."""
        tensor = self.definitions.context.tensors.get(entry.name)
        if tensor is None or tensor.inverse_of is None:
            return None
        axis = self.definitions.axes(entry.name, entry.labels)[0]
        row, column = (Affine.symbol(self.definitions.names.fresh()) for _ in range(2))
        inner = self.resolve(Entry(tensor.inverse_of, entry.labels, (row, column)), by)
        left = Entry(entry.name, entry.labels, (entry.indices[0], row))
        right = Entry(entry.name, entry.labels, (column, entry.indices[1]))
        product = times(Num(Fraction(-1)), left, inner, right)
        return Sum(str(row.name), axis, Sum(str(column.name), axis, product))

    def _determinant(self, entry: Entry, by: Entry) -> Term | None:
        """d|V| = |V| Σ_ij (V⁻¹)_ji dV_ij (Jacobi's formula)."""
        tensors = self.definitions.context.tensors
        matrix = tensors[entry.name].determinant_of if entry.name in tensors else None
        inverse = next((name for name, t in sorted(tensors.items()) if matrix and t.inverse_of == matrix), None)
        if matrix is None or inverse is None:
            return None
        axis = self.definitions.axes(matrix, entry.labels)[0]
        row, column = (Affine.symbol(self.definitions.names.fresh()) for _ in range(2))
        inner = self.resolve(Entry(matrix, entry.labels, (row, column)), by)
        product = times(entry, Entry(inverse, entry.labels, (column, row)), inner)
        return Sum(str(row.name), axis, Sum(str(column.name), axis, product))

    # -- pulling back -----------------------------------------------------------------------------------------------
    def pulled(self, source: Entry, by: Entry) -> Term:
        """d source/d by = Σ over the direct users u of ``by``: d source/d u · ∂u/∂by."""
        parts = [self.direct(source, by)]
        between = self.definitions.reached(source.name) | {source.name}
        for definition in self.definitions.context.definitions:
            if definition.name in between and by.name in entry_names(definition.body):
                parts += self._through(definition, source, by)
        return total(parts)

    def _through(self, definition: Definition, source: Entry, by: Entry) -> list[Term]:
        patterns = self.definitions.patterns(definition)
        if not patterns:
            return [self._through_member(definition, definition.labels, {}, source, by)]
        if len(patterns) > 1:
            raise NotSupported("a family with two labels")
        solutions, summed = self._solutions(definition, patterns[0], by)
        parts = []
        for value in solutions:
            labels = tuple(a.substitute({patterns[0]: value}) for a in definition.labels)
            if self._applies(definition, labels):
                parts.append(self._through_member(definition, labels, {patterns[0]: value}, source, by))
        if summed:
            parts.append(self._through_range(definition, patterns[0], source, by))
        return parts

    def _solutions(self, definition: Definition, pattern: str, by: Entry) -> tuple[list[Affine], bool]:
        """The members of a family whose bodies mention ``by``: single labels, or any label at all."""
        found: list[Affine] = []
        for node in walk(definition.body):
            if not isinstance(node, Entry) or node.name != by.name:
                continue
            label = next((k for k, a in enumerate(node.labels) if pattern in a.symbols), None)
            if label is None:
                return [], True
            shift = node.labels[label] - Affine.symbol(pattern)
            if shift.number is None:
                return [], True
            value = by.labels[label] - shift
            if value not in found:
                found.append(value)
        return found, False

    def _applies(self, definition: Definition, labels: tuple[Affine, ...]) -> bool:
        found = self.definitions.find(definition.name, labels)
        return found is not None and found[0] is definition

    def _through_member(
        self, definition: Definition, labels: tuple[Affine, ...], env: dict[str, Affine], source: Entry, by: Entry
    ) -> Term:
        names = self.definitions.names
        axes = self.definitions.axes(definition.name, labels)
        fresh = [names.fresh() for _ in definition.indices]
        symbols = [Affine.symbol(name) for name in fresh]
        member = Entry(definition.name, labels, tuple(symbols))
        upstream = self._upstream(source, member)
        if is_zero(upstream):
            return ZERO
        body = freshen(definition.body, {**env, **dict(zip(definition.indices, symbols, strict=True))}, names)
        slope = derivative(body, lambda entry: self.direct(entry, by), names)
        if is_zero(slope):
            return ZERO
        result = times(upstream, slope)
        for name, axis in reversed(list(zip(fresh, axes, strict=True))):
            result = Sum(name, axis, result)
        return result

    def _upstream(self, source: Entry, member: Entry) -> Term:
        if source.name == member.name and source.labels == member.labels:
            return same_entry(source, member)
        if source.name != member.name and member.name not in self.definitions.reached(source.name):
            return ZERO
        return Diff(source, member)

    def _through_range(self, definition: Definition, pattern: str, source: Entry, by: Entry) -> Term:
        """Every member uses ``by`` (a weight shared by all times)."""
        others = [d for d in self.definitions.context.definitions if d.name == definition.name]
        if len(others) > 1:
            raise NotSupported("a shared letter in a family with members defined apart")
        name = self.definitions.names.fresh()
        value = Affine.symbol(name)
        labels = tuple(a.substitute({pattern: value}) for a in definition.labels)
        over = self._up_to(source)
        return Sum(name, over, self._through_member(definition, labels, {pattern: value}, source, by))

    def _up_to(self, source: Entry) -> Range:
        """The members on which a quantity can depend: none of a later label than its own, where none uses a later."""
        label = source.labels[0] if len(source.labels) == 1 else None
        if label is None or not self._forward(source.name):
            return self.definitions.span()
        family = self.definitions.context.family
        inside = family.last is None or self.definitions.facts.holds(Affine.symbol(family.last) - label)
        if not inside or not self.definitions.facts.holds(label + (-family.first)):
            return self.definitions.span()
        return Range(Affine.of(family.first), label)

    # -- the next pull ----------------------------------------------------------------------------------------------
    def step(self, term: Term, numbers: Callable[[Affine], int]) -> Term | None:
        """Pull back the derivatives by the member farthest from the output; ``None`` if none is left."""
        left = spots(term)
        if not left:
            return None
        chosen = min(left, key=lambda spot: (self.rank(spot[2:], numbers), str(spot)))

        def change(node: Term) -> Term:
            if isinstance(node, Diff) and isinstance(node.body, Entry) and spot_of(node.body, node.by) == chosen:
                return self.pulled(node.body, node.by)
            self._entered(node)
            return map_children(node, change)

        return change(term)

    def forward(self, term: Term, numbers: Callable[[Affine], int]) -> Term | None:
        """Push the derivative of the latest labelled member one definition further; ``None`` if there is none."""
        left = [spot for spot in spots(term) if spot[1] and spot[0] in self.definitions.uses]
        if not left:
            return None
        latest = max(left, key=lambda spot: (self.rank(spot[:2], numbers), str(spot)))

        def change(node: Term) -> Term:
            if isinstance(node, Diff) and isinstance(node.body, Entry) and spot_of(node.body, node.by) == latest:
                body = self.definitions.body(node.body)
                return ZERO if body is None else self.total(body, node.by)
            self._entered(node)
            return map_children(node, change)

        return change(term)

    def rank(self, spot: Spot, numbers: Callable[[Affine], int]) -> tuple[int, int]:
        """Early layers first; within a layer, what is used before what uses it."""
        name, labels = spot
        depth = self.definitions.depth(name)
        if labels:
            return numbers(labels[0]), depth
        return (10**6, depth) if self._endless(name) else (-(10**6), depth)


def labelled(term: Term) -> bool:
    return isinstance(term, Entry) and bool(term.labels)


def waiting(term: Term) -> list[Diff]:
    """The derivatives that are left in a term."""
    return [node for node in walk(term) if isinstance(node, Diff)]


def label_distance(entry: Entry, by: Entry) -> int | None:
    """How many labels ``entry`` is after ``by``, if both have one and that is a number."""
    if not entry.labels or not by.labels:
        return None
    return (entry.labels[0] - by.labels[0]).number


def spot_of(body: Entry, by: Entry) -> tuple[str, tuple[Affine, ...], str, tuple[Affine, ...]]:
    """Which member is differentiated by which, whatever the indices."""
    return body.name, body.labels, by.name, by.labels


def spots(term: Term) -> set[tuple[str, tuple[Affine, ...], str, tuple[Affine, ...]]]:
    """The kinds of derivatives that are left."""
    return {spot_of(node.body, node.by) for node in waiting(term) if isinstance(node.body, Entry)}


def negated(term: Term) -> Term:
    return Mul((Num(Fraction(-1)), term))


def balanced(difference: Term) -> bool:
    """Whether the derivatives that are left on the two sides are of the same kinds, so that they can cancel."""
    sides = difference.terms if isinstance(difference, Add) else (difference,)
    return len({frozenset((f, unnamed(m), g, unnamed(n)) for f, m, g, n in spots(side)) for side in sides}) == 1


def unnamed(labels: tuple[Affine, ...]) -> tuple[Affine, ...]:
    """Labels with one name for all that are bound: each side may call them as it likes."""
    bound = {name: Affine.symbol("%") for label in labels for name in label.symbols if name[0] == "%"}
    return tuple(label.substitute(bound) for label in labels)
