"""Why a claim cannot be judged although every part of it was read: letters that nothing explains for sure."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.judge import judge, refutes
from symbackprop.verification.reading.elaborate.one_step import of_one_or_all, of_other_times
from symbackprop.verification.reading.elaborate.open_costs import cost_in_doubt
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.rows import apart
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Group, Name, Node, Statement, Times
from symbackprop.verification.reading.symbols import AS_USED, Symbol
from symbackprop.verification.terms.nodes import Call, Entry, Expect, Fn, Integral, Limit
from symbackprop.verification.terms.walk import entry_names, walk
from symbackprop.verification.verdict import Verdict

#: Letters that are the imaginary unit in some notes, where they are no index.
IMAGINARY = frozenset({"i", "j", r"\mathrm{i}", r"\mathrm{j}"})


def unexplained(choice: Choice, scope: Scope, premises: tuple[Node, ...] = ()) -> str:
    """Why a claim with an unexplained letter on one side only cannot be judged; ``premises`` explain theirs."""
    left, right = entry_names(choice.claim.left), entry_names(choice.claim.right)
    dummies = {
        node.variable.name
        for side in (choice.claim.left, choice.claim.right)
        for node in walk(side)
        if isinstance(node, Integral | Limit)
    }
    spoken = {ref.name for body in scope.bodies.values() for x in references(body.body) if (ref := refer(x, scope))}
    dummies |= {ref.name for node in premises for x in references(node) if (ref := refer(x, scope))}
    for name in sorted((left ^ right) - dummies):
        symbol = scope.symbols.get(name)
        shown = symbol is not None and symbol.why.endswith(AS_USED)
        is_open = symbol is not None and (shown or not symbol.declared) and not scope.defined(name)
        if is_open and name not in spoken and name not in _reached(choice, (left | right) - {name}):
            return f"nothing says what {name} is"
    return ""


def of_chance(choice: Choice, scope: Scope) -> tuple[str, bool]:
    """A letter in an expectation of which nobody says whether it is random, and whether another one there is."""
    silent, spoken, fixed = "", False, ""
    moments = [m for s in scope.symbols.values() if s.is_random for m in (s.mean, s.variance) if m is not None]
    parameters = set().union(*map(entry_names, moments))  # the a of U(-a, a) is a number
    for node in (node for side in (choice.claim.left, choice.claim.right) for node in walk(side)):
        for name in sorted(_reached(choice, entry_names(node.body))) if isinstance(node, Expect) else ():
            symbol = scope.symbols.get(name)
            if symbol is not None and symbol.is_random:
                spoken = True
            elif symbol is not None and not (_is_no_chance(symbol) or scope.defined(name) or name in parameters):
                silent = silent or name
            fixed = fixed or name
    declared = any(symbol.is_random for symbol in scope.symbols.values())
    if fixed and not silent and not declared:  # whoever writes a moment means that something is random
        return (
            f"nothing in an expectation or variance is random: is {fixed}? declare it as random(mean, variance)",
            False,
        )
    return (
        silent and f"nothing says whether {silent} is random: declare it, as random(mean, variance) or scalar",
        spoken,
    )


def _is_no_chance(symbol: Symbol) -> bool:
    """Whether a letter is declared, and not as random; that a note says of what shape it is does not tell."""
    return symbol.declared and symbol.certain and not symbol.law


def distrusted(nodes: tuple[Node, ...], scope: Scope) -> str:
    """Why the shapes in a formula are no ground to refute it: a letter of it has an unread definition."""
    names = {ref.name for node in nodes for name in references(node) if (ref := refer(name, scope)) is not None}
    found = [reason for (name, _), reason in sorted(scope.tainted.items()) if name in names]
    found += [reason for name, reason in sorted(scope.doubted.items()) if name in names]
    return f"a letter was not understood: {found[0]}" if found else ""


def doubted(choices: tuple[Choice, ...], nodes: tuple[Node, ...], scope: Scope) -> str:
    """Why a claim is not refuted: a line of a block speaks of a letter that it leads to and was not understood."""
    steps = of_other_times(choices[0], scope) or of_one_or_all(choices[0], scope)
    mixed = cost_in_doubt(choices[0], scope) or apart(choices, scope) or steps or _beside_table(choices[0], scope)
    if not scope.doubted:
        return mixed
    refs = [ref for node in nodes for name in references(node) if (ref := refer(name, scope)) is not None]
    names = {ref.name for ref in refs}
    for choice in choices:
        names |= reached_by(choice)
    reasons = (reason for name, reason in sorted(scope.doubted.items()) if name in names)
    return next(reasons, "") or mixed


def _beside_table(choice: Choice, scope: Scope) -> str:
    """A letter that is declared with what it depends on, and stands with a prime or with something else as well."""
    sides = (choice.claim.left, choice.claim.right)
    called = {node.name for side in sides for node in walk(side) if isinstance(node, Call | Fn)}
    for table in scope.tables:
        names = {table.head, table.head.partition("_")[0]} & called if table.head else set()
        if any((s := scope.symbols.get(name)) is None or not s.declared for name in names):
            return f"nothing says how {min(names)} goes together with {table.name}, which is declared"
    return ""


def reached_by(choice: Choice) -> set[str]:
    """The letters and functions that a claim leads to."""
    sides = (choice.claim.left, choice.claim.right)
    letters = _reached(choice, set().union(*(entry_names(side) for side in sides)))
    bodies = [d.body for d in choice.context.definitions if d.name in letters]
    return letters | {node.name for body in (*sides, *bodies) for node in walk(body) if isinstance(node, Fn | Call)}


def tainted(choice: Choice, scope: Scope) -> str:
    """Why a claim that leads to a letter with an unread definition cannot be judged."""
    reached = reached_by(choice) if scope.tainted else set()
    for (name, _), reason in sorted(scope.tainted.items()):
        if name in reached and not _defined_alone(name, choice):
            return f"what {name} is was not understood: {reason}"
    return ""


def _defined_alone(name: str, choice: Choice) -> bool:
    """Whether only members of a family are named that have definitions of their own (``\\delta^L``)."""
    own = {d.labels for d in choice.context.definitions if d.name == name}
    sides = (choice.claim.left, choice.claim.right)
    used = {node.labels for side in sides for node in walk(side) if isinstance(node, Entry) and node.name == name}
    return bool(used) and used <= own and all(label.name in (None, "L") for labels in used for label in labels)


def _reached(choice: Choice, names: set[str]) -> set[str]:
    """The letters that the definitions of these letters lead to."""
    seen, stack = set(names), sorted(names)
    while stack:
        name = stack.pop()
        for definition in choice.context.definitions:
            if definition.name == name:
                for other in sorted(entry_names(definition.body) - seen):
                    seen.add(other)
                    stack.append(other)
        tensor = choice.context.tensors.get(name)
        if tensor is not None and tensor.matrix is not None and tensor.matrix not in seen:
            seen.add(tensor.matrix)
            stack.append(tensor.matrix)
        for moment in (tensor.mean, tensor.variance) if tensor is not None else ():
            for other in sorted(entry_names(moment) - seen) if moment is not None else ():
                seen.add(other)
                stack.append(other)
    return seen


def is_identity(choice: Choice) -> bool:
    """Whether an equation holds whatever its letters are, and so assumes nothing."""
    return not refutes(choice.claim, choice.context) and judge(choice.claim, choice.context).verdict is Verdict.PROVED


def unless_scaled(choices: tuple[Choice, ...], statement: Statement, scope: Scope) -> tuple[Choice, ...]:
    """The readings, which prove nothing where a number may as well be a matrix."""
    why = _scaled(tuple(side for side in statement.sides if side is not None), scope)
    return tuple(replace(choice, unusual=choice.unusual or why) for choice in choices) if why else choices


def _scaled(nodes: tuple[Node, ...], scope: Scope) -> str:
    r"""Why a claim does not hold for sure with numbers: of ``w (a \odot b)`` nothing says whether w is a matrix."""
    for part in (part for node in nodes for part in every(node)):
        if not isinstance(part, Times):
            continue
        for factor, operator, other in zip(part.factors, part.operators, part.factors[1:], strict=False):
            name = factor.text if isinstance(factor, Name) else ""
            if operator == "" and len(name) == 1 and name.isalpha() and _is_entrywise(other):
                symbol = scope.find(name)
                if symbol is not None and not symbol.declared and symbol.axes == ():
                    return f"true if {name} is a number; beside a product of arrays it may be a matrix: declare it"
    return ""


def _is_entrywise(node: Node) -> bool:
    return isinstance(node, Group) and any(
        isinstance(part, Times) and any(operator in (r"\odot", "⊙") for operator in part.operators)
        for part in every(node)
    )


def any_function(choice: Choice, scope: Scope) -> str:
    """Why an identity of a function of which nothing says what it is holds against nobody: it may be a certain one."""
    sides = (choice.claim.left, choice.claim.right)
    for name in sorted(reached_by(choice) & (IMAGINARY | scope.counting_letters)):
        symbol = scope.symbols.get(name)
        if symbol is not None and not symbol.declared and symbol.axes == () and not symbol.labels:
            return f"{name} may be an index or the imaginary unit: declare it as scalar if it is a number like others"
    if any(scope.defined(name) for side in sides for name in entry_names(side)):
        return ""
    names = {node.name for side in sides for node in walk(side) if isinstance(node, Fn | Call)}
    for name in sorted(names):
        symbol = scope.symbols.get(name)
        if symbol is not None and symbol.kind == "function" and not symbol.declared and not symbol.function:
            return f"nothing says which function {name} is: define it, or declare it as unknown if it may be any"
    return ""
