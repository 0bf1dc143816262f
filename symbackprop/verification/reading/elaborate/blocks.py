"""Taking a comment block into a scope: symbols first, then what is given, then what is assumed."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from symbackprop.errors import InvalidSpec
from symbackprop.verification.judge import judge
from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.block_symbols import Declared, declare, parsed, read_key, told_apart
from symbackprop.verification.reading.elaborate.abbreviations import with_abbreviations
from symbackprop.verification.reading.elaborate.argued import without_logs
from symbackprop.verification.reading.elaborate.author_macros import with_macros
from symbackprop.verification.reading.elaborate.authors import with_named_entries, with_roots, without_sizes, words_of
from symbackprop.verification.reading.elaborate.claims import Formula, new_reader, read_claims
from symbackprop.verification.reading.elaborate.definitions import member_labels
from symbackprop.verification.reading.elaborate.direction import counts_from_output
from symbackprop.verification.reading.elaborate.given import is_words, sides_of, statements_of
from symbackprop.verification.reading.elaborate.indicators import OPERATORS
from symbackprop.verification.reading.elaborate.last import with_last
from symbackprop.verification.reading.elaborate.late_functions import with_own_function
from symbackprop.verification.reading.elaborate.layer_blocks import layer_keys, with_layer_letters
from symbackprop.verification.reading.elaborate.letter_arrays import letter_array
from symbackprop.verification.reading.elaborate.made_axes import with_made_axes
from symbackprop.verification.reading.elaborate.named_costs import with_named_costs
from symbackprop.verification.reading.elaborate.numbered import entries_named, numbered_apart
from symbackprop.verification.reading.elaborate.numbers import numbers_compared
from symbackprop.verification.reading.elaborate.one_step import earlier_members, given_beside, given_words
from symbackprop.verification.reading.elaborate.reread import declared_first, with_later_shapes
from symbackprop.verification.reading.elaborate.restrictions import (
    ORDER,
    as_statement,
    further_relations,
    objection,
    unread_words,
    without,
)
from symbackprop.verification.reading.elaborate.results import Choice, Reading
from symbackprop.verification.reading.elaborate.rows import with_shared_sizes, without_entries
from symbackprop.verification.reading.elaborate.samples import as_name, stray_members
from symbackprop.verification.reading.elaborate.sequences import (
    companions,
    followers,
    implied_members,
    named_keys,
    shifted_letters,
)
from symbackprop.verification.reading.elaborate.spelling import respelled, with_spellings
from symbackprop.verification.reading.elaborate.state import Convention, Env, NotUnderstood, ShapeConflict
from symbackprop.verification.reading.elaborate.statements import read_formula
from symbackprop.verification.reading.elaborate.supposed import (
    with_supposed_costs,
    without_other_costs,
    without_supposed,
)
from symbackprop.verification.reading.elaborate.tables import with_dependence, with_tables
from symbackprop.verification.reading.elaborate.unread import distrust_key, distrust_line
from symbackprop.verification.reading.elaborate.usage import decide, index_letters_of, with_sizes
from symbackprop.verification.reading.elaborate.values import with_ordered_values
from symbackprop.verification.reading.labels import refer, script_items
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.presets import Preset, model_preset, notation_preset
from symbackprop.verification.reading.scope import Assumption, Scope
from symbackprop.verification.reading.surface import Name, Node, NotRead, Number, Scripted, Statement
from symbackprop.verification.reading.symbols import alternatives
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.counting import LAST, Counting
from symbackprop.verification.terms.nodes import Axis, Diff, Relation
from symbackprop.verification.terms.walk import entry_names
from symbackprop.verification.verdict import Verdict

_REMARK = " is not read; the rest is"


def with_block(scope: Scope, block: Block) -> Scope:
    """The scope with what a block says; what is not understood of it is listed in ``problems``.

    Raises:
        InvalidSpec: a symbol, notation or model is of no known form.
    """
    scope, block = with_macros(replace(scope, problems=(*scope.problems, *block.problems)), block)
    block, narrow = _members_apart(with_named_entries(without_entries(without_sizes(block))), scope)
    if block.notation:
        scope = replace(scope, notation=block.notation)
        scope = _with_preset(scope, notation_preset(block.notation), block)
    if block.model:
        scope = _with_preset(scope, model_preset(block.model, scope.notation), block)
    elif not block.notation and counts_from_output(block.given):
        scope = replace(scope, counting=Counting(from_output=True))
    scope = _with_narrow_members(scope, narrow)
    if block.layout:
        scope = replace(scope, layout=block.layout)  # type: ignore[arg-type]
    scope, block = with_abbreviations(*with_tables(scope, block))
    scope = with_layer_letters(with_spellings(scope, block.symbols, block.given), block)
    members = implied_members(block.symbols, statements_of(block.given, scope))
    block = replace(block, symbols=(*block.symbols, *members))
    scope = with_symbols(with_sizes(sides_of(block.given, scope), scope), block)
    scope = with_dependence(with_ordered_values(scope, block))
    scope = with_last(with_shared_sizes(sides_of(block.given, scope), scope), block.given)
    scope = with_made_axes(statements_of(block.given, scope), scope)
    scope = with_named_costs(scope, sides_of(block.given, scope))
    scope = _with_one_output(scope, block.given) if scope.soft else _with_all_given(scope, block.given)
    for latex in block.assume:
        scope = _distrusted(scope, with_assumption(scope, latex), latex)
    firm = frozenset(d.name for d in scope.definitions)
    return replace(scope, firm=firm - scope.soft, declared=frozenset(scope.symbols))


def _with_one_output(scope: Scope, given: tuple[str, ...]) -> Scope:
    """What is given under a preset, with one output if that is how it can be read: ``J = (a^0 - y)^2``."""
    plain = _with_all_given(scope, given)
    if len(plain.problems) == len(scope.problems):
        return plain
    single = _with_all_given(replace(scope, narrow=scope.narrow | {Axis("n", (LAST,))}), given)
    return single if len(single.problems) < len(plain.problems) else plain


def _with_all_given(scope: Scope, given: tuple[str, ...]) -> Scope:
    """Take in what is given; where a line shows the shape or size of a letter too late, all of them once more."""
    made = _in_turn(scope, given)
    known = with_later_shapes(scope, made)
    made = made if known is None else _in_turn(known, given)
    turned = declared_first(given, scope) if len(made.problems) > len(scope.problems) else given
    other = made if turned == given else _in_turn(scope, turned)
    return other if len(other.problems) < len(made.problems) else made


def _in_turn(scope: Scope, given: tuple[str, ...]) -> Scope:
    """Take in what is given; a line that needs a later one waits for it."""
    waiting = list(given)
    while waiting:
        later = []
        for latex in waiting:
            made = with_given(scope, latex)
            if len(made.problems) > len(scope.problems):
                later.append(latex)
            else:
                scope = made
        supposed = with_supposed_costs(without_other_costs(scope, sides_of(tuple(later), scope)))
        if len(later) == len(waiting) and supposed is scope:
            break
        scope, waiting = (supposed, later) if len(later) == len(waiting) else (scope, later)
    scope = with_supposed_costs(scope)
    for latex in waiting:
        scope = _distrusted(scope, with_given(scope, latex), latex)
    return scope


def _distrusted(before: Scope, after: Scope, latex: str) -> Scope:
    """The scope after a line, which distrusts its letters if something of the line was not understood."""
    new = [problem for problem in after.problems[len(before.problems) :] if not problem.endswith(_REMARK)]
    return distrust_line(after, latex, new[-1].rpartition(f"{latex!r}: ")[2]) if new else after


def _members_apart(block: Block, scope: Scope) -> tuple[Block, tuple[tuple[Node, str], ...]]:
    """The block without the shapes of single members of a preset's families (``a^0: scalar``), and these."""
    if not block.notation and not block.model:
        return block, ()
    preset = model_preset(block.model, block.notation) if block.model else notation_preset(block.notation)
    families = {k.name for key, _ in preset.block.symbols if (k := read_key(key, frozenset())).labels}
    own = {read_key(key, frozenset()).name for key, _ in block.symbols}
    apart: list[tuple[Node, str]] = []
    kept: list[tuple[str, str]] = []
    for key, words in block.symbols:
        node = None if key.isalpha() else parsed(key, "symbol")
        base = node.base if isinstance(node, Scripted) else None
        numbers = [item for script in node.sups + node.subs for item in script_items(script)] if base else []  # type: ignore[union-attr]
        numbered = bool(numbers) and all(isinstance(item, Number) for item in numbers)
        if node and isinstance(base, Name) and numbered and scope.spellings(base.text)[0] in families - own:
            apart.append((node, words))
        else:
            kept.append((key, words))
    return replace(block, symbols=tuple(kept)), tuple(apart)


def _with_narrow_members(scope: Scope, members: tuple[tuple[Node, str], ...]) -> Scope:
    """A member of a family that is declared with fewer axes has a single entry along the first: one output."""
    for node, words in members:
        ref = refer(node, scope) if isinstance(node, Scripted) else None
        if ref is None or ref.symbol is None or not ref.symbol.labels:
            continue
        rank = {"scalar": 0, "vector": 1, "matrix": 2}.get(words.partition("(")[0].strip(), -1)
        axes = letter_array(ref.symbol, member_labels(ref, scope)).axes
        if rank == len(axes) - 1 and axes[0].labels == (LAST,):
            scope = replace(scope, narrow=scope.narrow | {axes[0]})
        elif rank != len(axes) and axes[0] not in scope.narrow:
            said = f"symbol {ref.name}: the preset has another shape for this layer; leave it out or declare the family"
            scope = replace(scope, problems=(*scope.problems, said))
    return scope


def _with_preset(scope: Scope, preset: Preset, own: Block) -> Scope:
    """The preset with the symbols of the block itself in place of its own; a later one replaces an earlier one."""
    scope = scope.without_soft()
    before = {d.name for d in scope.definitions}
    scope = replace(scope, counting=preset.counting, narrow=preset.narrow)
    shifted = shifted_letters(own.given, scope)
    mine = {name for key, _ in own.symbols for name in alternatives(read_key(key, shifted).name)}
    theirs = tuple((key, words) for key, words in preset.block.symbols if read_key(key, shifted).name not in mine)
    after = with_block(scope, replace(preset.block, symbols=(*own.symbols, *theirs)))
    # That the error is the derivative of the cost is the convention itself and no default.
    soft = {d.name for d in after.definitions if not isinstance(d.body, Diff)} - before
    symbols = {
        k: replace(s, why=f"from the preset {scope.notation}".strip()) if k not in scope.symbols else s
        for k, s in after.symbols.items()
    }
    after = replace(after, soft=after.soft | frozenset(soft), symbols=symbols)
    return without_supposed(replace(after, costs=_costs(after, preset.costs)))


def _costs(scope: Scope, usual: tuple[str, ...]) -> tuple[tuple[str, Definition], ...]:
    """The usual costs as written and as definitions, read in the scope of their notation."""
    name = next((d.name for d in scope.definitions if d.name in scope.soft and not d.labels and not d.indices), "")
    bare = scope.without(name)
    read = ((latex, with_given(bare, latex).definitions) for latex in usual)
    return tuple((latex, d) for latex, definitions in read for d in definitions if d.name == name)


def with_symbols(scope: Scope, block: Block) -> Scope:
    """The scope with the letters that a block declares; it judges nothing about keys that are not understood."""
    scope = replace(scope, macros=MappingProxyType({**scope.macros, **words_of(block)}))
    declared: list[Declared] = []
    unread: dict[str, str] = {}
    shifted = shifted_letters(block.given, scope)
    shifted |= followers(block.symbols, sides_of(block.given, scope))
    shifted |= companions(block.symbols, statements_of(block.given, scope))
    steps = earlier_members(block, scope)
    scope = replace(scope, supposed={**scope.supposed, **given_beside(block), **given_words(steps)})
    families = named_keys(block.symbols) | layer_keys(block.symbols, scope)
    families |= {key: place for key, (_, place) in steps.items()}
    stray = stray_members(block.given, scope, {key for key, words in block.symbols if words == "index"})
    for key, words in (dict(block.symbols) | {key: words for key, (words, _) in steps.items()}).items():
        try:
            item = declare(key, words, shifted, scope.counting, families.get(key))
            declared.append(as_name(item, key, stray))
        except InvalidSpec as problem:
            scope = _with_problem(scope, str(problem).removeprefix("comment block: "))
            unread[key] = str(problem).rpartition(f"{key!r}")[2].lstrip(": ")
            continue
        scope = _with_remark(scope, f"symbol {key!r}", item.unread)
    scope = _with_declared(scope, told_apart(declared))
    for key, why in unread.items():
        scope = distrust_key(scope, key, why)
    return scope


def _with_declared(scope: Scope, declared: list[Declared]) -> Scope:
    for item in declared:
        for size in item.sizes:
            if size.labels or not scope.knows(size.name) or scope.symbols[size.name].kind != "size":
                scope = scope.with_symbol(size)
    sizes = {size.name for item in declared for size in item.sizes}
    for item in declared:
        if item.symbol.kind != "index" or item.symbol.name not in sizes:  # a last index that is a size as well
            scope = scope.with_symbol(item.symbol)
    for item in declared:
        if item.moments is not None:
            scope = _with_moments(scope, item)
    return scope


def _with_moments(scope: Scope, item: Declared) -> Scope:
    assert item.moments is not None
    terms = []
    for latex in item.moments:
        surface = read_typed(latex)
        if isinstance(surface, NotRead) or len(surface) != 1 or surface[0].sides[0] is None:
            return _without_moments(scope, item.symbol.name, latex, "cannot read it")
        node = surface[0].sides[0]
        scope = _declared(decide((node,), scope))
        reader = new_reader(scope, Formula(latex, {}, frozenset()), Convention())
        try:
            terms.append(reader.scalar(node, Env()).at(()))
        except (NotUnderstood, ShapeConflict) as problem:
            return _without_moments(scope, item.symbol.name, latex, str(problem))
    symbol = replace(scope.symbols[item.symbol.name], mean=terms[0], variance=terms[1], moments=item.moments)
    return scope.with_symbol(symbol)


def _without_moments(scope: Scope, name: str, latex: str, why: str) -> Scope:
    """The scope that judges nothing about a random letter whose mean or variance is not understood."""
    return distrust_key(_with_problem(scope, f"symbol {name!r}: {latex!r}: {why}"), name, why)


def _declared(scope: Scope) -> Scope:
    """Letters that a block mentions count as declared by it."""
    symbols = {
        k: s if s.declared else replace(s, declared=True, why="stands in the comment block")
        for k, s in scope.symbols.items()
    }
    return replace(scope, symbols=symbols)


def with_given(scope: Scope, latex: str, word: str = "given") -> Scope:
    """The scope with a definition, an assumption, or the head of a chain that a formula goes on with."""
    surface = read_typed(latex, scope.macros)
    if not isinstance(surface, NotRead):
        if len(surface) == 1 and not surface[0].relations and not is_words(latex, surface[0].sides[0]):
            return replace(scope, head=surface[0].sides[0])
        why = next(filter(None, map(objection, surface)), "")
        if any(set(statement.relations) & ORDER for statement in surface):
            return with_assumption(scope, latex, word)
        if why:
            return _with_problem(scope, f"{word} {latex!r}: {why}")
        scope = _with_remarks(scope, surface, f"{word} {latex!r}")
        scope, own = with_own_function(scope, surface, latex)
        if own:
            return scope
    surface, roots = with_roots(without_logs(surface, scope), scope)
    reading = read_formula(latex, scope, surface)
    unread = (link for link in reading.links if link.is_unread)
    problems = tuple(f"{word} {latex!r}: {link.reason}" for link in unread)
    scope = replace(reading.scope, head=scope.head, problems=scope.problems + problems)
    scope = replace(scope, supposed={**scope.supposed, **roots})
    return _assume_claims(scope, reading, latex, word)


def _assume_claims(scope: Scope, reading: Reading, latex: str, word: str) -> Scope:
    """What a block gives and does not define anything is taken as true."""
    for link in reading.links:
        if link.kind == "condition" and link.relation in ("=", ":="):
            scope = with_assumption(scope, latex, word)
        elif link.kind == "claim" and link.readings:
            choice = link.readings[0]
            if not _is_declared(choice, scope) and judge(choice.claim, choice.context).verdict is Verdict.PROVED:
                continue  # what is a theorem anyway (``GELU(x) = x Φ(x)``) assumes nothing
            claim = choice.claim
            made: Assumption = (claim.free, Relation(claim.left, "=", claim.right))
            scope = replace(scope, assumptions=(*scope.assumptions, made))
    return scope


def _is_declared(choice: Choice, scope: Scope) -> bool:
    """Whether an equation is about letters that the note declares."""
    names = entry_names(choice.claim.left) | entry_names(choice.claim.right)
    return any((symbol := scope.symbols.get(name)) is not None and symbol.declared for name in names)


def with_assumption(scope: Scope, latex: str, word: str = "assume") -> Scope:
    """The scope with a relation that holds from here on; ``word`` is the key under which a block says it."""
    surface = read_typed(latex, scope.macros)
    if isinstance(surface, NotRead):
        return _with_problem(scope, f"{word} {latex!r}: {surface.reason}")
    made = scope
    for statement in surface:
        if statement.relations in (("∈",), ("∼",), (":=",)):
            return with_given(scope, latex, word)
        beside = further_relations(statement, latex)
        for part in (replace(statement, conditions=without(statement.conditions, beside)), *map(as_statement, beside)):
            why = objection(part)
            if why:
                return _with_problem(scope, f"{word} {latex!r}: {why}")
            made = _with_remarks(made, (part,), f"{word} {latex!r}")
            made = _assumed(made, part, latex, word)
    return made


def _with_remarks(scope: Scope, surface: tuple[Statement, ...], entry: str) -> Scope:
    """Words beside a relation narrow nothing, and still nobody reads them."""
    for words in (words for statement in surface for words in unread_words(statement)):
        scope = _with_remark(scope, entry, words)
    return scope


def _with_remark(scope: Scope, entry: str, words: str) -> Scope:
    return _with_problem(scope, f"{entry}: {words!r}{_REMARK}") if words else scope


def _with_problem(scope: Scope, problem: str) -> Scope:
    return replace(scope, problems=(*scope.problems, problem))


def _assumed(scope: Scope, statement: Statement, latex: str, word: str) -> Scope:
    (statement,) = entries_named(numbered_apart(respelled((statement,), scope), scope), scope)
    if pairs := numbers_compared(statement, scope):
        return replace(scope, beside=(*scope.beside, *pairs))
    sides = [side for side in statement.sides if side is not None]
    scope = decide(tuple(sides), scope)
    formula = Formula(latex, {}, index_letters_of(tuple(sides), scope))
    for left, relation, right in zip(sides, statement.relations, sides[1:], strict=False):
        try:
            made = _relation(left, relation, right, scope, formula)
        except (NotUnderstood, ShapeConflict) as problem:
            scope = _with_problem(scope, f"{word} {latex!r}: {problem}")
            continue
        scope = replace(scope, assumptions=(*scope.assumptions, made))
    return scope


def _relation(left: Node, relation: str, right: Node, scope: Scope, formula: Formula) -> Assumption:
    operator = OPERATORS.get(relation)
    if operator is None:
        raise NotUnderstood(f"the relation {relation} cannot be assumed", left.span)
    claims = read_claims(left, right, (), scope, formula)
    if not claims.choices:
        raise NotUnderstood(claims.reason, claims.place or left.span)
    claim = claims.choices[0].claim
    return claim.free, Relation(claim.left, operator, claim.right)  # type: ignore[arg-type]
