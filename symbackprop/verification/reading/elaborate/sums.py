r"""Sums and products over an index: full ranges, bare or missing indices, ``k \ne i``, times; limits, integrals."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.array_functions import ARRAY, entries_of, extremum
from symbackprop.verification.reading.elaborate.array_products import array_product
from symbackprop.verification.reading.elaborate.axes import bound_size, size_axis, uses
from symbackprop.verification.reading.elaborate.indicators import OPERATORS
from symbackprop.verification.reading.elaborate.indices import label
from symbackprop.verification.reading.elaborate.lists import side_by_side, stretched
from symbackprop.verification.reading.elaborate.state import Bound, Env, NotUnderstood, Reader, ShapeConflict
from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import every, references, stands_as_number, unbound_letters
from symbackprop.verification.reading.elaborate.whole_sets import is_whole, words_of
from symbackprop.verification.reading.elaborate.windows import runs_through, start_of
from symbackprop.verification.reading.labels import letters_in, plain_affine, refer, script_items
from symbackprop.verification.reading.shapes import Array, Misfit, mapped, number
from symbackprop.verification.reading.surface import (
    Big,
    Comparison,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Scripted,
    Times,
)
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Delta,
    Entry,
    Integral,
    Limit,
    Mul,
    Over,
    Prod,
    Range,
    Sum,
    Term,
)

REAL_LINE = (r"\mathbb{R}", r"\mathbf{R}")


def read_big(reader: Reader, node: Big, env: Env) -> list[Array]:
    """A sum, product, limit or integral."""
    kind = node.kind.lstrip("\\")
    if kind in ("sum", "prod"):
        letters = _letters(node)
        if not letters:
            return _without_index(reader, node, env)
        if all(_is_sample(reader, letter, node) for letter in letters):
            return _one_example(reader, node, letters, env)
        if kind == "prod" and (short := _shorter(node, letters)) is not None:
            return _either(reader, node, letters, short, env)
        return _nested(reader, node, letters, env)
    if kind in ("column", "row"):
        return _listed(reader, node, kind, env)
    if kind == "int":
        return [_integral(reader, node, env)]
    if kind == "lim":
        return [_limit(reader, node, env)]
    if kind in ("max", "min") and node.lower and node.upper is None and len(_letters(node)) == 1:
        lists = _listed(reader, replace(node, kind="column"), "column", env)
        return [extremum(reader, array, kind, node.span) for array in lists]
    if kind in ("max", "min") and not node.lower and isinstance(node.body, Group):
        return ARRAY[kind](reader, tuple(reader.scalar(item, env) for item in node.body.items), node.span)
    raise NotUnderstood(f"{kind} with these bounds is not understood", node.span)


def _letters(node: Big) -> tuple[str, ...]:
    r"""The letters that are bound: ``\sum_{i=1}``, ``\sum_{i,j}``, ``\sum_{k \ne i}``."""
    found: list[str] = []
    for item in node.lower:
        target = item.left if isinstance(item, Comparison) else item
        if isinstance(target, Group):
            found += [part.text for part in target.items if isinstance(part, Name)]
        elif isinstance(target, Times) and all(isinstance(f, Name) for f in target.factors):
            found += [f.text for f in target.factors if isinstance(f, Name)]
        elif isinstance(target, Name):
            found.append(target.text)
        else:
            raise NotUnderstood("the index of this sum is no letter", item.span)
    return tuple(dict.fromkeys(found))


def _nested(reader: Reader, node: Big, letters: tuple[str, ...], env: Env) -> list[Array]:
    if node.upper is not None and _infinity(node.upper):
        raise NotUnderstood("a sum or product without an end is not understood", node.span)
    inner, names = env, []
    for letter in letters:
        over = _over(reader, node, letter, inner)
        name = reader.fresh(letter)
        names.append((name, over))
        inner = inner.binding(letter, Bound(name, over, start_of(node)))
    mask = _masks(reader, node, letters, inner)
    make = Prod if node.kind.lstrip("\\") == "prod" else Sum
    if mask and make is Prod:
        raise NotUnderstood("a product that leaves out an index", node.span)

    def wrap(term: Term) -> Term:
        term = Mul((*mask, term)) if mask else term
        for name, over in reversed(names):
            term = make(name, over, term)
        return term

    bodies = reader.read(node.body, inner)
    if make is Prod and any(body.axes for body in bodies):
        return _matrices(reader, node, bodies, letters, names)
    said = [words for item in node.lower if isinstance(item, Comparison) and (words := words_of(item))]
    return [mapped(body, wrap).noted(*said) for body in bodies]


def _shorter(node: Big, letters: tuple[str, ...]) -> Node | None:
    r"""The other way to read ``\prod_k w_k h_0``: the last factors, without the index, stand behind the product."""
    body = node.body
    if not isinstance(body, Times):
        return None
    carrying = [k for k, f in enumerate(body.factors) if any(_carries(f, letter) for letter in letters)]
    cut = carrying[-1] + 1 if carrying else 1
    if cut == len(body.factors):
        return None
    inner, rest = body.factors[:cut], body.factors[cut:]
    head = inner[0] if len(inner) == 1 else replace(body, factors=inner, operators=body.operators[: cut - 1])
    return replace(body, factors=(replace(node, body=head), *rest), operators=body.operators[cut - 1 :])


def _carries(node: Node, letter: str) -> bool:
    return letter in unbound_letters(node) or stands_as_number(node, letter)


def _either(reader: Reader, node: Big, letters: tuple[str, ...], short: Node, env: Env) -> list[Array]:
    """Both readings, as far as their shapes fit."""
    words = ("the product takes in all factors behind it", "the product ends before the factors without its index")
    found: list[Array] = []
    objection: Misfit | ShapeConflict | None = None
    for whole, word in zip((True, False), words, strict=True):
        try:
            arrays = _nested(reader, node, letters, env) if whole else reader.read(short, env)
            found += [array.noted(word) for array in arrays]
        except (Misfit, ShapeConflict) as misfit:
            objection = objection or misfit
    if not found and objection is not None:
        raise objection
    return found


def _matrices(
    reader: Reader, node: Big, bodies: list[Array], letters: tuple[str, ...], names: list[tuple[str, Over]]
) -> list[Array]:
    """A product of matrices, whose factors are members of families."""
    name, over = names[0]
    if len(names) != 1 or not isinstance(over, Range):
        raise NotUnderstood("a product of arrays over an index is not understood", node.span)
    squares = [body for body in bodies if len(body.axes) == 2]
    return [array_product(reader, body, letters[0], name, over, node.span) for body in squares[:1] or bodies[:1]]


def _listed(reader: Reader, node: Big, kind: str, env: Env) -> list[Array]:
    """A vector, row or matrix from the expression of any of its entries or rows."""
    (letter,) = _letters(node)
    over = _over(reader, node, letter, env)
    if isinstance(over, Range):
        raise NotUnderstood("a list of members of a family", node.span)
    name = reader.fresh(letter)
    bodies = reader.read(node.body, env.binding(letter, Bound(name, over)))
    if all(len(body.axes) == 1 for body in bodies):
        return [array for body in bodies for array in side_by_side(reader, body, name, over, node)]
    return [stretched(reader, body, name, over, node) for body in bodies]


def _over(reader: Reader, node: Big, letter: str, env: Env) -> Over:
    """What a bound letter runs over: a range of labels, or the axis of the entries that carry it."""
    family = _label_use(reader, node.body, letter)
    if family:
        return _range(reader, node, env)
    axis = _axis_of(reader, node.body, letter, env)
    stated = bound_size(node, reader.scope) or _from_zero(reader, node) or runs_through(node, axis)
    if axis is None and (stated is None or _from_zero(reader, node) is not None):
        return _numbers(reader, node, letter, env)
    if axis is None:
        assert stated is not None
        return stated
    if _from_zero(reader, node) is not None and stands_as_number(node.body, letter):
        raise NotUnderstood(f"{letter} counts from 0 and is used as a number; entries are numbered from 1", node.span)
    if stated is not None and stated != axis:
        _same_size(reader, node, letter, stated, axis)
    if stated is None and node.upper is not None:
        raise NotUnderstood("these bounds of a sum are not understood", node.upper.span)
    return axis


def _numbers(reader: Reader, node: Big, letter: str, env: Env) -> Range:
    """The whole numbers between the bounds, where nothing in the body is indexed or numbered by them."""
    if not node.lower or not isinstance(node.lower[0], Comparison) or node.upper is None:
        raise NotUnderstood(f"nothing says what {letter} runs over", node.span)
    ends = (reader.scope.find(x) for x in letters_in(node.upper))
    if any(symbol is not None and symbol.kind == "size" for symbol in ends):
        raise NotUnderstood("this sum does not run from 1 to a size", node.span)
    try:
        return _range(reader, node, env)
    except NotUnderstood as objection:
        raise NotUnderstood(f"nothing says what {letter} runs over", objection.span) from None


def _from_zero(reader: Reader, node: Big) -> Axis | None:
    """0 … n-1 numbers n entries as well."""
    lower = node.lower[0] if node.lower else None
    if not isinstance(lower, Comparison) or not isinstance(lower.right, Number) or lower.right.value != 0:
        return None
    if isinstance(node.upper, Plus) and len(node.upper.terms) == 2:
        first, second = node.upper.terms
        if isinstance(second, Negative) and isinstance(second.operand, Number) and second.operand.value == 1:
            return size_axis(first, reader.scope)
    return None


def _same_size(reader: Reader, node: Big, letter: str, stated: Axis, axis: Axis) -> None:
    """A size that no shape mentions is another name of the axis; else it must be that axis."""
    in_use = any(stated in (s.axes or ()) for s in reader.scope.symbols.values() if s.kind == "quantity")
    known = reader.scope.symbols.get(axis.name)
    named = known is not None and known.kind == "size" and not known.declared  # n is not N
    if stated.size is None and not stated.labels and not in_use and not named:
        reader.aliases[stated] = axis
        return
    raise NotUnderstood(f"{letter} runs to {stated.name} here and over {axis.name} elsewhere", node.span)


def _axis_of(reader: Reader, body: Node, letter: str, env: Env) -> Axis | None:
    for (binder, found), axis in uses(body, reader.scope, {}):
        if found == letter and binder == 0:
            inner = {x: Affine.symbol(b.name) for x, b in env.bound.items()}
            return Axis(axis.name, tuple(a.substitute(inner) for a in axis.labels), axis.size)
    return None


def _label_use(reader: Reader, body: Node, letter: str) -> bool:
    for ref_node in references(body):
        ref = refer(ref_node, reader.scope)
        if ref is not None and any(letter in letters_in(node) for node in ref.labels):
            return True
    return False


def _range(reader: Reader, node: Big, env: Env) -> Range:
    """The members first … last of a family, or the bounds as written."""
    lower = node.lower[0]
    lo, hi = Affine.of(reader.scope.first), Affine.symbol(reader.scope.last or "")
    if reader.scope.counting.from_output:
        lo, hi = Affine(), hi - 1
    if isinstance(lower, Comparison):
        if OPERATORS.get(lower.relation) != "=":
            raise NotUnderstood("these bounds of a sum are not understood", lower.span)
        lo = label(reader, lower.right, env)
    if node.upper is not None:
        hi = label(reader, node.upper, env)
    elif reader.scope.last is None:
        raise NotUnderstood("nothing says what the last member is", node.span)
    return Range(lo, hi)


def _masks(reader: Reader, node: Big, letters: tuple[str, ...], env: Env) -> tuple[Term, ...]:
    r"""The factor 1 - δ of ``k \ne i``."""
    masks: list[Term] = []
    for item in node.lower:
        if not isinstance(item, Comparison):
            continue
        operator = OPERATORS.get(item.relation)
        if operator == "!=" and isinstance(item.left, Name):
            left = Affine.symbol(env.bound[item.left.text].name)
            right = plain_affine(item.right)
            if right is None:
                raise NotUnderstood("an index that is left out must be an index", item.span)
            right = right.substitute({x: Affine.symbol(b.name) for x, b in env.bound.items()})
            masks.append(Add((number(1), Mul((number(-1), Delta(left, right))))))
        elif operator != "=" and not _runs_over_all(reader, item, env):
            raise NotUnderstood(f"a sum over {item.relation} is not understood", item.span)
    return tuple(masks)


def _runs_over_all(reader: Reader, item: Comparison, env: Env) -> bool:
    over = env.bound[item.left.text].over if isinstance(item.left, Name) else None
    return isinstance(over, Axis) and is_whole(item, over, reader.scope)


def _without_index(reader: Reader, node: Big, env: Env) -> list[Array]:
    """Over the one index that the other side does not have; else over all entries of an array."""
    letters: list[str] = []
    for ref_node in references(node.body):
        ref = refer(ref_node, reader.scope)
        for index in ref.indices if ref else ():
            letters += [x for x in letters_in(index) if x not in env.bound and x not in reader.outer]
    inside = {x for part in every(node.body) if isinstance(part, Big) for x in _letters(part)}
    open_letters = [x for x in dict.fromkeys(letters) if x not in inside]
    if len(open_letters) == 1:
        bound = replace(node, lower=(Name(open_letters[0], node.span),))
        word = f"the sum without an index runs over {open_letters[0]}"
        return [array.noted(word) for array in _nested(reader, bound, (open_letters[0],), env)]
    if open_letters or node.kind.lstrip("\\") == "prod":
        raise NotUnderstood("nothing says over which index this runs", node.span)
    found = [array for array in reader.read(node.body, env) if array.axes]
    if not found:
        raise NotUnderstood("nothing says over which index this sum runs", node.span)
    return [
        replace(a, axes=(), at=entries_of(reader, a, a.at)).noted("the sum without an index runs over all entries")
        for a in found
    ]


def _is_sample(reader: Reader, letter: str, node: Big) -> bool:
    r"""``\sum_x`` over training inputs: x is a quantity and indexes nothing."""
    symbol = reader.scope.find(letter)
    if (
        symbol is not None
        and symbol.kind != "quantity"
        or node.upper is not None
        or not isinstance(node.lower[0], Name)
    ):
        return False
    for ref in references(node.body):
        if isinstance(ref, Scripted) and any(
            letter in letters_in(i) for script in (*ref.subs, *ref.sups) for i in script_items(script)
        ):
            return False
    listed = any(
        isinstance(part, Group) and any(isinstance(i, Name) and i.text == letter for i in part.items)
        for part in every(node.body)
    )
    silent = letter not in INDEX_LETTERS and not stands_as_number(node.body, letter)
    return listed or symbol is not None or silent


def _one_example(reader: Reader, node: Big, letters: tuple[str, ...], env: Env) -> list[Array]:
    word = f"for one training example: the sum over {', '.join(letters)} has one term and every count of examples is 1"
    reader.one_example = True
    return [array.noted(word) for array in reader.read(node.body, env)]


def _integral(reader: Reader, node: Big, env: Env) -> Array:
    entry = _scalar_entry(reader, node.variable, node, env)
    line = len(node.lower) == 1 and isinstance(node.lower[0], Name) and node.lower[0].text in REAL_LINE
    lo, hi = None, None
    if not line or node.upper is not None:
        lo = _bound(reader, node.lower[0] if node.lower else None, -1, node, env)
        hi = _bound(reader, node.upper, 1, node, env)
    body = reader.scalar(node.body, env)
    return replace(body, at=lambda _: Integral(body.at(()), entry, lo, hi))


def _bound(reader: Reader, node: Node | None, sign: int, where: Big, env: Env) -> Term | None:
    if node is None:
        raise NotUnderstood("an integral without bounds", where.span)
    infinite = _infinity(node)
    if infinite:
        if infinite != sign:
            raise NotUnderstood("an integral from the wrong end", node.span)
        return None
    return reader.scalar(node, env).at(())


def _infinity(node: Node) -> int:
    if isinstance(node, Negative):
        return -_infinity(node.operand)
    if isinstance(node, Plus) and len(node.terms) == 1:
        return _infinity(node.terms[0])
    return 1 if isinstance(node, Name) and node.text in (r"\infty", "∞") else 0


def _limit(reader: Reader, node: Big, env: Env) -> Array:
    lower = node.lower[0] if node.lower else None
    if not isinstance(lower, Comparison) or lower.relation not in ("→", r"\to", r"\rightarrow"):
        raise NotUnderstood("a limit needs a letter and where it goes", node.span)
    entry = _scalar_entry(reader, lower.left, node, env)
    sign = _infinity(lower.right)
    to = None if sign else reader.scalar(lower.right, env).at(())
    body = reader.scalar(node.body, env)
    return replace(body, at=lambda _: Limit(body.at(()), entry, to, sign))


def _scalar_entry(reader: Reader, node: Node | None, where: Big, env: Env) -> Entry:
    term = reader.scalar(node, env).at(()) if node is not None else None
    if not isinstance(term, Entry):
        raise NotUnderstood("the variable is no plain letter", where.span)
    return term
