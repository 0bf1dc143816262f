"""What the usage of a letter in a formula says of it, for letters that nothing declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from symbackprop.verification.reading.elaborate.axes import Placeholders, index_axes
from symbackprop.verification.reading.elaborate.walk import bound_letter, every, references
from symbackprop.verification.reading.labels import (
    Reference,
    find_symbol,
    is_jacobian,
    is_shifted,
    is_transpose,
    letters_in,
    looks_like_label,
    refer,
    script_items,
)
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    Comparison,
    Derivative,
    Group,
    Name,
    Node,
    Number,
    Script,
    Scripted,
    Times,
)
from symbackprop.verification.reading.symbols import (
    DEFAULT_FUNCTIONS,
    Place,
    Symbol,
    head_name,
    known_function,
    plain,
    spelled,
    undressed,
)
from symbackprop.verification.terms.nodes import Axis

INDEX_LETTERS = frozenset("ijklmnpqrstuc")
FUNCTION_LETTERS = (
    "f",
    "g",
    "h",
    "F",
    "G",
    "H",
    r"\phi",
    r"\varphi",
    r"\psi",
    r"\rho",
    r"\ell",
    "loss",
    "act",
    r"\sigma",
)
SPECIAL = frozenset(
    {
        "E",
        r"\mathbb{E}",
        r"\mathbf{E}",
        r"\mathrm{E}",
        "Var",
        "var",
        r"\mathbb{V}",
        "V",
        "Cov",
        "cov",
        "diag",
        "Diag",
        "tr",
        "Tr",
        "trace",
        "max",
        "min",
        "sum",
        "mean",
        r"\mathbf{1}",
        r"\mathbb{1}",
        "1",
        "I",
        r"\mathbf{I}",
        r"\mathbb{I}",
        r"\pi",
        "e",
        r"\mathrm{e}",
        "vec",
        "det",
        r"\infty",
        "sup",
        "inf",
        "argmax",
        "argmin",
        "otherwise",
        "and",
        "with",
        "if",
        "for",
        "softmax",
    }
)
# These have a meaning of their own only before brackets.
LETTERS_TOO = frozenset({"E", "V", "I", "1"})


@dataclass
class Occurrences:
    """Everything that a formula shows of one undeclared letter."""

    name: str
    calls: list[Group] = field(default_factory=list)
    primed: bool = False
    bare: int = 0
    scripted: list[Scripted] = field(default_factory=list)


def decide(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """Add a symbol for every letter of a formula that has none, with the reason for what it is taken to be."""
    bound = {
        letter for node in nodes for part in every(node) if isinstance(part, Big) and (letter := bound_letter(part))
    }
    indices = bound | set(_index_letters(nodes, scope))
    scope = _sizes(nodes, _euler(nodes, scope), indices)
    scope = _reused(nodes, scope)
    running = scope.running | _shifted_letters(nodes)
    found = _collect(nodes, scope, indices)
    for name in found:
        if name in LETTERS_TOO and found[name].calls or name in ("1", "I") and not found[name].scripted:
            continue
        for symbol in _judge(found[name], scope, indices, running):
            scope = scope.with_symbol(symbol)
    return index_axes(nodes, scope)


def _euler(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """An e that is differentiated or stands alone on a side is an error, not Euler's number."""
    parts = [part.operand for node in nodes for part in every(node) if isinstance(part, Derivative)]
    if not scope.knows("e") and any(isinstance(part, Name) and part.text == "e" for part in (*nodes, *parts)):
        return scope.with_symbol(
            Symbol("e", "quantity", declared=False, why="is differentiated or defined, so it is not Euler's number")
        )
    return scope


def _index_letters(nodes: tuple[Node, ...], scope: Scope) -> Iterator[str]:
    """Single letters that stand in subscripts of letters and nowhere else as a quantity."""
    for node in nodes:
        for ref in references(node):
            if not isinstance(ref, Scripted) or not isinstance(ref.base, Name):
                continue
            _, below, _ = find_symbol(ref.base.text, ref.subs, ref.sups, scope)
            for script in ref.subs[below:]:
                for item in script_items(script):
                    yield from (x for x in letters_in(item) if x in INDEX_LETTERS and not _is_quantity(x, scope))


def _is_quantity(letter: str, scope: Scope) -> bool:
    symbol = scope.find(letter)
    return symbol is not None and symbol.kind in ("quantity", "function")


def _sizes(nodes: tuple[Node, ...], scope: Scope, indices: set[str]) -> Scope:
    """Upper bounds of sums that are letters of their own are sizes."""
    for node in nodes:
        for part in every(node):
            if not isinstance(part, Big) or part.upper is None or part.kind not in ("sum", "prod"):
                continue
            if isinstance(part.upper, Name) and _is_last_index(part, part.upper, scope):
                scope = scope.with_symbol(
                    Symbol(part.upper.text, "size", (Axis(part.upper.text),), why="the last index of a sum")
                )
            name = _size_name(part.upper, scope)
            if name and name not in indices and name not in (*LAYER_LETTERS, *TIME_LETTERS):
                scope = scope.with_symbol(
                    Symbol(name, "size", (Axis(name),), declared=False, why="the upper bound of a sum")
                )
    return scope


def _is_last_index(big: Big, upper: Name, scope: Scope) -> bool:
    """Whether a letter declared as an index is the last of the entries, not of layers or times, that a sum runs over."""
    symbol, letter = scope.find(upper.text), bound_letter(big)
    if symbol is None or symbol.kind != "index":
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


def _collect(nodes: tuple[Node, ...], scope: Scope, indices: set[str]) -> Mapping[str, Occurrences]:
    found: dict[str, Occurrences] = {}
    numbered = _numbered(nodes, scope)
    for node in nodes:
        called = {id(f): g for part in every(node) if isinstance(part, Times) for f, g in _calls(part)}
        inside = {
            id(part.left)
            for big in every(node)
            if isinstance(big, Big) and bound_letter(big)
            for part in big.lower
            if isinstance(part, Comparison)
        }
        for ref in references(node):
            name = head_name(ref)
            if name is None or id(ref) in inside:
                continue
            if id(ref) in called and is_jacobian(ref) and find_symbol(name.text, ref.subs, (), scope)[0] is None:  # type: ignore[union-attr]
                continue
            if isinstance(ref, Scripted) and ref.primes and name.text + "'" * ref.primes in scope.symbols:
                continue
            primed_letter = isinstance(ref, Scripted) and ref.primes and not _is_known_function(name.text, nodes, scope)
            if (
                _is_settled(ref, name, scope, indices)
                and not (name.text in numbered and numbered_key(ref))
                and not primed_letter
            ):
                continue
            key = numbered_key(ref) if name.text in numbered else ""
            if key and key in scope.symbols:
                continue
            if key and isinstance(ref, Scripted):
                seen = found.setdefault(key, Occurrences(key))
                (seen.scripted.append(replace(ref, sups=ref.sups[1:])) if ref.subs else None)
                seen.bare += 0 if ref.subs else 1
                continue
            if (
                id(ref) not in called
                and isinstance(ref, Scripted)
                and ref.primes
                and not _is_known_function(name.text, nodes, scope)
            ):
                primed = found.setdefault(name.text + "'" * ref.primes, Occurrences(name.text + "'" * ref.primes))
                (primed.scripted.append(ref) if ref.subs else None)
                primed.bare += 0 if ref.subs else 1
                continue
            seen = found.setdefault(name.text, Occurrences(name.text))
            if isinstance(ref, Scripted):
                seen.primed = seen.primed or ref.primes > 0
                if ref.subs or ref.sups:
                    seen.scripted.append(ref)
            if id(ref) in called:
                seen.calls.append(called[id(ref)])
            elif isinstance(ref, Name):
                seen.bare += 1
    return found


def numbered_key(ref: Name | Scripted) -> str:
    """The key of a letter whose first superscript is a bare number: ``a^0``, ``w^{10}``; else an empty one."""
    if not isinstance(ref, Scripted) or not isinstance(ref.base, Name) or not ref.sups or ref.sups[0].bracket:
        return ""
    return spelled(ref.base.text, (), ref.sups[:1]) if plain(ref.sups[0].raw).isdigit() else ""


def _numbered(nodes: tuple[Node, ...], scope: Scope) -> set[str]:
    """Letters whose bare superscript numbers are layers: a 0 or 1 is no power that anybody writes, nor is ``w^{21}_j``."""
    found: set[str] = set()
    bare: set[str] = set()
    for node in nodes:
        for ref in references(node):
            name = head_name(ref)
            if isinstance(ref, Name):
                bare.add(ref.text)
            if name is None or not isinstance(ref, Scripted) or not numbered_key(ref):
                continue
            raw = plain(ref.sups[0].raw)
            pair = len(raw) == 2 and int(raw[0]) == int(raw[1]) + 1
            known = any(
                symbol.startswith(name.text + "^{") and symbol[len(name.text) + 2 : -1].isdigit()
                for symbol in scope.symbols
            )
            if raw in ("0", "1") or pair or known or scope.notation == "backward_epsilon":
                found.add(name.text)
    families = {
        name
        for name in found
        if (s := scope.find(name)) is not None and s.kind == "quantity" and (s.labels or s.declared)
    }
    return found - families - (bare if scope.notation != "backward_epsilon" else set())


def _is_known_function(name: str, nodes: tuple[Node, ...], scope: Scope) -> bool:
    """Whether a letter is a function: declared so, or with a bracket behind it somewhere in the formula."""
    symbol = scope.find(name)
    if symbol is not None and symbol.kind == "function" or name in scope.bodies:
        return True
    parts = [part for node in nodes for part in every(node) if isinstance(part, Times)]
    return any((head := head_name(f)) is not None and head.text == name for part in parts for f, _ in _calls(part))


def _calls(times: Times) -> Iterator[tuple[Node, Group]]:
    for k, operator in enumerate(times.operators):
        follower = times.factors[k + 1]
        group = follower.base if isinstance(follower, Scripted) else follower
        if operator == "" and isinstance(group, Group):
            yield times.factors[k], group


def _is_settled(ref: Name | Scripted, name: Name, scope: Scope, indices: set[str]) -> bool:
    if name.text in SPECIAL - LETTERS_TOO or known_function(name.text):
        return True
    if isinstance(ref, Scripted):
        return find_symbol(name.text, ref.subs, ref.sups, scope)[0] is not None and _has_axes(name.text, scope)
    return scope.knows(name.text) or name.text in indices or name.upright and len(name.text) > 12


def _has_axes(name: str, scope: Scope) -> bool:
    symbol = scope.find(name)
    return symbol is None or symbol.kind != "quantity" or symbol.axes is not None


def _judge(seen: Occurrences, scope: Scope, indices: set[str], running: frozenset[str]) -> list[Symbol]:
    known = scope.find(seen.name)
    if known is not None and known.axes is None:
        count = _index_count(seen, scope, indices)
        axes = Placeholders.axes(seen.name, count, known.labels)
        return [replace(known, axes=axes)]
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
    if seen.name in FUNCTION_LETTERS or (len(seen.name) > 1 and not seen.name.startswith("\\")):
        return True
    return any(len(group.items) > 1 for group in seen.calls)


def _quantities(seen: Occurrences, scope: Scope, indices: set[str], running: frozenset[str]) -> list[Symbol]:
    """A family, an indexed array, several letters whose subscripts are words, or a plain scalar."""
    label = _label(seen, running)
    words = [ref for ref in seen.scripted if _word_script(ref, scope, indices)]
    made: dict[str, Symbol] = {}
    for ref in words:
        key = spelled(seen.name, ref.subs[:1], ())
        made[key] = Symbol(key, "quantity", declared=False, why="its subscript is part of its name")
    rest = [ref for ref in seen.scripted if ref not in words]
    if rest or seen.bare or seen.calls or not made:
        count = _index_count(replace(seen, scripted=rest), scope, indices, label)
        labels = (label[0],) if label else ()
        axes = Placeholders.axes(seen.name, count, labels)
        why = (
            "a family numbered by its script"
            if label
            else ("carries an index" if count else "a plain letter, read as a scalar")
        )
        if not count and not label and seen.name != undressed(seen.name):
            axes, why = Placeholders.axes(seen.name, 1 if undressed(seen.name).islower() else 2, ()), "set in bold"
        made[seen.name] = Symbol(
            seen.name, "quantity", axes, labels, label[1] if label else "", declared=False, why=why
        )
    return list(made.values())


def _shifted_letters(nodes: tuple[Node, ...]) -> frozenset[str]:
    """Letters that number what follows one another: they stand with a shift in the first place of a subscript."""
    found: set[str] = set()
    for node in nodes:
        for ref in references(node):
            if isinstance(ref, Scripted) and isinstance(ref.base, Name) and ref.subs:
                items = script_items(ref.subs[0])
                found |= set(letters_in(items[0])) if items and is_shifted(items[0]) else set()
    return frozenset(found)


def _reused(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """Forget letters that only the note itself explained and that stand here in a way that does not go with it."""
    uses: dict[str, list[bool]] = {}
    for node in nodes:
        called = {id(f) for part in every(node) if isinstance(part, Times) for f, _ in _calls(part)}
        called |= {id(part.operand) for part in every(node) if isinstance(part, Derivative)}
        called |= {id(part.function) for part in every(node) if isinstance(part, Applied)}
        for name_node in references(node):
            ref = refer(name_node, scope)
            if ref is not None and ref.symbol is not None and ref.name not in scope.declared:
                uses.setdefault(ref.name, []).append(_goes(ref, id(name_node) in called, scope))
    for name, fits in uses.items():
        if not any(fits):
            scope = scope.reused(name)
    return scope


def _goes(ref: Reference, called: bool, scope: Scope) -> bool:
    """Whether a reference is one that the symbol allows."""
    symbol = ref.symbol
    assert symbol is not None
    if symbol.kind == "function" or ref.name in scope.bodies:
        return called or ref.primes > 0
    if symbol.kind != "quantity" or symbol.axes is None:
        return True
    digits = (
        len(ref.indices) == 1
        and isinstance(ref.indices[0], Number)
        and len(str(ref.indices[0].value)) == len(symbol.axes)
    )
    return len(ref.labels) == len(symbol.labels) and (
        len(ref.indices) in (0, len(symbol.axes), symbol.leading) or digits
    )


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
    numbered = [ref for ref in seen.scripted if ref.subs]
    only = all(len(items := script_items(ref.subs[0])) == 1 and isinstance(items[0], Number) for ref in numbered)
    return (NUMBERED, "sub") if numbered and only and not seen.bare else None


#: The label letter of a family of which only numbered members are known.
NUMBERED = "number"


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
    return frozenset(bound | declared | set(_index_letters(nodes, scope)))


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
    """Whether a bound letter stands in brackets as an argument only: ``y(x)``."""
    listed = [
        g
        for g in every(part.body)
        if isinstance(g, Group) and any(isinstance(i, Name) and i.text == letter for i in g.items)
    ]
    scripts = [s for ref in references(part.body) if isinstance(ref, Scripted) for s in (*ref.subs, *ref.sups)]
    return bool(listed) and not any(letter in letters_in(item) for script in scripts for item in script_items(script))
