"""Which relations define their left side, and what they then say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbackprop.verification.reading.composites import part_name, parts_of, whole_name
from symbackprop.verification.reading.elaborate.arguments import lists_others, with_arguments
from symbackprop.verification.reading.elaborate.bold_targets import without_own_sizes
from symbackprop.verification.reading.elaborate.claims import Formula, is_nothing, may_agree, new_reader
from symbackprop.verification.reading.elaborate.definition_labels import of_any_member, unshifted
from symbackprop.verification.reading.elaborate.indices import labels_of
from symbackprop.verification.reading.elaborate.late_names import with_late_name
from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.state import (
    Convention,
    Env,
    NotUnderstood,
    Reader,
    ShapeConflict,
    Unexplained,
)
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import Reference, is_shifted, refer
from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.reading.shapes import DOT_WORDS, FLAT_WORDS, ONE, Array, Misfit, number, sized
from symbackprop.verification.reading.surface import (
    Derivative,
    Group,
    Name,
    Node,
    Scripted,
    Times,
)
from symbackprop.verification.reading.symbols import Symbol, head_name, undressed
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.counting import solved
from symbackprop.verification.terms.nodes import Axis, Call, Delta, Diff, Fn, Mul
from symbackprop.verification.terms.walk import axis_at, entry_names, walk


@dataclass(frozen=True)
class Defined:
    """What a definition adds: a function or a quantity, and how it was read."""

    scope: Scope
    words: tuple[str, ...] = ()


def target(left: Node, scope: Scope) -> Reference | None:
    """The letter that a relation may define: a quantity without powers, or one with its arguments listed."""
    arguments: tuple[Node, ...] = ()
    if isinstance(left, Times) and len(left.factors) == 2 and left.operators == ("",):
        name, group = left.factors
        if (
            isinstance(group, Group)
            and all(isinstance(item, Name | Scripted) for item in group.items)
            and group.bracket == "("
        ):
            left, arguments = name, group.items
    if not isinstance(left, Name | Scripted):
        return None
    ref = refer(left, scope)
    if (
        ref is None
        or ref.symbol is None
        or ref.symbol.kind != "quantity"
        or ref.posts
        or ref.primes
        or ref.symbol.is_random
    ):
        return None
    return replace(ref, arguments=arguments)


def member_of(ref: Reference) -> str:
    """The member of a family that a reference names, as text; empty for a letter without labels."""
    return ", ".join(str(item) for item in _plain(ref) or ())


def is_new(ref: Reference, scope: Scope) -> bool:
    """Whether nothing defines this letter, or this member of its family, yet."""
    if ref.name in scope.soft:
        return True
    return not any(whole_name(d.name) == ref.name and _covers(d.labels, ref, scope) for d in scope.definitions)


def _covers(labels: tuple[Affine, ...], ref: Reference, scope: Scope) -> bool:
    wanted = member_labels(ref, scope)
    return not labels or labels == wanted or any(not item.symbols <= {scope.last} for item in labels)


def member_labels(ref: Reference, scope: Scope) -> tuple[Affine, ...]:
    """The numbers inside of the member that a reference names."""
    reader = new_reader(Scope(counting=scope.counting), Formula("", {}, frozenset()), Convention())
    return labels_of(reader, ref, Env())


def only_named(left: Node, right: Node, objection: NotUnderstood, scope: Scope) -> bool:
    """Whether an equation only names a derivative of something of which a block says what it is and no more."""
    refs = [refer(name, scope) for side in (left, right) for name in references(side)]
    declared = all(ref is not None and ref.name in scope.declared for ref in refs)
    return declared and isinstance(objection, Unexplained) and isinstance(right, Derivative)


def introduces(right: Node, name: str, scope: Scope) -> bool:
    """Whether a side has a letter or function that the definition of ``name`` does not lead to."""
    known = reachable(scope, name) | {name}
    for definition in scope.definitions:
        if definition.name == name:
            known |= {node.name for node in walk(definition.body) if isinstance(node, Fn | Call)}
    for node in references(right):
        ref = refer(node, scope)
        if (
            ref is not None
            and ref.symbol is not None
            and ref.symbol.kind in ("quantity", "function")
            and ref.name not in known
            and not _is_gradient_of(ref.name, known, scope)
        ):
            return True
    return False


def _is_gradient_of(name: str, known: set[str], scope: Scope) -> bool:
    """Whether a letter is nothing but the derivative of a known one."""
    bodies = [d.body for d in scope.definitions if d.name == name]
    return bool(bodies) and all(isinstance(body, Diff) and entry_names(body.body) <= known for body in bodies)


def is_update(ref: Reference, right: Node, scope: Scope) -> bool:
    """Whether the letter stands on the right with the same label: an assignment, no definition."""
    if lists_others(ref, scope):
        return False
    for node in references(right):
        other = refer(node, scope)
        if other is not None and other.name == ref.name and other.symbol and _same_member(other, ref):
            return True
    return False


def _same_member(left: Reference, right: Reference) -> bool:
    """Whether two references of one letter name the same member; entries count as members unless they follow on."""
    if _plain(left) != _plain(right):
        return False
    return not any(is_shifted(index) for index in (*left.indices, *right.indices))


def _plain(ref: Reference) -> tuple[Affine, ...] | None:
    try:
        return member_labels(ref, Scope())
    except NotUnderstood:
        return None


def define(ref: Reference, right: Node, scope: Scope, formula: Formula) -> Defined:
    """Add ``ref := right`` to the scope.

    Raises:
        NotUnderstood: the right side is not understood or has indices that the left side lacks.
        ShapeConflict: the shapes of both sides are known and differ.
    """
    usual = Convention(scope.layout or "shape")
    try:
        return _define(ref, right, scope, formula, usual)
    except ShapeConflict:
        return _define(ref, right, scope, formula, replace(usual, entrywise=""))


def _define(ref: Reference, right: Node, scope: Scope, formula: Formula, convention: Convention) -> Defined:
    assert ref.symbol is not None
    reader = new_reader(scope, formula, convention)
    reader.wanted = _member_axes(ref, ref.symbol.axes or ()) if ref.symbol.declared else None
    left_labels = labels_of(reader, ref, Env())
    symbol = _with_result(reader, ref, right)
    letters = _index_names(reader, ref, symbol)
    reader.outer = frozenset(letters)
    try:
        array = _chosen(reader, ref, symbol, reader.read(right, Env()), right)
        if array.axes and symbol.name in SCALAR_NAMES and not (symbol.declared or letters):  # a cost is a number
            reader.scope = _with_array_functions(reader.scope, right, (), letters)
            array = _chosen(reader, ref, symbol, reader.read(right, Env()), right)
    except ShapeConflict:
        reader.scope = _with_array_functions(reader.scope, right, _own_axes(reader, ref, symbol), letters)
        array = _chosen(reader, ref, symbol, reader.read(right, Env()), right)
    stray = [letter for letter in reader.free if letter not in letters]
    for letter in stray:
        declared = scope.symbols.get(letter)
        if declared is None or declared.kind != "index" or not declared.declared:
            raise NotUnderstood(f"index {letter} is bound nowhere", right.span)
    symbol = replace(symbol, fixed=tuple((letter, reader.free[letter]) for letter in stray))
    made: list[Definition] = []
    for part in parts_of(array.axes):
        inner = tuple(reader.fresh("i") for _ in part.axes)
        names = (*letters, *inner)
        own = tuple(Affine.of(1) if a == ONE else Affine.symbol(n) for n, a in zip(inner, part.axes, strict=False))
        body = array.at(part.indices(own) if array.axes else ())
        if len(names) == 2 and names[0] == names[1]:  # D_ii
            names = (names[0], reader.fresh("i"))
            body = Mul((Delta(Affine.symbol(names[0]), Affine.symbol(names[1])), body))
            array = array.noted(f"{symbol.name} is a diagonal matrix: only its diagonal is defined")
        names = _with_narrow(reader, ref, symbol, names)
        name = part_name(symbol.name, part.numbers)
        made.append(unshifted(name, left_labels, (*names, *stray), body, scope.last))
    recorded = _recorded(reader, symbol, array, ref)
    for definition in made:
        recorded = with_late_name(recorded.with_definition(definition), definition)
    words = array.words + ((_ONE_EXAMPLE,) if reader.one_example else ())
    return Defined(recorded.with_words(*array.words), words)


_ONE_EXAMPLE = "the number of training examples is 1"


def _with_result(reader: Reader, ref: Reference, right: Node) -> Symbol:
    """Fix what an unknown function gives, where the right side is one call of it."""
    symbol = ref.symbol
    assert symbol is not None
    if (
        isinstance(right, Times)
        and len(right.factors) == 2
        and right.operators == ("",)
        and isinstance(right.factors[1], Group)
    ):
        head = right.factors[0]
        name = head_name(head)
        function = refer(head, reader.scope) if isinstance(head, Name | Scripted) else None
        if (
            name
            and function
            and function.symbol
            and function.symbol.kind == "function"
            and not function.symbol.function
            and function.name not in reader.scope.bodies
            and function.symbol.result is None
        ):
            result = _result(reader, symbol, ref, right.factors[1])
            if result is not None:
                reader.scope = reader.scope.with_symbol(replace(function.symbol, result=result))
    return symbol


def _result(reader: Reader, symbol: Symbol, ref: Reference, group: Group) -> tuple | None:  # type: ignore[type-arg]
    """The axes of the value of an unknown function, or ``None`` where it acts entry by entry."""
    axes = _own_axes(reader, ref, symbol)
    scratch = replace(reader, free={}, used=set(), running=set(), aliases={})
    shapes = [scratch.read(item, Env())[0].axes for item in group.items]
    if len(shapes) > 1 and ref.indices:  # one entry is on the left
        return ()
    if symbol.declared or symbol.name in SCALAR_NAMES:
        if len(shapes) == 1 and (shapes[0] == axes or ref.indices):
            return None
        return axes
    return None if len(shapes) == 1 else shapes[0] if any(shapes) else ()


def _with_array_functions(scope: Scope, right: Node, axes: tuple[Axis, ...], letters: tuple[str, ...]) -> Scope:
    """Unknown functions inside a side whose shapes do not fit have values of the shape of the left side."""
    for node in every(right):
        for head, _ in calls(node) if isinstance(node, Times) else ():
            function = refer(head, scope) if isinstance(head, Name | Scripted) else None
            symbol = function.symbol if function else None
            if symbol is None or symbol.kind != "function" or symbol.function or symbol.name in scope.bodies:
                continue
            if symbol.result is None and not letters:
                scope = scope.with_symbol(replace(symbol, result=axes))
    return scope


def _with_narrow(reader: Reader, ref: Reference, symbol: Symbol, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the indices, with one for every axis of a single entry."""
    axes = _own_axes(reader, ref, symbol, narrow=True)
    rest = iter(names)
    if not any(axis in reader.scope.narrow for axis in axes):
        return names
    return tuple(reader.fresh("i") if axis in reader.scope.narrow else next(rest) for axis in axes)


def _index_names(reader: Reader, ref: Reference, symbol: Symbol) -> tuple[str, ...]:
    names = tuple(node.text for node in ref.indices if isinstance(node, Name))
    if _is_diagonal(names, _own_axes(reader, ref, symbol), symbol):
        return names
    if len(names) != len(ref.indices) or len(set(names)) != len(names):
        raise NotUnderstood("a definition of single entries is not understood", ref.span)
    if names and len(names) not in (len(_own_axes(reader, ref, symbol)), _leading(symbol)):
        raise NotUnderstood(
            f"{symbol.name} carries {len(names)} indices but has {len(symbol.axes or ())} axes", ref.span
        )
    return names


def _is_diagonal(names: tuple[str, ...], axes: tuple[Axis, ...], symbol: Symbol) -> bool:
    r"""``D_{ii} = …``: a matrix called D of which only the diagonal is said is 0 elsewhere."""
    bare = undressed(symbol.name).removeprefix(r"\tilde").removeprefix(r"\hat").strip("{}")
    return len(names) == len(axes) == 2 and len(set(names)) == 1 and axes[0] == axes[1] and undressed(bare) == "D"


def _chosen(reader: Reader, ref: Reference, symbol: Symbol, arrays: list[Array], right: Node) -> Array:
    """The reading whose shape is that of the left side."""
    if ref.indices:
        wanted = _member_axes(ref, _own_axes(reader, ref, symbol))
        for array in arrays:
            if array.axes == wanted:
                return array
        raise NotUnderstood("one entry is on the left and a whole array on the right", right.span)
    symbol = without_own_sizes(symbol, arrays[0], right, reader.scope)
    if not symbol.declared and not symbol.axes:
        flat = [array for array in arrays if FLAT_WORDS in array.words]
        if DOT_WORDS in arrays[0].words and flat and _has_slope(right):
            return flat[0]
        if any(other.cost == arrays[0].cost and other.axes != arrays[0].axes for other in arrays[1:]):
            raise NotUnderstood(f"a product can be read in two ways; declare the shape of {symbol.name}", right.span)
        return arrays[0]
    axes = _own_axes(reader, ref, symbol)
    for array in arrays:
        if (made := _as_declared(array, axes, right)) is not None:
            return made
    sure = arrays[0].sure and symbol.certain and not may_agree(axes, arrays[0].axes)
    misfit = Misfit(axes, arrays[0].axes, "the two sides", sure)
    raise ShapeConflict(misfit.written(reader.scope.counting), right.span)


def _member_axes(ref: Reference, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of what is named: of ``o_i`` those of the vector that it is, of an entry none."""
    leading = _leading(ref.symbol) if ref.symbol is not None else 0
    if not ref.indices:
        return axes
    return axes[leading:] if len(ref.indices) == leading else ()


def _leading(symbol: Symbol) -> int:
    """How many indices name a member: one that of a declared matrix which is not square, a row."""
    axes = symbol.axes or ()
    rows = symbol.declared and len(axes) == 2 and axes[0] != axes[1] and ONE not in axes and not symbol.labels
    return symbol.leading or int(rows)


def _as_declared(array: Array, axes: tuple[Axis, ...], right: Node) -> Array | None:
    """The reading with the axes of the left side, if it has these or may take them."""
    if array.axes == axes:
        return array
    if array.eye and len(axes) == 2 and axes[0] == axes[1]:
        return sized(array, axes[0])
    if is_nothing(array):
        return replace(array, axes=axes, at=lambda _: number(0))
    if isinstance(right, Derivative) and axes and axes[0] == ONE and array.axes == axes[1:]:
        return replace(array, axes=axes, at=lambda idx: array.at(idx[1:])).noted(_AS_ROW)
    return None


_AS_ROW = "a gradient is written as a row where its name is declared as one"
_CONSTANT = "a number as the value of an array is that of every entry"


def _has_slope(node: Node) -> bool:
    """Whether a side has a factor such as ``\\sigma'(z)``, with which nobody means a dot product."""
    return any(isinstance(ref, Scripted) and ref.primes for ref in references(node))


def _own_axes(reader: Reader, ref: Reference, symbol: Symbol, narrow: bool = False) -> tuple[Axis, ...]:
    """The axes of the member that is defined; those of one entry only if asked for."""
    env = dict(zip(symbol.labels, member_labels(ref, reader.scope), strict=False))
    axes = tuple(axis_at(axis, env) for axis in symbol.axes or ())
    return tuple(axis for axis in axes if narrow or axis not in reader.scope.narrow)


def _recorded(reader: Reader, symbol: Symbol, array: Array, ref: Reference) -> Scope:
    """The scope with the shape that the definition gives to its left side."""
    scope = reader.scope
    if not symbol.declared and not ref.indices and array.axes:
        labels = member_labels(ref, scope)
        axes = array.axes
        found = solved(labels[0], scope.last) if labels and symbol.labels else None
        if found is None and labels and symbol.labels and labels[0].symbols == {scope.last}:
            found = solved(labels[0], None)  # what holds for the last member is taken for every one
        if found is not None:
            letter, value = found
            back = {letter: value.substitute({letter: Affine.symbol(symbol.labels[0])})}
            axes = tuple(axis_at(axis, back) for axis in axes)
        elif labels and symbol.labels and labels[0].number is not None:
            axes = tuple(of_any_member(axis, labels[0].number, symbol.labels[0]) for axis in axes)
        symbol = replace(symbol, axes=axes, why="its definition has this shape")
    if not symbol.declared or symbol.fixed:
        scope = scope.with_symbol(replace(symbol, declared=True, certain=symbol.certain and array.sure))
    scope = with_arguments(scope, ref)
    return replace(scope, running=scope.running | frozenset(reader.running - {scope.last or ""}))
