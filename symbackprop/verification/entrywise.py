"""Unknown functions of arrays that are taken entry by entry although nothing but the shapes of a note says so."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Choice, Link, Scope
from symbackprop.verification.reading.symbols import AS_USED
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Context, Definition
from symbackprop.verification.terms.nodes import Call, Fn, Lambda
from symbackprop.verification.terms.walk import Names, free_symbols, freshen, walk
from symbackprop.verification.verdict import Judgement, Verdict

ENTRYWISE = "true if every function of a vector is taken entry by entry, which nothing says: declare the shapes"


def for_any_function(judgement: Judgement, link: Link, scope: Scope, seed: int) -> Judgement:
    """The verdict on a proved link that holds for functions of whole arrays too; otherwise it is undecided."""
    readings = tuple(_taken_whole(choice, scope) for choice in link.readings)
    if judgement.verdict is not Verdict.PROVED or readings == link.readings:
        return judgement
    again = judge_link(replace(link, readings=readings, head=()), seed=seed)
    return judgement if again.verdict is Verdict.PROVED else Judgement(Verdict.UNDECIDED, "SBP010", ENTRYWISE)


def _taken_whole(choice: Choice, scope: Scope) -> Choice:
    """The reading with ``y = g(x)`` for a g of which every value may depend on all of x."""
    sides = (choice.claim.left, choice.claim.right)
    primed = {node.name for side in sides for node in walk(side) if isinstance(node, Fn) and node.order}
    context = choice.context
    made = tuple(_whole(d, context, scope) if _is_guess(d, primed, scope) else d for d in context.definitions)
    return replace(choice, context=replace(context, definitions=made)) if made != context.definitions else choice


def _is_guess(definition: Definition, primed: set[str], scope: Scope) -> bool:
    body, symbol = definition.body, scope.symbols.get(definition.name)
    shown = symbol is not None and symbol.why.endswith(AS_USED) and bool(definition.indices)
    if not shown or not isinstance(body, Fn) or body.order or body.name in primed:
        return False
    function = scope.symbols.get(body.name)
    if function is None or function.kind != "function" or function.function or function.why.endswith(AS_USED):
        return False
    return set(definition.indices) <= free_symbols(body)


def _whole(definition: Definition, context: Context, scope: Scope) -> Definition:
    body = definition.body
    assert isinstance(body, Fn)
    names = {index: f"{index}#whole" for index in definition.indices}
    axes = context.tensors[definition.name].axes
    bound = tuple((names[index], axis) for index, axis in zip(definition.indices, axes, strict=True))
    argument = freshen(body.argument, {index: Affine.symbol(name) for index, name in names.items()}, Names("whole"))
    component = tuple(Affine.symbol(index) for index in definition.indices)
    return replace(definition, body=Call(body.name, (), component, (Lambda(bound, argument),)))
