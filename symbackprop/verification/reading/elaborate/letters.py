"""Letters with their scripts: quantities, sizes, running indices, powers and transposes."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.composites import is_made, same
from symbackprop.verification.reading.elaborate.array_products import DOWN, array_product
from symbackprop.verification.reading.elaborate.axes import size_axis
from symbackprop.verification.reading.elaborate.bracket_primes import primed_bracket
from symbackprop.verification.reading.elaborate.class_numbers import is_of_another
from symbackprop.verification.reading.elaborate.constants import constant
from symbackprop.verification.reading.elaborate.functions import applied_alone, doubt_of_matrices, is_function
from symbackprop.verification.reading.elaborate.indices import (
    completed,
    label,
    labels_of,
    left_out,
    line,
    pick,
    row_or_column,
)
from symbackprop.verification.reading.elaborate.inverses import diagonal_power, inverse
from symbackprop.verification.reading.elaborate.letter_arrays import letter_array
from symbackprop.verification.reading.elaborate.moments import any_entry
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.unit_vectors import unit_vector
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import (
    Post,
    Reference,
    is_transpose,
    letters_in,
    looks_like_label,
    plain_affine,
    refer,
    script_items,
    t_is_number,
)
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.shapes import (
    ONE,
    POWER_WORDS,
    Array,
    contracted,
    mapped,
    number,
    scalar,
    squeezed,
    transposed,
)
from symbackprop.verification.reading.surface import Group, Name, Node, Number, Script, Scripted, Times
from symbackprop.verification.reading.symbols import plain
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Const, Fn, Pow, Range, Size, Whole

MAX_MATRIX_POWER = 6
EYES = ("I", r"\mathbf{I}", r"\mathbb{I}", r"\mathrm{I}")
ZEROS = (r"\mathbf{0}", r"\vec{0}", r"\mathbb{0}")
ONES = (r"\mathbf{1}", r"\mathbb{1}", r"\vec{1}")


def read_name(reader: Reader, node: Name, env: Env) -> list[Array]:
    """A letter without scripts."""
    if node.text in env.values:
        return [env.values[node.text]]
    if node.text in reader.counts:
        return [scalar(number(1))]
    if node.text in env.bound:
        return [scalar(Whole(Affine.symbol(env.bound[node.text].name)))]
    constant = _constant(reader, node)
    if constant is not None:
        return [constant]
    return read_reference(reader, node, env)


def _constant(reader: Reader, node: Name) -> Array | None:
    if reader.scope.knows(node.text):
        return None
    if node.text == r"\pi":
        return scalar(Const("pi"))
    if node.text in ("e", r"\mathrm{e}"):
        return scalar(Fn("exp", 0, number(1)))
    if node.text in EYES:
        return Array((), lambda _: number(1), eye=True)
    if node.text in ZEROS:
        return scalar(number(0))
    if node.text in ONES:
        return Array((), lambda _: number(1), ones="column")
    return None


def read_scripted(reader: Reader, node: Scripted, env: Env) -> list[Array]:
    """A letter or a bracket with scripts."""
    if isinstance(node.base, Name):
        if node.base.text in env.values:
            return with_scripts(reader, [env.values[node.base.text]], node, env)
        if node.base.text in env.bound and not node.subs and not node.primes:
            return with_scripts(reader, read_name(reader, node.base, env), node, env)  # i^2 below a sum over i
        if node.base.text in ("e", r"\mathrm{e}") and node.sups and not node.subs:
            symbol = reader.scope.find("e")
            if symbol is None or symbol.name.startswith(r"\mathbf") and _is_exponent(node.sups[0], reader):
                return _exponential(reader, node, env)
            layered = symbol is not None and symbol.labels and symbol.place == "sup" and looks_like_label(node.sups[0])
            if not layered and not isinstance(node.sups[0].items[0], Number):
                raise NotUnderstood("e is a quantity here, or is this Euler's number? write \\exp(…)", node.span)
        constant = of_size(reader, node, node.base.text) or _constant(reader, node.base)
        if constant is not None and constant.axes:
            return with_scripts(reader, [constant], replace(node, subs=()), env)
        if constant is not None and not node.primes and refer(node, reader.scope).symbol is None:  # type: ignore[union-attr]
            return with_scripts(reader, [constant], node, env)
        return read_reference(reader, node, env)
    if node.primes:
        return primed_bracket(reader, node, env)
    return with_scripts(reader, reader.read(node.base, env), node, env)


def _is_exponent(script: Script, reader: Reader) -> bool:
    r"""Whether what stands above a plain e, beside a bold one, is neither a number of a member nor a sign."""
    plain_power = len(script.items) == 1 and not isinstance(script.items[0], Number)
    letters = references(script.items[0]) if plain_power else ()
    known = [refer(letter, reader.scope) for letter in letters]
    return any(ref is not None and ref.symbol is not None and ref.symbol.kind == "quantity" for ref in known)


def of_size(reader: Reader, node: Scripted, text: str) -> Array | None:
    r"""``\mathbf{1}_n``: n ones; ``\mathbf{1}_{m \times n}``: a matrix of them; ``I_n``: the identity of n rows."""
    if text not in (*ONES, *EYES) or reader.scope.knows(text) or len(node.subs) != 1 or len(node.subs[0].items) != 1:
        return None
    (item,) = node.subs[0].items
    sizes = item.factors if isinstance(item, Times) and set(item.operators) <= {r"\times"} else (item,)
    axes = tuple(axis for size in sizes if (axis := size_axis(size, reader.scope)) is not None)
    if len(axes) != len(sizes) or len(axes) > 2:
        return None
    if text in ONES:
        return Array(axes, lambda _: number(1))
    return Array((axes[0],) * 2, lambda idx: same(idx[0], idx[1], axes[0])) if len(set(axes)) == 1 else None


def _exponential(reader: Reader, node: Scripted, env: Env) -> list[Array]:
    if len(node.sups) != 1 or node.subs or len(node.sups[0].items) != 1:
        raise NotUnderstood("e with these scripts is not a power of e", node.span)
    powers = reader.read(node.sups[0].items[0], env)
    doubt_of_matrices(reader, "exp", powers)
    return [mapped(power, lambda t: Fn("exp", 0, t)) for power in powers]


def read_reference(reader: Reader, node: Name | Scripted, env: Env) -> list[Array]:
    """A letter with its scripts as the scope explains it."""
    ref = refer(node, reader.scope)
    assert ref is not None
    if is_function(reader, ref):
        return applied_alone(reader, ref, node, env)
    unit = unit_vector(reader, node, ref, env)
    if unit is not None:
        return _posted(reader, [unit], ref, env)
    if ref.symbol is None:
        if isinstance(node, Name):
            return [scalar(Whole(Affine.symbol(node.text)))] if _is_index(reader, node) else _unknown(node)
        return _unknown(node)
    if ref.symbol.kind == "size":
        return _posted(reader, [scalar_size(reader, node, ref, env)], ref, env)
    if ref.symbol.kind == "index":
        if is_of_another(ref.name, frozenset(env.bound), ()):
            raise NotUnderstood(f"{ref.name} is another class for each term of a sum", node.span)
        return _posted(reader, [scalar(Whole(Affine.symbol(ref.name)))], ref, env)
    if ref.primes:
        raise NotUnderstood(f"{ref.name} is no function, so its prime says nothing", node.span)
    return _posted(reader, [member(reader, ref, env)], ref, env)


def _is_index(reader: Reader, node: Name) -> bool:
    return node.text in reader.free or node.text in reader.scope.running or node.text in reader.indices


def _unknown(node: Name | Scripted) -> list[Array]:
    name = node if isinstance(node, Name) else node.base
    assert isinstance(name, Name)
    raise NotUnderstood(f"nothing says what {name.text} is", node.span)


def scalar_size(reader: Reader, node: Node, ref: Reference, env: Env) -> Array:
    """The number of entries along an axis as a number; another name for a known axis counts as that axis."""
    axis = size_axis(node if not isinstance(node, Scripted) else replace(node, sups=(), primes=0), reader.scope)
    if axis is None or any(s in env.bound for a in axis.labels for s in a.symbols):
        raise NotUnderstood(f"{ref.name} is a size and has other scripts here", node.span)
    return Array((), lambda _: Size(reader.aliases.get(axis, axis)))


def member(reader: Reader, ref: Reference, env: Env) -> Array:
    """The array or entry that a reference names."""
    symbol = ref.symbol
    assert symbol is not None
    if len(ref.labels) != len(symbol.labels):
        numbers = "two neighbouring layers" if symbol.joins else ", ".join(symbol.labels) or "nothing"
        raise NotUnderstood(f"{symbol.name} is numbered by {numbers}", ref.span)
    for letter, axis in symbol.fixed:
        if is_of_another(letter, frozenset(env.bound), ref.indices):
            raise NotUnderstood(f"{letter} is another class for each term of a sum", ref.span)
        reader.free.setdefault(letter, axis)
    array = _narrowed(letter_array(symbol, labels_of(reader, ref, env)), reader.scope)
    if not ref.indices:
        return any_entry(reader, ref, array, env) if env.one_entry and array.axes else array
    full = completed(reader, ref, array, env)
    if full is not None:
        words = f"{symbol.name} with one index left out is read with the index that the formula has for it"
        return pick(reader, array, full, env, ref.span, symbol.leading).noted(words)
    full = left_out(reader, ref, array, env)
    if full is not None:
        words = f"{symbol.name} with one index left out is read for every value of it, the same everywhere"
        return pick(reader, array, full, env, ref.span, symbol.leading).noted(words)
    part = row_or_column(reader, ref, array, env)
    if part is not None:
        return part
    try:
        return pick(reader, array, ref.indices, env, ref.span, symbol.leading)
    except NotUnderstood as objection:
        raise NotUnderstood(f"{symbol.name} {objection.reason}", objection.span) from None


def _narrowed(array: Array, scope: Scope) -> Array:
    """The array with axes of one entry marked as such; a vector of one entry is a number."""
    axes = tuple(ONE if axis in scope.narrow else axis for axis in array.axes)
    if axes == array.axes:
        return array
    narrow = replace(array, axes=axes)
    return squeezed(narrow) if len(axes) == 1 else narrow


def _posted(reader: Reader, arrays: list[Array], ref: Reference, env: Env) -> list[Array]:
    for kind, node in ref.posts:
        arrays = [after for array in arrays for after in post(reader, array, (kind, node), env, ref)]
    return arrays


def post(reader: Reader, array: Array, what: Post, env: Env, ref: Reference | None) -> list[Array]:
    """A transpose, inverse or power of an array."""
    kind, node = what
    if kind == "transpose":
        return [transposed(array)]
    if kind == "inverse":
        return [inverse(reader, array, ref)]
    assert node is not None
    if kind == "member":
        return [_column(reader, array, node, env)]
    return powers(reader, array, node, env)


def _column(reader: Reader, array: Array, node: Node, env: Env) -> Array:
    """One sample of a batch, ``Z^{[l](i)}``: along the axis that its letter runs over."""
    if len(array.axes) != 2 or not isinstance(node, Name | Number):
        raise NotUnderstood("a sample number on something that is no batch", node.span)
    bound = env.bound.get(node.text) if isinstance(node, Name) else None
    places = [k for k, axis in enumerate(array.axes) if bound is None or bound.over == axis]
    if len(places) == 2:
        places = [1] if array.axes[0].labels and not array.axes[1].labels else [0] if array.axes[1].labels else []
    if len(places) != 1:
        raise NotUnderstood("nothing says along which axis the samples are numbered", node.span)
    return line(reader, array, places[0], node, env)


def powers(reader: Reader, array: Array, exponent: Node, env: Env) -> list[Array]:
    """A power of a number, of every entry of a vector, or of a square matrix."""
    if not array.axes:
        return [_scalar_power(array, power) for power in reader.read(exponent, env) if not power.axes]
    if _is_count(reader, exponent, env) and len(array.axes) == 2:
        over = Range(Affine.of(1), label(reader, exponent, env))
        return [array_product(reader, array, DOWN, reader.fresh("p"), over, exponent.span)]
    if len(array.axes) == 1 and not isinstance(exponent, Number):
        power = reader.scalar(exponent, env)
        return [mapped(array, lambda t: Pow(t, power.at(()))).noted(POWER_WORDS)]
    fixed = constant(reader.scalar(exponent, env).at(())) if len(array.axes) == 2 else None
    if fixed is not None and (fixed.denominator != 1 or fixed < 0):
        return [diagonal_power(reader, array, fixed, exponent.span)]
    if not isinstance(exponent, Number) or exponent.value.denominator != 1 or exponent.value < 1:
        raise NotUnderstood("only whole powers of an array are understood", exponent.span)
    count = int(exponent.value)
    entrywise = mapped(array, lambda t: Pow(t, number(count))).noted(POWER_WORDS, cost=1)
    if len(array.axes) == 2 and array.axes[0] == array.axes[1] and count <= MAX_MATRIX_POWER:
        result = array
        for _ in range(count - 1):
            result = contracted(result, array, reader.fresh)
        return [result, entrywise]
    return [entrywise]


def _is_count(reader: Reader, exponent: Node, env: Env) -> bool:
    """Whether an exponent is made of letters that number steps or layers."""
    letters = letters_in(exponent)
    return bool(letters) and plain_affine(exponent) is not None and all(_numbers_steps(reader, x, env) for x in letters)


def _numbers_steps(reader: Reader, letter: str, env: Env) -> bool:
    if letter in env.bound:
        return isinstance(env.bound[letter].over, Range)
    symbol = reader.scope.find(letter)
    return (
        symbol is not None
        and symbol.kind == "index"
        or letter in (reader.scope.running | reader.indices & {reader.scope.last})
    )


def _scalar_power(base: Array, exponent: Array) -> Array:
    return replace(base, at=lambda _: Pow(base.at(()), exponent.at(())), cost=base.cost + exponent.cost)


def with_scripts(reader: Reader, arrays: list[Array], node: Scripted, env: Env, called: bool = False) -> list[Array]:
    """Indices, powers and transposes of a bracket or a call: ``(W x)_i^2``, ``\\sigma(z)_i``, ``(…)^T``."""
    indices = tuple(item for script in node.subs for item in script_items(script))
    if indices:
        arrays = [pick(reader, array, indices, env, node.span) for array in arrays if len(array.axes) >= 1] or _no_axes(
            node
        )
    twice = _is_transposed(node.base)
    listed = isinstance(node.base, Group) and len(node.base.items) > 1 and not called
    listed = listed and not any(is_made(array.axes) for array in arrays)
    for script in node.sups:
        if not (listed and is_transpose(script)):  # (x, y)^T is the vector itself
            arrays = [after for array in arrays for after in _script_post(reader, array, script, env, twice)]
    return arrays


def _no_axes(node: Node) -> list[Array]:
    raise NotUnderstood("an index of something that is a single number", node.span)


def _is_transposed(node: Node) -> bool:
    r"""``(W^\top)``, of which ``(W^\top)^T`` is a power where T is a number."""
    only = node.items[0] if isinstance(node, Group) and len(node.items) == 1 else None
    return isinstance(only, Scripted) and any(is_transpose(script) for script in only.sups)


def _script_post(reader: Reader, array: Array, script: Script, env: Env, twice: bool) -> list[Array]:
    """``twice`` is whether what has the script is transposed already."""
    raw = plain(script.raw)
    if is_transpose(script) and not (raw == "T" and t_is_number(reader.scope) and (twice or not array.axes)):
        return [transposed(array)]
    if raw == "-1":
        return [inverse(reader, array, None)]
    if script.bracket in ("(", "[") or len(script.items) != 1:
        raise NotUnderstood("a label on something that is no letter", script.span)
    return powers(reader, array, script.items[0], env)
