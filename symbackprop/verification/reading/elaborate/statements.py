"""``read_formula``: the links of a formula, each a definition, a claim, a condition, or nothing to judge."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbackprop.verification.judge import refutes
from symbackprop.verification.reading.elaborate.anew import is_defined_anew
from symbackprop.verification.reading.elaborate.axes import letters_by_axis
from symbackprop.verification.reading.elaborate.balances import is_balance, joined
from symbackprop.verification.reading.elaborate.claims import (
    Claims,
    Formula,
    arguments_of,
    read_claims,
)
from symbackprop.verification.reading.elaborate.conditions import can_be_assumed, declare_membership, declare_random
from symbackprop.verification.reading.elaborate.definitions import (
    define,
    is_new,
    is_update,
    member_of,
    only_named,
    target,
)
from symbackprop.verification.reading.elaborate.equivalences import converse
from symbackprop.verification.reading.elaborate.function_definitions import function_definition, with_parameters
from symbackprop.verification.reading.elaborate.gradient_names import gradient_named
from symbackprop.verification.reading.elaborate.guesses import forget_guesses
from symbackprop.verification.reading.elaborate.index_values import index_said
from symbackprop.verification.reading.elaborate.inequalities import order_claims
from symbackprop.verification.reading.elaborate.late_functions import with_function
from symbackprop.verification.reading.elaborate.layer_letters import mixed_layers
from symbackprop.verification.reading.elaborate.made_axes import with_made_axes
from symbackprop.verification.reading.elaborate.named_sizes import with_named_sizes
from symbackprop.verification.reading.elaborate.own_entries import lists_own_entries
from symbackprop.verification.reading.elaborate.own_words import defined_function, with_doubted_words
from symbackprop.verification.reading.elaborate.premises import assumed, in_order, is_premise, puts_to_zero
from symbackprop.verification.reading.elaborate.preparation import prepared
from symbackprop.verification.reading.elaborate.presets_kept import (
    foreign_activation,
    inner_definition,
    introduced,
    left_behind,
)
from symbackprop.verification.reading.elaborate.restrictions import narrowing
from symbackprop.verification.reading.elaborate.results import NOT_JUDGED, Choice, Link, LinkKind, Reading
from symbackprop.verification.reading.elaborate.state import NotUnderstood, ShapeConflict
from symbackprop.verification.reading.elaborate.stated import under_stated, with_stated_condition
from symbackprop.verification.reading.elaborate.supposed import under_any_cost
from symbackprop.verification.reading.elaborate.targets import under_targets
from symbackprop.verification.reading.elaborate.trust import (
    any_function,
    distrusted,
    doubted,
    is_identity,
    of_chance,
    tainted,
    unexplained,
    unless_scaled,
)
from symbackprop.verification.reading.elaborate.unread import defines_unread
from symbackprop.verification.reading.elaborate.usage import decide, example_counts, index_letters_of
from symbackprop.verification.reading.elaborate.values import with_gradients_of_numbers
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import Reference, refer
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Big, Comparison, Node, NotRead, Number, Span, Statement
from symbackprop.verification.reading.symbols import head_name
from symbackprop.verification.terms.walk import entry_names

EQUAL = ("=", ":=", "≡")


def read_formula(
    tex: str, scope: Scope, surface: tuple[Statement, ...] | NotRead | None = None, gradients: bool = False
) -> Reading:
    """What every relation of a formula is, and what is known after it.

    A formula that starts with a relation goes on with the chain before it. ``surface`` is its tree where it is not
    written in LaTeX. With ``gradients`` an open ``dz`` on the left is the derivative of the cost by z: what a comment
    block gives says itself what such names mean.
    """
    surface = read_surface(tex, scope.macros) if surface is None else surface
    surface = surface if isinstance(surface, NotRead) else mixed_layers(surface, scope) or surface
    if isinstance(surface, NotRead):
        link = Link(0, len(tex), "not_understood", "", reason=surface.reason, place=surface.span)
        return Reading((link,), defines_unread(scope, tex, surface.reason))
    if not any(statement.relations for statement in surface):
        return Reading((), scope)  # a letter that is mentioned is nothing new
    surface = prepared(surface, scope)
    surface, scope = _with_gradients(surface, scope) if gradients else (surface, scope)
    nodes = tuple(node for s in surface for node in (*s.sides, *s.conditions) if node is not None)
    if scope.head is not None and any(s.sides[0] is None for s in surface):
        nodes = (scope.head, *nodes)
    written = any(isinstance(part, Big) and part.kind.lstrip("\\") == "sum" for node in nodes for part in every(node))
    scope = with_made_axes(surface, replace(forget_guesses(scope), writes_sums=scope.writes_sums or written))
    scope = with_named_sizes(nodes, with_parameters(nodes, decide(nodes, scope)))
    arguments, scope = arguments_of(nodes, tex, with_gradients_of_numbers(nodes, scope))
    formula = Formula(
        tex,
        arguments,
        index_letters_of(nodes, scope),
        example_counts(nodes, scope),
        letters_by_axis(nodes, scope),
    )
    links: list[Link] = []
    before: tuple[Node, ...] = ()
    known, ordered, begun = len(scope.assumptions), in_order(surface, scope), scope
    spoken: tuple[Node, ...] = ()
    for k, statement in enumerate(ordered):
        walk = _Walk(tex, formula, scope, statement, before, is_premise(ordered, k), spoken)
        walk.run()
        links = joined(links, walk.links, statement)
        scope, spoken = walk.scope, walk.spoken
        links += converse(ordered, k, links, begun, formula)
        before = before + walk.assumed if statement.connective != "" or not before else walk.assumed
    scope = with_doubted_words(ordered, links, replace(scope, assumptions=scope.assumptions[:known]))
    return Reading(tuple(links), scope)


def _with_gradients(surface: tuple[Statement, ...], scope: Scope) -> tuple[tuple[Statement, ...], Scope]:
    """The scope with what the names of gradients on the left of statements stand for."""
    found: list[Statement] = []
    for statement in surface:
        named = gradient_named(statement, scope)
        if named is not None:
            statement, meaning = named
            name = head_name(meaning.sides[0]) if meaning.sides[0] is not None else None
            scope = scope.reused(name.text) if name is not None and scope.knows(name.text) else scope
            scope = read_formula("", scope, (meaning,)).scope
        found.append(statement)
    return tuple(found), scope


@dataclass
class _Walk:
    """One statement, relation by relation."""

    tex: str
    formula: Formula
    scope: Scope
    statement: Statement
    before: tuple[Node, ...]
    premise: bool = False
    spoken: tuple[Node, ...] = ()  #: what was assumed entry by entry

    def __post_init__(self) -> None:
        self.links: list[Link] = []
        self.assumed: tuple[Node, ...] = ()
        self.head: Node | None = None

    def run(self) -> None:
        sides, relations = self.statement.sides, self.statement.relations
        left = sides[0]
        if left is None:
            left = self.scope.head
        if not relations:
            if left is not None:
                self.scope = replace(self.scope, head=self.scope.head or None)
            return
        self.head = left
        for k, relation in enumerate(relations):
            right = sides[k + 1]
            if relation not in EQUAL:
                self._other(left, relation, right, sides[k] is None)
                self.head = left = right
                continue
            if right is not None:
                starts = k == 0 or relations[k - 1] not in EQUAL
                self._equal(left, relation, right, starts, sides[k] is None)
                left = right
        if self.head is not None:
            self.scope = replace(self.scope, head=self.head)

    def _link(self, left: Node | None, right: Node, kind: LinkKind, relation: str, **more: object) -> None:
        start = min(left.span.start, right.span.start) if left is not None else right.span.start
        self.links.append(Link(start, right.span.end, kind, relation, **more))  # type: ignore[arg-type]

    def _equal(self, left: Node | None, relation: str, right: Node, starts: bool, continued: bool) -> None:
        if left is None:
            self._link(
                None, right, "not_understood", relation, reason="nothing stands before this relation", place=right.span
            )
            return
        shown = None if continued else left
        if starts and not continued and (said := index_said(left, right, self.scope)):
            self.scope = replace(self.scope, counting_letters=self.scope.counting_letters | {said})
            self._link(left, right, "condition", relation, reason=f"says which {said} is meant")
            return
        if (
            starts
            and not continued
            and not self._concluded(left)
            and (self._partial(left, relation, right) or self._definition(left, relation, right))
        ):
            return
        conditions = (*self.before, *self.statement.conditions)
        claims = read_claims(left, right, conditions, self.scope, self.formula)
        head = claims
        if self.head is not None and self.head is not left:
            head = read_claims(self.head, right, conditions, self.scope, self.formula)
        self._judged(shown, relation, right, claims, head)

    def _concluded(self, left: Node) -> bool:
        """Whether a letter is said to follow from conditions that speak of it: what it equals is judged then."""
        ref = target(left, self.scope)
        if ref is None or self.statement.connective not in ("implies", "iff") or self.scope.defined(ref.name):
            return False
        found = [refer(name, self.scope) for node in (*self.before, *self.spoken) for name in references(node)]
        return any(other is not None and other.name == ref.name for other in found)

    def _judged(self, left: Node | None, relation: str, right: Node, claims: Claims, head: Claims) -> None:
        head_choices = head.choices if head is not claims else ()
        if not claims.choices and not head.choices:
            why = distrusted((left, right), self.scope) if left is not None else ""
            if claims.conflict and why:
                claims = Claims(reason=why, place=claims.place)
            kind: LinkKind = "claim" if claims.conflict else "not_understood"
            shapes = claims.conflict
            self._link(left, right, kind, relation, reason=claims.reason, place=claims.place, shape_conflict=shapes)
            return
        choices = claims.choices or head.choices
        first = choices[0]
        unsure = doubted((*choices, *head_choices), (right, *((left,) if left else ())), self.scope)
        doubt, spoken = of_chance(first, self.scope)
        guess = first.doubt or foreign_activation((right, *((left,) if left else ())), first, self.scope)
        follows = left is not None and self._concluded(left)
        opened = unexplained(first, self.scope, (*self.before, *self.spoken) if follows else ())
        if not (entry_names(first.claim.left) and entry_names(first.claim.right)):
            opened, guess = "", guess or opened  # an identity with a number may hold whatever the letter is
        why = opened or tainted(first, self.scope) or ("" if spoken else doubt)
        asked = left is not None and not head_choices and puts_to_zero(left, first, self.premise)
        assumed = can_be_assumed(first, head_choices, self.links, self.scope) and not follows
        assumed = assumed or self.premise and not head_choices and is_balance(first)
        if asked or assumed and not is_identity(first):
            self._assume(left, right, first)
            self._link(left, right, "condition", relation, reason="assumed, not judged")
            self.scope = with_stated_condition(self.scope, self.tex[self.links[-1].start : self.links[-1].end], first)
            return
        if why:
            self._link(left, right, "not_understood", relation, reason=why, place=right.span)
            return
        self._link(
            left,
            right,
            "claim",
            relation,
            readings=self._supposing(choices),
            head=self._supposing(head_choices),
            unbound=claims.unbound,
            reason=f"index {claims.unbound[0]} is bound nowhere" if claims.unbound else "",
            doubt=doubt or guess or unsure or any_function(first, self.scope),
            sums_written=self.scope.writes_sums,
        )

    def _assume(self, left: Node | None, right: Node, choice: Choice) -> None:
        """Take an equation as given for what follows: of numbers as it is written, of arrays for all entries."""
        if left is None:
            return
        if choice.claim.free:
            self.spoken += (Comparison(left, "=", right, right.span),)
            self.scope = replace(self.scope, assumptions=(*self.scope.assumptions, assumed(choice)))
        else:
            self.assumed += (Comparison(left, "=", right, right.span),)

    def _supposing(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """The readings under what the note leaves open, states above, or leaves to convention."""
        opened = under_any_cost(unless_scaled(choices, self.statement, self.scope), self.scope)
        return under_targets(under_stated(opened, self.scope), self.scope)

    def _partial(self, left: Node, relation: str, right: Node) -> bool:
        """Pass by what would define something but holds under a condition only: nobody knows what it is elsewhere."""
        if not narrowing(self.statement, self.before):
            return False
        body = function_definition(left, right, self.scope)
        ref = target(left, self.scope) if body is None else None
        if body is None and (ref is None or not is_new(ref, self.scope)):
            return False
        name = body.name if body is not None else ref.name if ref is not None else ""
        reason = f"{name} is defined under a condition only; write all cases in one formula"
        self.scope = self.scope.with_taint(name, reason)
        self._link(left, right, "not_understood", relation, reason=reason, place=right.span)
        return True

    def _definition(self, left: Node, relation: str, right: Node) -> bool:
        """Take a relation as a definition if its left side is new."""
        body = defined_function(left, right, self.scope, self.formula)
        if body is not None:
            self.scope = with_function(self.scope, body, self.formula)
            self._link(left, right, "definition", relation)
            return True
        ref = target(left, self.scope)
        if ref is None:
            return False
        if lists_own_entries(ref, right, self.scope):
            return self._listed(ref, left, relation, right)
        if is_update(ref, right, self.scope):
            self._link(left, right, "nothing", relation, reason="an assignment, nothing to judge")
            return True
        if ref.name in self.scope.soft and self._agrees(left, right):
            self.scope = self.scope.cleared(ref.name, member_of(ref)).stated(ref.name)
            return False
        new = introduced(ref, right, self.scope)
        if new is not None:
            self.scope = new
            self._link(left, right, "definition", relation)
            return True
        if not is_new(ref, self.scope):
            if not is_defined_anew(ref.name, (left, right), self.statement.conditions, self.scope, self.formula):
                return False
            self.scope = self.scope.redefined(ref.name) if not ref.labels else self.scope
            ref = target(left, self.scope) or ref
        meant, value = inner_definition(ref, right, self.scope) or (ref, right)
        self._define(meant, left, relation, value)
        return True

    def _listed(self, ref: Reference, left: Node, relation: str, right: Node) -> bool:
        """Take the list of its entries as the shape of a letter that has none yet."""
        if ref.name in self.scope.declared or ref.symbol is None or not ref.symbol.axes:
            return False
        self.scope = self.scope.with_symbol(replace(ref.symbol, declared=True, why="its entries are listed"))
        self._link(left, right, "definition", relation)
        return True

    def _agrees(self, left: Node, right: Node) -> bool:
        """Whether the note says the same as the preset, which is then kept."""
        claims = read_claims(left, right, self.statement.conditions, self.scope, self.formula)
        return any(not refutes(choice.claim, choice.context) for choice in claims.choices)

    def _define(self, ref: Reference, left: Node, relation: str, right: Node) -> None:
        try:
            made = define(ref, right, self.scope, self.formula)
        except NotUnderstood as objection:
            self.scope = self.scope.with_taint(ref.name, objection.reason, member_of(ref))
            named: LinkKind = "definition" if only_named(left, right, objection, self.scope) else "not_understood"
            self._link(left, right, named, relation, reason=objection.reason, place=objection.span)
            return
        except ShapeConflict as objection:
            if self._begun_anew(ref, left, relation, right):
                return
            if next(references(right), None) is not None:
                self.scope = self.scope.with_taint(ref.name, str(objection), member_of(ref))
            sure = objection.misfit.sure and not distrusted((left, right), self.scope)
            self._link(
                left,
                right,
                "claim" if sure else "not_understood",
                relation,
                reason=str(objection),
                place=objection.span,
                shape_conflict=objection.misfit.shown if sure else None,
            )
            return
        passed = left_behind(self.scope, made.scope, ref.name)
        self.scope = made.scope.cleared(ref.name, member_of(ref))
        for name in passed:
            self.scope = self.scope.with_taint(name, f"the note's own {ref.name} is defined without it")
        self._link(left, right, "definition", relation, reason="; ".join(made.words))

    def _begun_anew(self, ref: Reference, left: Node, relation: str, right: Node) -> bool:
        """Define a numbered member of a family that the note itself made and whose shape no longer goes.

        ``h_1 = A_1 x`` after a chain of numbers ``h_n = f_n(h_{n-1})`` begins another chain.
        """
        numbered = bool(ref.labels) and all(isinstance(node, Number) for node in ref.labels)
        if not numbered or ref.name in self.scope.declared:
            return False
        sides = tuple(side for side in self.statement.sides if side is not None)
        scope = decide(sides, self.scope.reused(ref.name))
        again = target(left, scope)
        if again is None or again.labels:
            return False
        self.scope = scope.cleared(ref.name)
        self._define(again, left, relation, right)
        return True

    def _other(self, left: Node | None, relation: str, right: Node | None, continued: bool) -> None:
        if right is None or left is None:
            return
        shown = None if continued else left
        if relation == "∼":
            self.scope, reason = declare_random(left, right, self.scope, self.formula)
            self._link(shown, right, "nothing" if reason else "condition", relation, reason=reason)
        elif relation == "∈":
            self.scope, reason = declare_membership(left, right, self.scope)
            self._link(shown, right, "nothing" if reason else "condition", relation, reason=reason)
        else:
            if relation in "<>≤≥≠":
                self.assumed += (Comparison(left, relation, right, Span(left.span.start, right.span.end)),)
            readings, doubt = order_claims(
                left, relation, right, self.statement, not self.before, self.scope, self.formula
            )
            kind: LinkKind = "order" if readings else "nothing"
            reason = NOT_JUDGED.get(relation, f"the relation {relation} is not judged")
            self._link(shown, right, kind, relation, readings=readings, reason=reason, doubt=doubt)
