"""Whether a note starts to use a letter for something else: an equation with other letters or functions, not true."""

from __future__ import annotations

from symbackprop.verification.judge import refutes
from symbackprop.verification.reading.elaborate.claims import Formula, read_claims
from symbackprop.verification.reading.elaborate.definitions import introduces
from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Applied, Derivative, Node, Times
from symbackprop.verification.reading.symbols import head_name, known_function
from symbackprop.verification.terms.nodes import Diff, Fn
from symbackprop.verification.terms.walk import walk


def is_defined_anew(
    name: str, sides: tuple[Node, Node], conditions: tuple[Node, ...], scope: Scope, formula: Formula
) -> bool:
    """Whether an equation for a letter that is defined already is another definition of it."""
    left, right = sides
    other = introduces(right, name, scope) or is_other_cost(name, right, scope) or _begins_anew(name, right, scope)
    if name in scope.firm or not other:
        return False
    claims = read_claims(left, right, conditions, scope, formula)
    found = [refer(ref, scope) for ref in references(right)]
    if not claims.choices and any(ref is not None and ref.name == name for ref in found):
        return False  # a recursion that is not understood defines nothing anew
    return not claims.choices or all(refutes(choice.claim, choice.context) for choice in claims.choices)


def _begins_anew(name: str, right: Node, scope: Scope) -> bool:
    """Whether a section says for itself what a letter is that an earlier one defined; a gradient stays what it is."""
    bodies = [d.body for d in scope.definitions if d.name == name]
    gradient = any(isinstance(body, Diff) for body in bodies)
    return name in scope.earlier and not gradient and not any(isinstance(part, Derivative) for part in every(right))


def is_other_cost(name: str, right: Node, scope: Scope) -> bool:
    """Whether a cost is defined with a function that its definition so far has not: a logarithm, not a square."""
    if name not in SCALAR_NAMES:
        return False
    heads = [part.function for part in every(right) if isinstance(part, Applied)]
    heads += [head for part in every(right) if isinstance(part, Times) for head, _ in calls(part)]
    written = {known_function(head.text) for node in heads if (head := head_name(node)) is not None} - {""}
    bodies = [d.body for d in scope.definitions if d.name == name]
    return bool(bodies) and not written <= {part.name for body in bodies for part in walk(body) if isinstance(part, Fn)}
