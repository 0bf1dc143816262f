"""Reverse accumulation over the equations of a model, one quantity at a time; it knows no layer by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Sum, Symbol, preorder_traversal

from symbackprop.derivation.alike import Numbering, Pattern, pattern_of
from symbackprop.derivation.contract import Ranges, contract, share
from symbackprop.derivation.differentiate import differentiate
from symbackprop.derivation.indices import fresh, names, rename_bound, substitute
from symbackprop.derivation.kinks import conventions
from symbackprop.derivation.recognise import apply_assumption, by_claims, fold, multiplied_out
from symbackprop.derivation.size import nodes
from symbackprop.derivation.step import Derivation, Step
from symbackprop.errors import IllFormed, InvalidSpec
from symbackprop.model import Claim, Equation, Model
from symbackprop.network import Network
from symbackprop.quantities import FIXED_ROLES, PARAMETER_ROLES, Partial, Quantity, Role, as_index


def derive(source: Network | Model) -> Derivation:
    """Every gradient of J: activations, errors, parameters and inputs, from the output back.

    Each quantity gets one chain of steps that ends in its gradient; earlier results are used by name (the error of
    the next layer), so the size grows linearly with depth. Raises :class:`~symbackprop.errors.NotDerivable` where a
    function has no rule and :class:`~symbackprop.errors.IllFormed` where a quantity leads nowhere.

    >>> from symbackprop import activations, layers, losses
    >>> net = Network(3, layers.Dense(2, activations.tanh), loss=losses.half_squared_error)
    >>> for lhs, rhs in derive(net).results.items():
    ...     print(lhs, "=", rhs)
    Partial(J, a^1[i]) = a^1[i] - y[i]
    epsilon^1[i] = (a^1[i] - y[i])*Apply(tanh, 1, z^1[i])
    Partial(J, w^1[i, j]) = epsilon^1[i]*x^0[j]
    Partial(J, b^1[i]) = epsilon^1[i]
    Partial(J, x^0[j]) = Sum(epsilon^1[i]*w^1[i, j], (i, 1, 2))
    """
    model = source.model if isinstance(source, Network) else source
    if not isinstance(model, Model):
        raise InvalidSpec(f"a Network or a Model is derived, not {source!r}; Network.from_spec reads a spec like 3-4-2")
    tape = _Tape(model)
    for quantity in tape.order():
        tape.derive(quantity)
    return Derivation(model, tuple(tape.steps), {**model.quantities, **{q.label: q for q in tape.errors.values()}})


class _Tape:
    """What is known so far: the entry indices and result of every quantity already derived."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.steps: list[Step] = []
        self.errors: dict[str, Quantity] = {}
        self.results: dict[str, tuple[Expr, Expr]] = {}
        self.indices: dict[str, tuple[Symbol, ...]] = {}
        self.uses: dict[str, list[Equation]] = defaultdict(list)
        self.sizes = names(*(size for q in model.quantities.values() for size in q.axes))
        for equation in model.equations:
            # A position is constant almost everywhere, so J depends on nothing through it.
            if equation.quantity.role is not Role.POSITION:
                for name in dict.fromkeys(letter.name for letter in equation.letters):
                    self.uses[name].append(equation)
        for quantity in (*model.given, *(e.quantity for e in model.equations)):
            if quantity.role is Role.PREACTIVATION:
                self.errors[quantity.label] = quantity.error
        known = (*model.quantities.values(), *self.errors.values())
        self.axes = {quantity.label: quantity.axes for quantity in known}
        self.named = names(*(side for a in model.assumptions for side in (a.lhs, a.rhs)))
        self.claimed = {claim.quantity.label for claim in model.claims}
        self.patterns: dict[object, Pattern] = {}

    def order(self) -> Iterator[Quantity]:
        """Computed quantities from the last to the first, each followed by the parameters of its equation."""
        given = {q.label for q in self.model.given}
        ready = defaultdict(list)
        for quantity in self.model.inputs:
            if self.uses[quantity.label]:
                ready[self.uses[quantity.label][0].quantity.label].append(quantity)
            elif quantity.role in PARAMETER_ROLES:
                raise IllFormed(f"the parameter {quantity.label} is used by no equation")
        for equation in reversed(self.model.equations):
            label = equation.quantity.label
            if label in given and equation.quantity.role is Role.PREACTIVATION:
                continue
            fixed = equation.quantity == self.model.objective or equation.quantity.role in FIXED_ROLES
            if not fixed and label not in given:
                yield equation.quantity
            yield from (q for q in ready[label] if q.role in PARAMETER_ROLES)
        yield from (q for q in self.model.inputs if q.role is Role.INPUT and self.uses[q.label])

    def derive(self, quantity: Quantity) -> None:
        """Append the chain of steps for one quantity; one that reads the same as an earlier one has the same steps."""
        if not self.uses[quantity.label]:
            raise IllFormed(f"{quantity.label} is used by no equation, so J does not depend on it")
        numbering = Numbering(self.named)
        read = self._read(quantity, numbering)
        pattern = self.patterns.get(read)
        if pattern is None:
            entry, steps = self._steps(quantity)
            pattern = pattern_of(numbering, self.indices[quantity.label], entry, steps)
            if pattern is not None and quantity.label not in self.claimed:
                self.patterns[read] = pattern
        else:
            pattern = pattern.renamed(numbering.labels)
            entry, steps = pattern.entry, pattern.steps
            self.indices[quantity.label] = pattern.indices
        self.results[quantity.label] = (entry, steps[-1].rhs)
        self.steps.extend(steps)

    def _read(self, quantity: Quantity, numbering: Numbering) -> object:
        """All that the steps of a quantity depend on, its labels numbered; the model's own rules are the same for all.

        Of a label that stands for itself nothing need be read: it is one array throughout.
        """

        def array(q: Quantity) -> object:
            error = self.errors.get(q.label)
            return q.role, q.axes, q.batched, numbering.label(q.label), error and numbering.label(error.label)

        users = self.uses[quantity.label]
        own, first = self.model.equation(quantity), users[0].quantity
        read: list[object] = [array(quantity), own and own.indices, self.indices.get(first.label)]
        for user in users:
            read += [array(user.quantity), user.indices, numbering.shape(user.expression)]
            if user.quantity.label in self.results and user.quantity.label not in self.errors:
                read += map(numbering.shape, self.results[user.quantity.label])
        axes = tuple(self.axes.get(label) for label in numbering.labels)
        return tuple(read), axes, numbering.order()

    def _steps(self, quantity: Quantity) -> tuple[Expr, tuple[Step, ...]]:
        """The entry of a quantity and its chain of steps."""
        indices = self._name_entry(quantity)
        entry = quantity[indices]
        chain = _Chain(self._head(quantity, entry))
        if chain.lhs != self._partial(entry):
            chain.add(self._partial(entry), "definition of the error")
        ranges = dict(zip(indices, quantity.axes, strict=True))
        held, local = self._chain_rule(quantity, entry)
        direct = held == local
        chain.add(held, "derivative of the loss, term by term" if direct else "chain rule")
        if any(isinstance(node, Add) and node.has(KroneckerDelta) for node in preorder_traversal(local)):
            chain.add(local, "derivative of the forward equation")
        collapsed = share(contract(local, ranges, self.axes))
        agreed = (*conventions(collapsed, self.model.functions), *_outside(collapsed))
        chain.add(collapsed, _survivors(local, collapsed), agreed)
        self._finish(chain, ranges)
        for claim in self.model.claims:
            if claim.quantity == quantity and self._holds(claim):
                named = dict(zip(claim.indices, indices, strict=True))
                chain.add(substitute(rename_bound(claim.expression, names(*indices)), named), claim.source)
        return entry, tuple(chain.steps)

    def _holds(self, claim: Claim) -> bool:
        """Whether J depends on the quantity of a claim through no other quantity than the claim says."""
        users = {user.quantity for user in self.uses[claim.quantity.label]}
        return not claim.through or users <= set(claim.through)

    def _finish(self, chain: _Chain, ranges: Ranges) -> None:
        """Put earlier results in, and use what is agreed and what is shorter."""
        if not isinstance(chain.lhs, Partial):
            chain.add(self._insert(chain.last, ranges), "the derivative by the activation is put in")
        for assumption in self.model.assumptions:
            agreed = share(apply_assumption(chain.last, assumption))
            chain.add(agreed, "by assumption", (assumption.reason,))
        shorter = by_claims(chain.last, self.uses, self.model.functions)
        for rhs, because in zip(shorter, ("the derivative written in the output", "multiplied out"), strict=False):
            chain.add(rhs, because)

    def _partial(self, entry: Expr) -> Expr:
        return Partial(self.model.objective[()], entry)

    def _head(self, quantity: Quantity, entry: Expr) -> Expr:
        error = self.errors.get(quantity.label)
        return self._partial(entry) if error is None else error[_indices_of(entry)]

    def _name_entry(self, quantity: Quantity) -> tuple[Symbol, ...]:
        """The free indices of the gradient: those under which the first user of the quantity sees it."""
        user = self.uses[quantity.label][0]
        seen = [e.indices for e in _entries(user.expression, quantity)]
        plain = [f for f in seen if all(x.is_Symbol for x in f) and len(set(f)) == len(f)]
        computed = quantity.role not in PARAMETER_ROLES
        if computed and user.indices in seen and user.quantity.label in self.indices:
            chosen = self.indices[user.quantity.label]
        elif plain:
            chosen = plain[0]
        else:
            chosen = self._fresh_names(quantity)
        self.indices[quantity.label] = chosen
        return chosen

    def _fresh_names(self, quantity: Quantity) -> tuple[Symbol, ...]:
        """For an entry that no equation names plainly: the indices of its own equation, else names that no size has."""
        own = self.model.equation(quantity)
        if own is not None:
            return own.indices
        taken, chosen = set(self.sizes), []
        for axis in range(len(quantity.axes)):
            like = as_index("s" if quantity.batched and axis == 0 else "i")
            chosen.append(fresh(like, taken))
            taken.add(chosen[-1].name)
        return tuple(chosen)

    def _chain_rule(self, quantity: Quantity, entry: Expr) -> tuple[Expr, Expr]:
        """The sum over all users of ∂J/∂c ∂c/∂q: with ∂c/∂q held, and with it worked out."""
        held, local = [], []
        for user in self.uses[quantity.label]:
            if user.quantity == self.model.objective:
                direct = differentiate(user.expression, entry)
                held.append(direct)
                local.append(direct)
                continue
            own, seen = self._apart(user, entry)
            slope = differentiate(seen.expression, entry)
            ranges = dict(zip((*_indices_of(entry), *own), (*quantity.axes, *user.quantity.axes), strict=True))
            slope = share(fold(contract(slope, ranges, self.axes), user))
            error = self._head(user.quantity, seen.lhs)
            limits = [(i, 1, n) for i, n in zip(own, user.quantity.axes, strict=True)][::-1]
            held.append(_total(Mul(error, Partial(seen.lhs, entry)), limits))
            local.append(_total(Mul(error, slope), limits))
        return Add(*held), Add(*local)

    def _apart(self, user: Equation, entry: Expr) -> tuple[tuple[Symbol, ...], Equation]:
        """The user's equation with its own indices renamed away from those of ``entry``."""
        taken = set(names(*_indices_of(entry)) | self.sizes)
        own = []
        for index in user.indices:
            own.append(fresh(index, taken))
            taken.add(own[-1].name)
        renamed = substitute(rename_bound(user.expression, taken), dict(zip(user.indices, own, strict=True)))
        return tuple(own), Equation(user.quantity, tuple(own), renamed)

    def _insert(self, expression: Expr, ranges: Ranges) -> Expr:
        """Results already derived in place of their ∂J/∂q, collapsed again, multiplied out where that is shorter."""
        inserted = self._replace(expression, names(expression))
        if inserted == expression:
            return expression
        collapsed = contract(inserted, ranges, self.axes)
        shortest = min(collapsed, contract(multiplied_out(collapsed), ranges, self.axes), key=nodes)
        return share(shortest)

    def _replace(self, expression: Expr, taken: frozenset[str]) -> Expr:
        if isinstance(expression, Partial):
            return self._known(expression, taken)
        if not expression.has(Partial):
            return expression
        return expression.func(*(self._replace(argument, taken) for argument in expression.args))

    def _known(self, held: Partial, taken: frozenset[str]) -> Expr:
        label = _label(held.denominator)
        if held.numerator != self.model.objective[()] or label not in self.results:
            return held
        entry, result = self.results[label]
        mapping = dict(zip(_indices_of(entry), _indices_of(held.denominator), strict=True))
        return substitute(rename_bound(result, taken), mapping)


class _Chain:
    """Steps with one left side; a step that changes nothing is left out."""

    def __init__(self, lhs: Expr) -> None:
        self.lhs = lhs
        self.last = lhs
        self.steps: list[Step] = []

    def add(self, rhs: Expr, because: str, provided: tuple[str, ...] = ()) -> None:
        if rhs != self.last:
            self.steps.append(Step(self.lhs, rhs, because, provided))
            self.last = rhs


def labels(expression: Expr) -> list[str]:
    """The labels of the quantities in an expression, sorted."""
    found = {_label(leaf) for leaf in expression.atoms(Indexed, Symbol)}
    return sorted(found)


def _label(leaf: Expr) -> str:
    # The name itself: to print a symbol takes longer than to find it.
    return str(leaf.base.label.name) if isinstance(leaf, Indexed) else str(leaf.name)


def _indices_of(entry: Expr) -> tuple[Expr, ...]:
    return tuple(entry.indices) if isinstance(entry, Indexed) else ()


def _entries(expression: Expr, quantity: Quantity) -> list[Indexed]:
    found = (n for n in preorder_traversal(expression) if isinstance(n, Indexed) and _label(n) == quantity.label)
    return list(found)


def _total(term: Expr, limits: list[tuple[Symbol, int, Expr]]) -> Expr:
    return Sum(term, *limits) if limits else term


def _survivors(before: Expr, after: Expr) -> str:
    """Why a sum got shorter, in words."""
    bound = {limit[0] for total in before.atoms(Sum) for limit in total.limits}
    still = {limit[0] for total in after.atoms(Sum) for limit in total.limits}
    pairs, picked = [], list[str]()
    for delta in sorted(before.atoms(KroneckerDelta), key=lambda d: d.sort_key()):
        gone, kept = delta.args if delta.args[0] in bound else delta.args[::-1]
        if delta.args[0].is_Symbol and delta.args[1].is_Symbol:
            pairs.append((gone, kept))
        else:
            picked += sorted(str(s) for s in delta.free_symbols & (bound - still))
    if not pairs:
        return f"one term of the sum over {picked[0]} survives" if picked else "derivative of the forward equation"
    text = " and ".join(f"{gone} = {kept}" for gone, kept in pairs)
    only = f"only {text} {'survives' if len(pairs) == 1 else 'survive'}"
    return only if not any(gone in still for gone, _ in pairs) else f"of the terms with a delta {only}"


_OUTSIDE = "an entry outside of its axis is 0"


def _outside(expression: Expr) -> tuple[str, ...]:
    """The convention about entries outside of their axis, where an index is more than a letter."""
    moved = any(not index.is_Symbol and not index.is_number for e in expression.atoms(Indexed) for index in e.indices)
    return (_OUTSIDE,) if moved else ()
