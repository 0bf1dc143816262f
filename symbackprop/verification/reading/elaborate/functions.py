"""Functions applied to arrays: known ones, unknown ones, those the note defines, and those of whole arrays."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from symbackprop.verification.reading.composites import Part, is_made, parts_of
from symbackprop.verification.reading.elaborate.array_functions import ARRAY, MOMENTS
from symbackprop.verification.reading.elaborate.combine import combine
from symbackprop.verification.reading.elaborate.indices import label, pick
from symbackprop.verification.reading.elaborate.lists import all_entries
from symbackprop.verification.reading.elaborate.moments import within_moment
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES, example_counts
from symbackprop.verification.reading.labels import Reference, is_transpose, letters_in, refer, script_items
from symbackprop.verification.reading.scope import LAYER_LETTERS, FunctionBody, Scope, reachable
from symbackprop.verification.reading.shapes import Array, join, mapped, number
from symbackprop.verification.reading.surface import Name, Node, Number, Script, Scripted, Span
from symbackprop.verification.reading.symbols import Symbol, argument_names, known_function, plain
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Axis, Call, Diff, Entry, Fn, Lambda, Mul, Pow, Term
from symbackprop.verification.terms.walk import entry_names, free_symbols

INVERSES = {
    **{"sin": "arcsin", "cos": "arccos", "tan": "arctan"},
    **{"sinh": "arsinh", "cosh": "arcosh", "tanh": "artanh", "sigmoid": "logit"},
}


def is_function(reader: Reader, ref: Reference) -> bool:
    """Whether a letter stands for a function here: declared or defined so, or a known word."""
    return known_name(ref, reader.scope)


def known_name(ref: Reference, scope: Scope) -> bool:
    """The same where nothing is being read yet."""
    if ref.symbol is not None:
        return ref.symbol.kind == "function" or ref.name in scope.bodies
    return ref.name in scope.bodies or bool(known_function(ref.name)) or ref.name in ARRAY


def function_name(reader: Reader, ref: Reference) -> str:
    """The known function behind a letter, or an empty name."""
    if ref.name in reader.scope.bodies:
        return ""
    if ref.symbol is not None:
        return ref.symbol.function
    return known_function(ref.name) or (ref.name if ref.name in ARRAY else "")


def applied_alone(reader: Reader, ref: Reference, node: Name | Scripted, env: Env) -> list[Array]:
    r"""A function without its argument (``\sigma (1 - \sigma)``): the argument is the one it has elsewhere."""
    argument = reader.arguments.get(ref.name)
    body = reader.scope.bodies.get(ref.name)
    if function_name(reader, ref) in MOMENTS:
        raise NotUnderstood(f"{ref.name} of what? nothing stands behind it", node.span)
    if body is not None and ref.indices and (slots := _parameters(ref, body)):
        own = tuple(Name(letter, node.span) for letter in body.parameters)
        return [_partial(reader, body, own, slots, env, node.span)]
    known = body is not None and all(map(reader.scope.knows, body.parameters)) and not env.values
    if body is not None and not ref.primes and (argument is None or len(body.parameters) > 1 or known):
        word = f"{ref.name} stands for {ref.name}({', '.join(body.parameters)})"
        return [array.noted(word) for array in _read_body(reader, body, env)]
    if argument is None:
        raise NotUnderstood(f"{ref.name} is a function and has no argument here", node.span)
    word = f"{ref.name} without an argument is read as applied to what it is applied to elsewhere"
    return [array.noted(word) for array in apply(reader, node, (argument,), env)]


def apply(reader: Reader, node: Name | Scripted, arguments: tuple[Node, ...], env: Env) -> list[Array]:
    """Every reading of a function of these arguments, with the scripts on the function applied to the value."""
    ref = refer(node, reader.scope)
    assert ref is not None
    inverse = _inverse_name(reader, ref, node)
    if inverse:
        return apply(reader, Name(inverse, node.span, upright=True), arguments, env)
    order, rest = _order(node, ref)
    body = reader.scope.bodies.get(ref.name)
    if body is not None and ref.indices and (slots := _parameters(ref, body)):
        return _finished(reader, [_partial(reader, body, arguments, slots, env, node.span)], rest, env, node.span)
    if (
        body is not None
        and not order
        and not env.values
        and not ref.indices
        and body.parameters == argument_names(arguments)
    ):
        return _finished(reader, _read_body(reader, body, env), rest, env, node.span)
    known = function_name(reader, ref)
    values = _values(reader, known, arguments, env)
    if ref.name in reader.scope.bodies:
        found = _inline(reader, reader.scope.bodies[ref.name], values, order, env, node.span)
    elif known in ARRAY and ref.name != "identity":
        if order:
            raise NotUnderstood(f"the derivative of {ref.name} is written with its entries", node.span)
        found = combine(values, lambda chosen: ARRAY[known](reader, chosen, node.span))
    elif known:
        doubt_of_matrices(reader, known, values[0] if values else [])
        found = combine(values, lambda chosen: [_elementwise(known, order, chosen, node.span)])
    else:
        found = combine(values, lambda chosen: _unknown(reader, ref, order, chosen, env))
    if known == "log" and ref.indices:
        found = [_to_base(reader, array, ref, env) for array in found]
    elif isinstance(node, Scripted) and ref.indices and (known or ref.name in reader.scope.bodies):
        found = [_component(reader, array, ref, env) for array in found]
    return _finished(reader, found, rest, env, node.span)


def doubt_of_matrices(reader: Reader, name: str, arrays: list[Array]) -> None:
    """An exponential, logarithm or root of a square matrix, read entry by entry, may be that of the matrix."""
    if name in ("exp", "log", "sin", "cos", "sqrt") and any(
        len(a.axes) == 2 == a.axes.count(a.axes[0]) for a in arrays
    ):
        reader.doubt = reader.doubt or f"{name} of a square matrix is read entry by entry: is it that of the matrix?"


def _values(reader: Reader, known: str, arguments: tuple[Node, ...], env: Env) -> list[list[Array]]:
    """Every reading of each argument."""
    inner = within_moment(reader, arguments, env) if known in MOMENTS else env
    free = frozenset(reader.free)
    values = [reader.read(argument, inner) for argument in arguments]
    whole = all_entries(reader, arguments, values, free, inner) if known in ("diag", "Diag") else None
    return values if whole is None else [reader.read(whole, inner)]


def _inverse_name(reader: Reader, ref: Reference, node: Name | Scripted) -> str:
    r"""The name of ``\tan^{-1}`` and its like; of an unknown function it is another function."""
    if not isinstance(node, Scripted) or len(node.sups) != 1 or plain(node.sups[0].raw) != "-1" or node.sups[0].bracket:
        return ""
    if node.subs or node.primes:
        return ""
    return INVERSES.get(function_name(reader, ref), "")


def _to_base(reader: Reader, array: Array, ref: Reference, env: Env) -> Array:
    r"""``\log_2``, ``\log_b``: the natural one over that of the base."""
    if len(ref.indices) != 1:
        raise NotUnderstood("a logarithm to several bases", ref.span)
    base = reader.scalar(ref.indices[0], env)
    return mapped(array, lambda term: Mul((term, Pow(Fn("log", 0, base.at(())), number(-1)))))


def _parameters(ref: Reference, body: FunctionBody) -> tuple[str, ...]:
    """The parameters by which ``f_x(x, y)`` and ``f_{xy}(x, y)`` are differentiated; nothing for other subscripts."""
    letters = tuple(node.text for node in ref.indices if isinstance(node, Name))
    return letters if len(letters) == len(ref.indices) and set(letters) <= set(body.parameters) else ()


def _partial(
    reader: Reader, body: FunctionBody, arguments: tuple[Node, ...], slots: tuple[str, ...], env: Env, span: Span
) -> Array:
    """A partial derivative of a function that the note defines, at its own letters."""
    if env.values or body.parameters != argument_names(arguments):
        raise NotUnderstood(f"a partial derivative of {body.name} is understood at its own letters only", span)
    result = reader.scalar(body.body, env)
    for letter in slots:
        entry = reader.scalar(Name(letter, span), env).at(())
        if not isinstance(entry, Entry):
            raise NotUnderstood(f"{letter} is no single number", span)
        result = mapped(result, partial(Diff, by=entry, total=False))
    return result


def _component(reader: Reader, array: Array, ref: Reference, env: Env) -> Array:
    r"""The entry of the value that a subscript of the function picks, ``\sigma_i``; a layer letter picks none."""
    if not array.axes:
        if all(set(letters_in(node)) & {*LAYER_LETTERS} for node in ref.indices):
            return array
        raise NotUnderstood(f"an index on {ref.name}, whose value is a single number", ref.span)
    return pick(reader, array, ref.indices, env, ref.span)


def _order(node: Name | Scripted, ref: Reference) -> tuple[int, tuple[Script, ...]]:
    r"""The derivative order, and the scripts that belong to the value: ``f^{(2)}(x)``, ``\tanh^2(x)``, ``s_i``."""
    if isinstance(node, Name):
        return 0, ()
    order, rest = ref.primes, []
    for script in node.sups:
        items = script_items(script)
        if (
            script.bracket == "("
            and len(items) == 1
            and isinstance(items[0], Number)
            and not (ref.symbol and ref.symbol.labels)
        ):
            order += int(items[0].value)
        elif script.bracket == "":
            rest.append(script)
    return order, tuple(rest)


def _finished(reader: Reader, arrays: list[Array], rest: tuple[Script, ...], env: Env, span: Span) -> list[Array]:
    from_scripts = arrays
    for script in rest:
        if is_transpose(script) or plain(script.raw) == "-1" or len(script.items) != 1:
            raise NotUnderstood("this script on a function is not understood", script.span)
        powers = [p for p in reader.read(script.items[0], env) if not p.axes]
        from_scripts = [_raised(array, power) for array in from_scripts for power in powers[:1]]
    return from_scripts


def _raised(array: Array, power: Array) -> Array:
    return mapped(array, lambda term: Pow(term, power.at(())))


def _elementwise(name: str, order: int, chosen: tuple[Array, ...], span: Span) -> Array:
    if len(chosen) != 1:
        raise NotUnderstood(f"{name} takes one argument", span)
    return mapped(chosen[0], lambda term: Fn(name, order, term))


def _inline(
    reader: Reader, body: FunctionBody, values: list[list[Array]], order: int, env: Env, span: Span
) -> list[Array]:
    if len(values) != len(body.parameters):
        raise NotUnderstood(f"{body.name} was defined with {len(body.parameters)} arguments", span)
    if any("_{" in name or "^{" in name for name in body.parameters):
        raise NotUnderstood(f"{body.name} is understood at the letters of its definition only", span)
    if order == 0:
        found: list[Array] = []
        for choice in _choices(values):
            found += _read_body(reader, body, Env(values=dict(zip(body.parameters, choice, strict=True))))
        return found
    return [_derived(reader, body, choice[0], order, span) for choice in _choices(values)]


def _read_body(reader: Reader, body: FunctionBody, env: Env) -> list[Array]:
    """What a function stands for, one training example being looked at if its sum runs over these."""
    reader.counts = reader.counts | example_counts((body.body,), reader.scope)
    return reader.read(body.body, env)


def _choices(values: list[list[Array]]) -> list[tuple[Array, ...]]:
    choices: list[tuple[Array, ...]] = [()]
    for options in values:
        choices = [(*choice, option) for choice in choices for option in options[:3]]
    return choices


def _derived(reader: Reader, body: FunctionBody, argument: Array, order: int, span: Span) -> Array:
    """The derivative of a function that the note defines."""

    def at(idx: tuple[Affine, ...]) -> Term:
        point = argument.at(idx)
        assert isinstance(point, Entry)
        inner = Array((), lambda _: point)
        term = reader.scalar(body.body, Env(values={body.parameters[0]: inner})).at(())
        through = _leads_to(reader, term, body.parameters[0])
        if through and point.name != body.parameters[0]:
            raise NotUnderstood(f"in {body.name}, {through} depends on {body.parameters[0]} as well", span)
        for _ in range(order):
            term = Diff(term, point, total=bool(through))
        return term

    probe = argument.at(tuple(Affine.symbol(f"%{k}") for k, _ in enumerate(argument.axes)))
    if len(body.parameters) != 1:
        raise NotUnderstood(f"the derivative of {body.name} is understood with one argument only", span)
    argument = argument if isinstance(probe, Entry) else _named_point(reader, body, argument, span)
    return replace(argument, at=at)


def _named_point(reader: Reader, body: FunctionBody, argument: Array, span: Span) -> Array:
    """An argument that is no letter as a new letter that is defined by it: ``f'(2)``, ``f'(2x)``."""
    name, indices = reader.fresh(body.parameters[0]), tuple(f"i{k}" for k, _ in enumerate(argument.axes))
    value = argument.at(tuple(map(Affine.symbol, indices)))
    if free_symbols(value) - set(indices):
        raise NotUnderstood(f"the derivative of {body.name} is understood at letters and numbers", span)
    reader.scope = reader.scope.with_symbol(Symbol(name, "quantity", argument.axes, why="a letter at a point"))
    reader.scope = reader.scope.with_definition(Definition(name, (), indices, value))
    return replace(argument, at=lambda idx: Entry(name, (), idx))


def _is_loss(name: str) -> bool:
    return name in SCALAR_NAMES or name.partition("_")[0] in SCALAR_NAMES


def _leads_to(reader: Reader, term: Term, name: str) -> str:
    """A letter of a term, other than ``name``, whose definition leads to ``name``; empty if there is none."""
    letters = sorted(entry_names(term) - {name})
    return next((letter for letter in letters if name in reachable(reader.scope, letter)), "")


def _unknown(reader: Reader, ref: Reference, order: int, chosen: tuple[Array, ...], env: Env) -> list[Array]:
    """Entry by entry where its value has the shape of its argument, else an unknown function of arrays."""
    component = _component_letters(reader, ref, env) if any(array.axes for array in chosen) and not order else ()
    if component:
        return [join(chosen, (), lambda _: Call(ref.name, (), component, _lambdas(reader, chosen)))]
    labels = tuple(label(reader, node, env) for node in _function_labels(ref))
    result = ref.symbol.result if ref.symbol else None
    one = len(chosen) == 1
    if one and result is None and not labels:
        return [mapped(chosen[0], lambda term: Fn(ref.name, order, term))]
    if order and not (one and result is None):
        raise NotUnderstood(f"a prime on {ref.name}, a function of several numbers, is ambiguous", ref.span)
    if one and result is None:
        slots = ((0, ()),) * order
        return [mapped(chosen[0], lambda term: Call(ref.name, labels, (), (Lambda((), term),), slots))]
    if result is None and any(array.axes for array in chosen) and not _is_loss(ref.name):
        raise NotUnderstood(f"nothing says of what shape the value of {ref.name} is", ref.span)
    axes = result if result is not None else ()
    if is_made(axes):
        raise NotUnderstood(f"the value of {ref.name} is put together from others", ref.span)
    value = join(chosen, axes, lambda idx: Call(ref.name, labels, idx, _lambdas(reader, chosen)))
    return [value if ref.symbol is None or ref.symbol.certain else replace(value, sure=False)]


def _component_letters(reader: Reader, ref: Reference, env: Env) -> tuple[Affine, ...]:
    """The entry of an unknown array-valued function, where its subscripts are indices: ``f_j(x)``."""
    letters = [node.text for node in ref.indices if isinstance(node, Name)]
    known = [x for x in letters if x in env.bound or x in reader.outer or x in reader.free]
    if not letters or len(known) != len(ref.indices) or any(x in reader.scope.running for x in letters):
        return ()
    return tuple(Affine.symbol(env.bound[x].name if x in env.bound else x) for x in letters)


def _function_labels(ref: Reference) -> tuple[Node, ...]:
    raised = [node for kind, node in ref.posts if kind == "power" and node is not None and not isinstance(node, Number)]
    return (*ref.labels, *ref.indices) if ref.symbol is None or not ref.symbol.axes else tuple(raised)


def _lambdas(reader: Reader, arrays: tuple[Array, ...]) -> tuple[Lambda, ...]:
    """The arguments of a function of arrays, one a part."""
    return tuple(_lambda(reader, array, part) for array in arrays for part in parts_of(array.axes))


def _lambda(reader: Reader, array: Array, part: Part) -> Lambda:
    names: list[tuple[str, Axis]] = [(reader.fresh("p"), axis) for axis in part.axes]
    return Lambda(tuple(names), array.at(part.indices(tuple(Affine.symbol(name) for name, _ in names))))
