"""What the usage of a letter in a formula says of it, for letters that nothing declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.reading.elaborate.adopted import with_members
from symbackprop.verification.reading.elaborate.axes import Placeholders, index_axes, size_axis
from symbackprop.verification.reading.elaborate.bold_targets import SET_IN_BOLD
from symbackprop.verification.reading.elaborate.counts import numbers_members, with_counts
from symbackprop.verification.reading.elaborate.entry_functions import with_entry_functions
from symbackprop.verification.reading.elaborate.neighbours import by_neighbours
from symbackprop.verification.reading.elaborate.occurrences import LETTERS_TOO, Occurrences, collect, last_summed
from symbackprop.verification.reading.elaborate.reuse import without_reused
from symbackprop.verification.reading.elaborate.softmax_arguments import with_vectors
from symbackprop.verification.reading.elaborate.walk import bound_letter, every, references, stands_as_number
from symbackprop.verification.reading.labels import (
    find_symbol,
    is_shifted,
    is_transpose,
    letters_in,
    looks_like_label,
    refer,
    script_items,
)
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope, reachable
from symbackprop.verification.reading.surface import (
    Big,
    Derivative,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Script,
    Scripted,
)
from symbackprop.verification.reading.symbols import (
    DEFAULT_FUNCTIONS,
    IN_NAME,
    NUMBERED,
    PLAIN,
    Place,
    Symbol,
    head_name,
    plain,
    spelled,
    undressed,
    without_d,
)
from symbackprop.verification.terms.nodes import Axis
from symbackprop.verification.terms.walk import entry_names

INDEX_LETTERS = frozenset(letter + prime for letter in "ijklmnpqrstuc" for prime in ("", "'", "''"))
SCALAR_NAMES = (
    *("L", "J", "C", "E", "e", "l", "loss", "cost", "Loss", "Cost", r"\ell"),
    *(r"\mathcal{L}", r"\mathcal{J}", r"\mathcal{C}", r"\mathcal{E}"),
)
FUNCTION_LETTERS = (
    *("f", "g", "h", "F", "G", "H", "loss", "act"),
    *(r"\phi", r"\varphi", r"\psi", r"\rho", r"\ell", r"\sigma"),
)


def decide(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """Add a symbol for every letter of a formula that has none, with the reason for what it is taken to be."""
    bound = {
        letter for node in nodes for part in every(node) if isinstance(part, Big) and (letter := bound_letter(part))
    }
    scope = with_counts(nodes, with_entry_functions(nodes, _squares(nodes, scope)))
    declared = {name for name, symbol in scope.symbols.items() if symbol.kind == "index"}
    indices = bound | declared | set(_index_letters(nodes, scope))
    scope = _sizes(nodes, _euler(nodes, scope), indices)
    scope = without_reused(nodes, _sequences(nodes, scope))
    running = scope.running | _shifted_letters(nodes)
    found = collect(nodes, scope, indices)
    for name in found:
        if name in LETTERS_TOO and _is_operator(found[name], scope) or _is_constant(found[name], scope):
            continue
        for symbol in _judge(found[name], scope, indices, running):
            scope = with_members(scope, symbol).with_symbol(symbol)
    return index_axes(nodes, with_vectors(nodes, by_neighbours(nodes, scope)))


def _is_constant(seen: Occurrences, scope: Scope) -> bool:
    """Whether ones or the identity stand without an index, or with their size: ``I_n``."""
    if undressed(seen.name) not in ("1", "I", r"\mathbb{1}", r"\mathbb{I}"):
        return False
    sizes = (ref.subs[0].items for ref in seen.scripted if ref.subs)
    return all(len(items) == 1 and size_axis(items[0], scope) is not None for items in sizes)


def _is_operator(seen: Occurrences, scope: Scope) -> bool:
    """Whether an E or V before brackets is an expectation or variance, and no energy that lists its arguments."""
    if not seen.calls:
        return False
    for group in seen.calls:
        refs = [refer(name, scope) for item in group.items for name in references(item)]
        names = [ref.name for ref in refs if ref is not None and ref.symbol is not None and ref.symbol.declared]
        reached = {other for name in names for other in (name, *reachable(scope, name))}
        random = any((symbol := scope.symbols.get(name)) is not None and symbol.is_random for name in reached)
        if group.bracket != "(" or random or len(names) != len(refs):
            return True
    return False


def with_sizes(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """The upper bounds of the sums of formulas as sizes."""
    bound = {x for node in nodes for part in every(node) if isinstance(part, Big) and (x := bound_letter(part))}
    return _sizes(nodes, scope, bound)


def _euler(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """An e that is differentiated or stands alone on a side is an error, not Euler's number."""
    parts = [part.operand for node in nodes for part in every(node) if isinstance(part, Derivative)]
    if not scope.knows("e") and any(isinstance(part, Name) and part.text == "e" for part in (*nodes, *parts)):
        return scope.with_symbol(
            Symbol("e", "quantity", declared=False, why="is differentiated or defined, so it is not Euler's number")
        )
    heads = (head_name(ref) for node in nodes[1:] for ref in references(node))
    first = nodes[:1] if any(head is not None and scope.knows(head.text) for head in heads) else ()
    if not scope.knows(r"\pi") and any(isinstance(part, Name) and part.text == r"\pi" for part in (*first, *parts)):
        why = "is differentiated or defined, so it is not the number π"
        return scope.with_symbol(Symbol(r"\pi", "quantity", declared=False, why=why))
    return scope


def _index_letters(nodes: tuple[Node, ...], scope: Scope) -> Iterator[str]:
    """Single letters that number entries, below letters or above those whose members they number there."""
    for node in nodes:
        for ref in references(node):
            if not isinstance(ref, Scripted) or not isinstance(ref.base, Name):
                continue
            symbol, below, above = find_symbol(ref.base.text, ref.subs, ref.sups, scope)
            members = symbol.leading if symbol is not None and symbol.place == "sup" else 0
            for script in (*ref.subs[below:], *ref.sups[above : above + members]):
                for item in script_items(script):
                    yield from (x for x in letters_in(item) if x in INDEX_LETTERS and not _is_quantity(x, scope))


def _is_quantity(letter: str, scope: Scope) -> bool:
    symbol = scope.find(letter)
    return symbol is not None and symbol.kind in ("quantity", "function")


def _squares(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    r"""A σ² alone on a side, of a σ that nothing knows, is a name: ``\sigma_B^2 = \frac{1}{m} \sum_i …``."""
    for node in nodes:
        if not isinstance(node, Scripted) or not isinstance(node.base, Name) or len(node.sups) != 1 or node.primes:
            continue
        key = spelled(node.base.text, node.subs, node.sups)
        subs = [item for script in node.subs for item in script_items(script)]
        running = any(x in INDEX_LETTERS or x in scope.running for item in subs for x in letters_in(item))
        known = find_symbol(node.base.text, node.subs, node.sups, scope)[0]
        if node.base.text == r"\sigma" and plain(node.sups[0].raw) == "2" and known is None and not running:
            scope = scope.with_symbol(Symbol(key, "quantity", declared=False, why="a variance with a name of its own"))
    return scope


def _sizes(nodes: tuple[Node, ...], scope: Scope, indices: set[str]) -> Scope:
    """Upper bounds of sums that are letters of their own are sizes."""
    for node in nodes:
        for part in every(node):
            if not isinstance(part, Big) or part.upper is None or part.kind not in ("sum", "prod", "column", "row"):
                continue
            if isinstance(part.upper, Name) and _is_last_index(part, part.upper, scope):
                scope = scope.with_symbol(
                    Symbol(part.upper.text, "size", (Axis(part.upper.text),), why="the last index of a sum")
                )
            named = part.upper
            if isinstance(named, Scripted) and isinstance(named.base, Name) and not named.sups:
                key = spelled(named.base.text, named.subs, ())
                if (found := scope.symbols.get(key)) is not None and found.kind == "index":
                    scope = scope.with_symbol(Symbol(key, "size", (Axis(key),), why="the last index of a sum"))
            summed = part.upper.terms if isinstance(part.upper, Plus) else (part.upper,)
            for term in summed:
                name = _size_name(term.operand if isinstance(term, Negative) else term, scope)
                running = (*LAYER_LETTERS, *TIME_LETTERS, scope.last, *(INDEX_LETTERS if len(summed) > 1 else ()))
                if name and name not in indices and name not in running:
                    scope = scope.with_symbol(
                        Symbol(name, "size", (Axis(name),), declared=False, why="the upper bound of a sum")
                    )
    return scope


def _is_last_index(big: Big, upper: Name, scope: Scope) -> bool:
    """Whether a letter declared as an index is the last of the entries (not of layers or times) of a sum."""
    symbol, letter = scope.find(upper.text), bound_letter(big)
    if symbol is None or symbol.kind != "index" or not numbers_members(big):
        return False
    found = [refer(ref, scope) for ref in references(big.body)]
    return not any(ref and any(letter in letters_in(label) for label in ref.labels) for ref in found)


def _size_name(node: Node, scope: Scope) -> str:
    """The key of an undeclared upper bound, or an empty one."""
    if isinstance(node, Name) and not scope.knows(node.text):
        return node.text
    if isinstance(node, Scripted) and isinstance(node.base, Name) and not node.sups and len(node.subs) == 1:
        base, subs = node.base.text, node.subs
        if not looks_like_label(subs[0]) and find_symbol(base, subs, (), scope)[0] is None:
            return spelled(base, subs, ())
    return ""


def _judge(seen: Occurrences, scope: Scope, indices: set[str], running: frozenset[str]) -> list[Symbol]:
    known = scope.find(seen.name)
    if known is not None and known.axes is None:
        count = _index_count(seen, scope, indices)
        axes = Placeholders.axes(seen.name, count, known.labels)
        return [replace(known, axes=axes, guessed=True)]
    if _is_function(seen):
        default = DEFAULT_FUNCTIONS.get(seen.name, "")
        why = (
            f"read as the {default} function, as is usual" if default else "stands before brackets: an unknown function"
        )
        return [Symbol(seen.name, "function", function=default, declared=False, why=why)]
    return _quantities(seen, scope, indices, running)


def _is_function(seen: Occurrences) -> bool:
    if seen.primed and (seen.calls or seen.name in FUNCTION_LETTERS):
        return True
    if not seen.calls or (seen.bare and seen.name not in FUNCTION_LETTERS):
        return False
    if seen.name in (*FUNCTION_LETTERS, *DEFAULT_FUNCTIONS) or (len(seen.name) > 1 and not seen.name.startswith("\\")):
        return True
    return any(len(group.items) > 1 for group in seen.calls)


def _quantities(seen: Occurrences, scope: Scope, indices: set[str], running: frozenset[str]) -> list[Symbol]:
    """A family, an indexed array, several letters whose subscripts are words, or a plain scalar."""
    of = scope.find(without_d(seen.name)) if without_d(seen.name) else None
    if of is not None and of.kind == "quantity" and of.axes and not of.is_random:
        why = f"of the shape of {of.name}, as a gradient or differential"
        return [replace(of, name=seen.name, declared=False, why=why, fixed=())]
    label = _label(seen, running)
    samples = _numbers_samples(seen, scope, indices, running) if label and label[1] == "sup" else ""
    if samples:
        return [_sample_family(seen, samples, scope, indices)]
    words = [ref for ref in seen.scripted if _word_script(ref, scope, indices)]
    if label is None and not seen.bare and _only_numbers(seen):
        words = [ref for ref in seen.scripted if ref.subs]
    made: dict[str, Symbol] = {}
    for ref in words:
        key = spelled(seen.name, ref.subs[:1], ())
        made[key] = Symbol(key, "quantity", declared=False, why=IN_NAME)
    rest = [ref for ref in seen.scripted if ref not in words]
    if rest or seen.bare or seen.calls or not made:
        count = _index_count(replace(seen, scripted=rest), scope, indices, label)
        labels = (label[0],) if label else ()
        axes = Placeholders.axes(seen.name, count, labels)
        why = NUMBERED if label else ("carries an index" if count else PLAIN)
        if not count and not label and seen.name != undressed(seen.name):
            axes, why = Placeholders.axes(seen.name, 1 if undressed(seen.name).islower() else 2, ()), SET_IN_BOLD
        name = seen.name
        if seen.bare and (label and label[1] == "sub" or count == 1 and name in SCALAR_NAMES):
            # L = Σ_t L_t: the letter alone is one thing, its members are another
            made[name] = Symbol(name, "quantity", declared=False, why=PLAIN)
            name = f"{name}_{label[0] if label else 'i'}"
        made[name] = Symbol(name, "quantity", axes, labels, label[1] if label else "", declared=False, why=why)
    return list(made.values())


def _numbers_samples(seen: Occurrences, scope: Scope, indices: set[str], running: frozenset[str]) -> str:
    r"""The letter of ``z^{(i)}`` where it numbers samples: a sum runs over it, or declared letters carry it so."""
    carried = any(s.leading and s.place == "sup" for s in scope.symbols.values())
    for ref in seen.scripted:
        script = next((s for s in ref.sups if s.bracket and looks_like_label(s)), None)
        letters = letters_in(script_items(script)[0]) if script is not None else ()
        taken = {*LAYER_LETTERS, *TIME_LETTERS, *running}
        if len(letters) != 1 or letters[0] in taken or is_shifted(script_items(script)[0]):  # type: ignore[arg-type]
            return ""
        if carried or letters[0] in indices:
            return letters[0]
    return ""


def _sample_family(seen: Occurrences, letter: str, scope: Scope, indices: set[str]) -> Symbol:
    count = _index_count(seen, scope, indices, (letter, "sup"))
    axes = (*Placeholders.axes(letter, 1, ()), *Placeholders.axes(seen.name, count, ()))
    return Symbol(seen.name, "quantity", axes, (), "sup", leading=1, declared=False, why="numbered by its script")


def _sequences(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """Letters whose members follow one another (``h_n``, ``h_{n-1}``) and that were declared as mere members."""
    for node in nodes:
        for name in references(node):
            ref = refer(name, scope) if isinstance(name, Scripted) else None
            symbol = ref.symbol if ref is not None else None
            if ref is None or symbol is None or symbol.leading != 1 or symbol.labels or symbol.place != "sub":
                continue
            used = {other for d in scope.definitions for other in (d.name, *entry_names(d.body))}
            if ref.indices and is_shifted(ref.indices[0]) and symbol.name not in used and symbol.axes:
                label = letters_in(ref.indices[0])[0]
                scope = scope.with_symbol(replace(symbol, labels=(label,), axes=symbol.axes[1:], leading=0))
    return scope


def _shifted_letters(nodes: tuple[Node, ...]) -> frozenset[str]:
    """Letters that number what follows one another: they stand with a shift in the first place of a subscript."""
    found: set[str] = set()
    for node in nodes:
        for ref in references(node):
            if isinstance(ref, Scripted) and isinstance(ref.base, Name) and ref.subs:
                items = script_items(ref.subs[0])
                found |= set(letters_in(items[0])) if items and is_shifted(items[0]) else set()
    return frozenset(found)


def _only_numbers(seen: Occurrences) -> bool:
    """Whether the letter stands with single numbers below it only: ``z_1`` and ``z_2`` are letters of their own."""
    subs = [ref.subs for ref in seen.scripted if ref.subs]
    return bool(subs) and all(len(i := script_items(s[0])) == 1 and isinstance(i[0], Number) for s in subs)


def _label(seen: Occurrences, running: frozenset[str]) -> tuple[str, Place] | None:
    """The letter that numbers the members of a family and where it is written, if the letter is one."""
    for ref in seen.scripted:
        for script in ref.sups:
            if not is_transpose(script) and looks_like_label(script):
                return _pattern(script), "sup"
    for ref in seen.scripted:
        for script in ref.subs:
            items = script_items(script)
            if items and (
                is_shifted(items[0]) or set(letters_in(items[0])) & {*TIME_LETTERS, *LAYER_LETTERS, *running}
            ):
                return _pattern(script), "sub"
    return None


def _pattern(script: Script) -> str:
    letters = letters_in(script_items(script)[0])
    letter = letters[0] if letters else "l"
    return {"L": "l", "T": "t"}.get(letter, letter)


def _word_script(ref: Scripted, scope: Scope, indices: set[str]) -> bool:
    """Whether the subscript is a word such as ``in`` or names another quantity (``W_{xh}``)."""
    if not ref.subs:
        return False
    items = script_items(ref.subs[0])
    raw = plain(ref.subs[0].raw)
    if any(isinstance(item, Name) and item.upright and len(item.text) > 1 for item in items):
        return True
    letters = [x for item in items for x in letters_in(item)]
    if raw in ("in", "out") or len(raw) > 3 and raw.isalpha():
        return True
    return bool(letters) and any(x not in indices and x not in (*LAYER_LETTERS, *TIME_LETTERS) for x in letters)


def _index_count(seen: Occurrences, scope: Scope, indices: set[str], label: tuple[str, Place] | None = None) -> int:
    """How many indices the letter carries where it carries any (the label of a family is none)."""
    known = scope.find(seen.name)
    place = label[1] if label else (known.place if known and known.labels else "")
    counts = []
    for ref in seen.scripted:
        items = [item for script in ref.subs for item in script_items(script)]
        counts.append(max(0, len(items) - (1 if place == "sub" else 0)))
    return max(counts, default=0)


def index_letters_of(nodes: tuple[Node, ...], scope: Scope) -> frozenset[str]:
    """Letters that stand for running indices somewhere in a formula, bound or free."""
    bound = {
        letter for node in nodes for part in every(node) if isinstance(part, Big) and (letter := bound_letter(part))
    }
    declared = {name for name, symbol in scope.symbols.items() if symbol.kind == "index"}
    return frozenset(bound | declared | set(_index_letters(nodes, scope)) | last_summed(nodes, scope))


def example_counts(nodes: tuple[Node, ...], scope: Scope) -> frozenset[str]:
    r"""Letters that count the training examples of a ``\sum_x``: they go with the sum when one example is looked at."""
    sums = [part for node in nodes for part in every(node) if isinstance(part, Big) and part.upper is None]
    over_inputs = any(
        part.kind == "sum" and (letter := bound_letter(part)) is not None and _is_input(letter, part, scope)
        for part in sums
    )
    if not over_inputs:
        return frozenset()
    declared = {
        name for name in ("n", "N", "m", "M") if (s := scope.find(name)) is not None and s.declared and not s.labels
    }
    return frozenset({"n", "N", "m", "M"}) - declared


def _is_input(letter: str, part: Big, scope: Scope) -> bool:
    """Whether a bound letter stands in brackets as an argument only, ``y(x)``, or is no index and stands nowhere."""
    listed = [
        g
        for g in every(part.body)
        if isinstance(g, Group) and any(isinstance(i, Name) and i.text == letter for i in g.items)
    ]
    scripts = [s for ref in references(part.body) if isinstance(ref, Scripted) for s in (*ref.subs, *ref.sups)]
    silent = letter not in INDEX_LETTERS and not stands_as_number(part.body, letter)
    numbered = any(letter in letters_in(item) for script in scripts for item in script_items(script))
    return (bool(listed) or silent) and not numbered
