"""Index form to scalar expressions over views of arrays; what is summed or taken at an index becomes a statement."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Eq, Expr, Indexed, Integer, KroneckerDelta, Le, Mul, Piecewise, Sum, Symbol, oo
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanTrue

from symbackprop.derivation.contract import contract
from symbackprop.derivation.indices import substitute
from symbackprop.errors import NotDerivable
from symbackprop.kernels.affine import constant, decided, extreme, strided, usual
from symbackprop.kernels.arrays import SAMPLE, Arrays, Place
from symbackprop.kernels.logits import Apart, Maximum
from symbackprop.kernels.masks import Choice, held_where, mask_of, written_out
from symbackprop.kernels.program import Array, Gather, Label, Operand, Scatter, letter
from symbackprop.quantities import ArgMaximum, Partial


class Scalars:
    """Reads index form: quantities are ``stored`` and derivatives of J among the ``gradients``, by label."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.stored: dict[str, Place] = {}
        self.gradients: dict[str, Place] = {}
        self.gathered: dict[object, Symbol] = {}

    def begin(self, indices: Sequence[Symbol], sizes: Sequence[Expr]) -> None:
        """The free indices of the next equation, each from 1 to its size."""
        self.gathered.clear()
        self.arrays.begin(indices, sizes)

    def scalar(self, expression: Expr) -> Expr:
        """``expression`` with arrays, sums and maxima replaced by the symbols that stand for them."""
        if isinstance(expression, Partial | Indexed):
            return self._entry(expression)
        if isinstance(expression, Symbol):
            return self._letter(expression)
        for kind, rule in (
            (Sum, self._sum),
            (Maximum, self._extreme),
            (ArgMaximum, self._extreme),
            (KroneckerDelta, self._delta),
            (Piecewise, self._cases),
            (Apart, self._apart),
        ):
            if isinstance(expression, kind):
                return rule(expression)
        if not expression.args:
            return expression
        return expression.func(*(self.scalar(arg) for arg in expression.args))

    def _letter(self, symbol: Symbol) -> Expr:
        if symbol.name in self.stored and not symbol.is_integer:
            return self._entry(symbol)
        return (
            self.arrays.number(symbol.name)
            if symbol == letter(symbol.name) and symbol.name in self.arrays.sizes
            else symbol
        )

    # Entries of arrays.

    def _entry(self, entry: Expr) -> Expr:
        of = entry.denominator if isinstance(entry, Partial) else entry
        known = self.gradients if isinstance(entry, Partial) else self.stored
        if label_of(of) not in known:
            raise NotDerivable(f"no kernel for {entry}: it is not known here")
        place = known[label_of(of)]
        indices = place.order(tuple(of.indices) if isinstance(of, Indexed) else ())
        if self._plain(indices, place.array.shape):
            return self.arrays.view(Operand(place.array, tuple(str(i) for i in indices)))
        return self._gather(entry, place.array, indices)

    def _plain(self, indices: tuple[Expr, ...], shape: tuple[Expr, ...]) -> bool:
        """Whether the indices are different letters, each of which runs along all of its axis."""
        return len(set(indices)) == len(indices) and all(
            isinstance(i, Symbol) and i.name in self.arrays.sizes and (self.arrays.sizes[i.name] - size).expand() == 0
            for i, size in zip(indices, shape, strict=True)
        )

    def _gather(self, entry: Expr, array: Array, indices: tuple[Expr, ...]) -> Symbol:
        places: dict[Symbol, Operand] = {}
        forms = tuple(self._index(i, places) for i in indices)
        unknown = sorted(str(s) for s in {s for i in forms for s in i.free_symbols} - places.keys() if self._unbound(s))
        if unknown:
            raise NotDerivable(f"no kernel for {entry}: the index {unknown[0]} runs over nothing that is known here")
        labels = self._reached(forms, places)
        key = (array, forms, tuple(labels), tuple(self.arrays.sizes[label] for label in labels))
        if key not in self.gathered:
            source = Operand(array, tuple(f"axis{k}" for k in range(len(forms))))
            self.gathered[key] = self.arrays.temporary(Gather(source, forms, tuple(places.items())), labels)
        return self.gathered[key]

    def _index(self, index: Expr, places: dict[Symbol, Operand]) -> Expr:
        """An index with every array of positions in it replaced by the symbol of its view."""
        views = {position: self._entry(position) for position in sorted(index.atoms(Indexed), key=str)}
        form = index.xreplace(views)
        single = (s for s in sorted(form.free_symbols, key=str) if s.name in self.stored and not s.is_integer)
        views |= {position: self._entry(position) for position in single}
        places.update({symbol: self.arrays.views[symbol] for symbol in views.values()})
        return form.xreplace(views)

    def _unbound(self, symbol: Symbol) -> bool:
        return symbol == letter(symbol.name) and symbol.name not in self.arrays.sizes

    def _reached(self, forms: Sequence[Expr], places: dict[Symbol, Operand]) -> list[Label]:
        """The labels in the indices, samples last.

        The order depends on the indices alone, so that the same windows are the same array wherever they are read.
        """
        found: dict[Label, None] = {}
        for form in forms:
            own = {s.name: self._weight(form, s) for s in form.free_symbols if s not in places}
            for symbol in sorted(places.keys() & form.free_symbols, key=str):
                own |= dict.fromkeys(places[symbol].axes, (0, 0))
            found |= dict.fromkeys(sorted((n for n in own if n in self.arrays.sizes), key=lambda n: (own[n], n)))
        return sorted(found, key=lambda label: label == SAMPLE or self.arrays.sizes[label] == self.arrays.batch)

    def _weight(self, form: Expr, symbol: Symbol) -> tuple[int, int]:
        return -abs(int(form.coeff(symbol))), -usual(self.arrays.sizes.get(symbol.name, Integer(0)))

    def _delta(self, delta: KroneckerDelta) -> Expr:
        return mask_of(self._condition(Eq(*delta.args, evaluate=False)))

    # Conditions.

    def _cases(self, cases: Piecewise) -> Expr:
        """Branches chosen by indices become masks here; those chosen by values keep, and become masks later."""
        if all(self._of_indices(condition) for _, condition in cases.args):
            branches = [(self.scalar(value), self._condition(condition)) for value, condition in cases.args]
            return written_out(branches)
        return Piecewise(*((self.scalar(value), self._condition(condition)) for value, condition in cases.args))

    def _condition(self, condition: Boolean) -> Boolean:
        condition = decided(condition, self.arrays.sizes)
        parts = (self.scalar(a) if isinstance(a, Expr) else self._condition(a) for a in condition.args)
        return condition.func(*parts) if condition.args else condition

    def _of_indices(self, condition: Boolean) -> bool:
        plain = not condition.has(Indexed) and all(s.is_integer for s in condition.free_symbols)
        return plain or isinstance(condition, BooleanTrue)

    def _apart(self, node: Apart) -> Expr:
        """The array that holds the value; once for an equation."""
        letters = sorted(s.name for s in node.free_symbols if s.name in self.arrays.sizes)
        key = (node, tuple((name, self.arrays.sizes[name]) for name in letters))
        if key not in self.gathered:
            self.gathered[key] = self.arrays.view(self.arrays.materialise(self.scalar(node.args[0])))
        return self.gathered[key]

    # Sums and maxima.

    def _sum(self, total: Sum) -> Expr:
        return Add(*(self._term_summed(term, list(total.limits)) for term in _apart(total.function)))

    def _term_summed(self, term: Expr, limits: list[Expr]) -> Expr:
        if term.has(KroneckerDelta):
            collapsed = self._collapsed(term, limits)
            if not collapsed.has(KroneckerDelta):
                return self.scalar(collapsed)
        outer = self.arrays.sizes
        self.arrays.sizes = dict(outer)
        value = self._summed(*self._ranges(term, limits))
        # A letter that is bound here may be bound again with another range.
        self.arrays.sizes = outer
        return value

    def _collapsed(self, term: Expr, limits: list[Expr]) -> Expr:
        """The sum with its deltas collapsed where an index is what a delta says."""
        inside = {s for delta in term.atoms(KroneckerDelta) for s in delta.free_symbols}
        dependent = any(bound.free_symbols & {limit[0] for limit in limits} for limit in limits for bound in limit[1:])
        order = limits if dependent else sorted(limits, key=lambda limit: limit[0] not in inside)
        ranges = {letter(label): size for label, size in self.arrays.sizes.items()}
        axes = {label: place.sizes for label, place in (*self.gradients.items(), *self.stored.items())}
        return contract(Sum(term, *order), ranges, axes)

    def _ranges(self, body: Expr, limits: list[Expr]) -> tuple[Expr, list[Label], list[Relational]]:
        """The body with its bound letters running from 1, put in scope, and what they must keep to besides."""
        labels: list[Label] = []
        conditions: list[Relational] = []
        bounds: dict[Symbol, Expr] = {}
        for index, low, high in reversed(limits):
            low, high = (substitute(bound, bounds) for bound in (low, high))
            start = low if constant(low, self.arrays.sizes) else extreme(low, self.arrays.sizes, largest=False)
            if start != 1:
                bounds[index] = index + start - 1
            size = extreme(high, self.arrays.sizes, largest=True) - start + 1
            shifted = bounds.get(index, index)
            conditions += [] if start == low else [Le(low, shifted, evaluate=False)]
            conditions += [] if constant(high, self.arrays.sizes) else [Le(shifted, high, evaluate=False)]
            self.arrays.sizes[str(index)] = size
            labels.append(str(index))
        return substitute(body, bounds) if bounds else body, labels[::-1], conditions

    def _mask(self, conditions: list[Relational]) -> Expr:
        return Mul(*(mask_of(self._condition(condition)) for condition in conditions))

    def _summed(self, term: Expr, summed: list[Label], conditions: list[Relational]) -> Expr:
        unfolded, summed = self._unfolded(term, summed)
        deltas = [f for f in Mul.make_args(unfolded) if self._target_of(f, unfolded, summed) is not None]
        if deltas and not conditions:
            return self._scatter(unfolded, deltas, summed)
        mask = self._mask(conditions)
        return self.arrays.total(mask * held_where(self.scalar(unfolded), mask), summed)

    def _unfolded(self, term: Expr, summed: list[Label]) -> tuple[Expr, list[Label]]:
        """Σ_i ε[i] w[u - 2i + p] as Σ_i Σ_k δ(u, 2i + k - p) ε[i] w[k] where w has fewer entries than u values."""
        for factor in Mul.make_args(term):
            place = self.stored.get(label_of(factor)) if isinstance(factor, Indexed) else None
            for axis, index in enumerate(factor.indices if place is not None else ()):
                found = strided(index, set(summed), set(self.arrays.sizes) - set(summed))
                rest = Mul(*(f for f in Mul.make_args(term) if f != factor))
                if place is None or found is None or found[0] in rest.free_symbols:
                    continue
                if usual(place.sizes[axis]) >= usual(self.arrays.sizes[found[0].name]):
                    continue
                u, fresh = found[0], letter(self._fresh())
                self.arrays.sizes[fresh.name] = place.sizes[axis]
                inside = (*factor.indices[:axis], fresh, *factor.indices[axis + 1 :])
                unfolded = rest * KroneckerDelta(u, found[1] + found[2] * fresh) * factor.base[inside]
                return self._unfolded(unfolded, [*summed, fresh.name])
        return term, summed

    def _fresh(self) -> Label:
        return next(name for n in range(1, 100) if (name := f"k_{n}") not in self.arrays.sizes)

    def _target_of(self, factor: Expr, term: Expr, summed: list[Label]) -> tuple[Symbol, Expr] | None:
        """(u, e) for a factor δ(u, e), u a free letter that nothing else in the term has, e in the letters summed."""
        for u, e in (factor.args, factor.args[::-1]) if isinstance(factor, KroneckerDelta) else ():
            free = isinstance(u, Symbol) and u.name in self.arrays.sizes and u.name not in summed
            if free and u not in Mul(*(f for f in Mul.make_args(term) if f != factor)).free_symbols | e.free_symbols:
                return (u, e) if any(s.name in summed for s in e.free_symbols) else None
        return None

    def _scatter(self, term: Expr, deltas: list[Expr], summed: list[Label]) -> Expr:
        targets = [found for delta in deltas if (found := self._target_of(delta, term, summed)) is not None]
        places: dict[Symbol, Operand] = {}
        indices = {u.name: self._index(e, places) for u, e in targets}
        moved = self._reached(tuple(indices.values()), places)
        body = self.scalar(Mul(*(f for f in Mul.make_args(term) if f not in deltas)))
        source = self._spread(self.arrays.total(body, [label for label in summed if label not in moved]), moved)
        kept = [label for label in source.axes if label not in summed]
        labels = self.arrays.in_order([*indices, *kept])
        forms = tuple(indices.get(label, letter(label)) for label in labels)
        return self.arrays.temporary(Scatter(source, forms, tuple(places.items())), labels)

    def _spread(self, body: Expr, labels: list[Label]) -> Operand:
        """The body as an array that has all these labels."""
        return self.arrays.materialise(body, self.arrays.in_order(dict.fromkeys([*self.arrays.labels(body), *labels])))

    def _extreme(self, node: Maximum | ArgMaximum) -> Expr:
        body, *limits = node.args
        outer = self.arrays.sizes
        self.arrays.sizes = dict(outer)
        body, gone, conditions = self._ranges(body, limits)
        value = self.scalar(body)
        mask = self._mask(conditions)
        kind = "max" if isinstance(node, Maximum) else "argmax"
        found = self.arrays.reduce(kind, value if mask == 1 else Choice(mask, value, -oo), gone)
        self.arrays.sizes = outer
        return found


def _apart(body: Expr) -> list[Expr]:
    """The terms of a sum's body, multiplied out where a delta stands inside a bracket."""
    if not body.has(KroneckerDelta):
        return [body]
    if isinstance(body, Add):
        return [term for part in body.args for term in _apart(part)]
    for factor in Mul.make_args(body):
        if isinstance(factor, Add) and factor.has(KroneckerDelta):
            rest = Mul(*(f for f in body.args if f is not factor))
            return [term for part in factor.args for term in _apart(part * rest)]
    return [body]


def label_of(entry: Expr) -> str:
    """The label of the quantity whose entry this is."""
    # The name itself: to print a symbol takes longer than all the rest of a lowering.
    return str(entry.base.label.name) if isinstance(entry, Indexed) else str(entry.name)
