r"""Functions that are defined after their first use: ``a = g(z)`` and then ``g(z) = \frac{1}{1 + e^{-z}}``."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbackprop.verification.judge import judge
from symbackprop.verification.reading.elaborate.claims import Formula, new_reader, read_claims
from symbackprop.verification.reading.elaborate.state import Convention, Env, NotUnderstood, ShapeConflict
from symbackprop.verification.reading.elaborate.usage import decide, index_letters_of
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import Reference, refer
from symbackprop.verification.reading.scope import FunctionBody, Scope
from symbackprop.verification.reading.shapes import Array
from symbackprop.verification.reading.surface import Group, Name, Node, Statement, Times
from symbackprop.verification.reading.symbols import known_function
from symbackprop.verification.terms.functions import PRIMITIVE
from symbackprop.verification.terms.nodes import Call, Entry, Fn, Num, Prod, Sum, Term
from symbackprop.verification.terms.walk import map_children, map_relation, walk
from symbackprop.verification.verdict import Verdict


def with_function(scope: Scope, body: FunctionBody, formula: Formula) -> Scope:
    """The scope with a function that is defined from here on, put in where earlier definitions have it unknown.

    What uses it in a way that does not allow that is distrusted.
    """
    symbol = scope.find(body.name)
    guessed = symbol.function if symbol is not None and symbol.kind == "function" and not symbol.declared else ""
    names = {body.name, known_function(body.name) or body.name, guessed or body.name}
    made = scope.with_body(body).cleared(body.name)

    def put(term: Term) -> Term:
        return _put_in(term, names, body, made, formula) or term

    found = []
    for definition in made.definitions:
        if not _uses(definition.body, names):
            found.append(definition)
            continue
        term = _put_in(definition.body, names, body, made, formula)
        if term is None:
            made = made.with_taint(definition.name, f"{body.name} is defined only after its use")
        found.append(definition if term is None else replace(definition, body=term))
    assumed = tuple((free, map_relation(relation, put)) for free, relation in made.assumptions)
    return replace(made, definitions=tuple(found), assumptions=assumed)


def with_own_function(scope: Scope, statements: tuple[Statement, ...], tex: str) -> tuple[Scope, bool]:
    """The scope in which a word for a known function means what a block defines it to be, if that is another function.

    Also whether the statements are such a definition.
    """
    only = statements[0] if len(statements) == 1 and statements[0].relations in (("=",), (":=",)) else None
    left, right = only.sides if only is not None else (None, None)
    body = own_body(left, right, scope) if left is not None and right is not None else None
    if body is None or only is None:
        return scope, False
    made = decide((body.body,), scope)
    formula = Formula(tex, {}, index_letters_of((body.body,), made))
    claims = read_claims(left, right, (), decide((left, right), scope), formula)  # type: ignore[arg-type]
    if any(judge(choice.claim, choice.context).verdict is Verdict.PROVED for choice in claims.choices):
        return scope, False
    return with_function(made, body, formula), True


def own_family(left: Node, right: Node, scope: Scope, formula: Formula) -> FunctionBody | None:
    r"""A known word for a function with a parameter, as ``\text{ELU}(x) = …`` with an α: at 1 it is the known one."""
    body = own_body(left, right, scope)
    refs = [refer(part, scope) for part in references(right)] if body is not None else []
    letters = {ref.name for ref in refs if ref is not None and _is_number(ref, scope)}
    parameters = letters - set(body.parameters if body is not None else ())
    if body is None or not parameters or known_function(body.name) in PRIMITIVE:
        return None
    for choice in read_claims(left, right, (), scope, formula).choices:
        claim = replace(choice.claim, right=_at_one(choice.claim.right, parameters))
        if judge(claim, choice.context).verdict is Verdict.PROVED:
            return body
    return None


def _is_number(ref: Reference, scope: Scope) -> bool:
    """Whether a letter is a free number."""
    symbol = ref.symbol
    return symbol is not None and symbol.kind == "quantity" and symbol.axes == () and not scope.defined(ref.name)


def _at_one(term: Term, names: set[str]) -> Term:
    if isinstance(term, Entry) and term.name in names:
        return Num(Fraction(1))
    return map_children(term, lambda child: _at_one(child, names))


def own_body(left: Node, right: Node, scope: Scope) -> FunctionBody | None:
    r"""``\text{GELU}(x) = …`` for a word that nothing declares."""
    if not isinstance(left, Times) or len(left.factors) != 2 or left.operators != ("",):
        return None
    head, group = left.factors
    if not isinstance(head, Name) or not known_function(head.text) or scope.find(head.text) is not None:
        return None
    if not isinstance(group, Group) or not all(isinstance(item, Name) for item in group.items):
        return None
    if any(name.text == head.text for name in references(right) if isinstance(name, Name)):
        return None
    return FunctionBody(head.text, tuple(item.text for item in group.items if isinstance(item, Name)), right)


def _uses(term: Term, names: set[str]) -> bool:
    return any(isinstance(node, Fn | Call) and node.name in names for node in walk(term))


def _put_in(term: Term, names: set[str], body: FunctionBody, scope: Scope, formula: Formula) -> Term | None:
    """The term with what the function stands for, or ``None`` where it is differentiated or takes several numbers."""
    if not _uses(term, names):
        return term
    if len(body.parameters) != 1:
        return None
    reader = new_reader(scope, formula, Convention())
    whole = True

    def put(node: Term) -> Term:
        nonlocal whole
        node = map_children(node, put)
        if not isinstance(node, Fn | Call) or node.name not in names:
            return node
        if not isinstance(node, Fn) or node.order:
            whole = False
            return node
        argument = node.argument
        value = Array((), lambda _: argument)
        made = reader.scalar(body.body, Env(values={body.parameters[0]: value})).at(())
        if any(isinstance(part, Sum | Prod) for part in walk(made)):
            whole = False
        return made

    try:
        made = put(term)
    except (NotUnderstood, ShapeConflict):
        return None
    return made if whole else None
