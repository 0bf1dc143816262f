r"""A letter with its scripts, before anything is known of it: ``W^{(1)}``, ``h_{t-1}``, ``w_{jk}``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import bound_letter, every, references
from symbackprop.verification.reading.labels import (
    is_shifted,
    is_transpose,
    letters_in,
    looks_like_label,
    plain_affine,
    script_items,
)
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS
from symbackprop.verification.reading.surface import (
    Big,
    Derivative,
    Group,
    Name,
    Node,
    Number,
    Script,
    Scripted,
    Statement,
    Times,
)
from symbackprop.verification.reading.symbols import (
    DEFAULT_FUNCTIONS,
    Place,
    head_name,
    known_function,
    plain,
    spelled,
    undressed,
)
from symbackprop.verification.terms.affine import Affine

SAMPLE = "i"
"""The letter under which members are kept that number neither layers nor times."""
_NUMBERS = frozenset({*LAYER_LETTERS, *TIME_LETTERS})
Mark: TypeAlias = Literal["transpose", "inverse", "power"]


@dataclass(frozen=True)
class Letter:
    """``name`` is the key it is declared under; ``label`` numbers the member of a family, ``indices`` counts entries.

    ``counts`` is the letter that numbers the members as it stands in the key (l, t, or i for samples), and empty where
    the letter is alone or one of several that carry plain numbers.
    """

    name: str
    label: Affine | None = None
    place: Place = ""
    counts: str = ""
    indices: int = 0
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Usage:
    """What a whole note shows: the letters that stand alone, with indices, in bold, and what numbers the families."""

    bare: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()
    patterns: Mapping[tuple[str, Place], str] = field(default_factory=dict)
    bold: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    bodies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lone: frozenset[tuple[str, str]] = frozenset()
    met: dict[int, tuple[Node, Letter | None]] = field(default_factory=dict, compare=False)

    def letter_of(self, ref: Name | Scripted) -> Letter | None:
        """The letter that a reference names, worked out once."""
        known = self.met.get(id(ref))
        if known is None or known[0] is not ref:
            known = self.met[id(ref)] = (ref, letter_of(ref, self))
        return known[1]

    @classmethod
    def of(cls, statements: Sequence[Statement]) -> Usage:
        nodes = [side for statement in statements for side in statement.sides if side is not None]
        slopes = (part for node in nodes for part in every(node) if isinstance(part, Derivative))
        below = {id(variable) for part in slopes for variable, _ in part.by}  # the a of ∇_a C is a^L
        bare: set[str] = set()
        indexed: set[str] = set()
        families: dict[tuple[str, Place], str] = {}
        bold: set[str] = set()
        for ref in (ref for node in nodes for ref in references(node)):
            head = head_name(ref)
            bold |= {bared(head.text)} if head is not None and bared(head.text) != head.text else set()
            if isinstance(ref, Name):
                bare |= set() if id(ref) in below else {bared(ref.text)}
            elif isinstance(ref.base, Name):
                base = bared(ref.base.text)
                bare |= set() if ref.subs or any(not is_transpose(s) for s in ref.sups) else {base}
                indexed |= {base} if any(map(_entries, ref.subs)) else set()
                for place, script in _scripts(ref):
                    if _symbolic(script, place):
                        letter = letters_in(script_items(script)[0])[0]
                        number = {"L": "l", "T": "t"}.get(letter, letter)
                        families.setdefault((base, place), number if number in _NUMBERS else SAMPLE)
        return cls(
            frozenset(bare),
            frozenset(indexed),
            families,
            frozenset(bold),
            frozenset(_primed(nodes)),
            dict(_bodies(nodes)),
            frozenset(_lone(statements)),
        )


def _lone(statements: Iterable[Statement]) -> Iterator[tuple[str, str]]:
    """Letters of which a subscript is part of the name: no other letter beside them carries it (``d_k``)."""
    scripts: dict[str, set[str]] = {}
    shared: set[tuple[str, str]] = set()
    for statement in statements:
        nodes = [side for side in statement.sides if side is not None]
        bound = {bound_letter(part) for node in nodes for part in every(node) if isinstance(part, Big)}
        carried: dict[str, set[str]] = {}
        for ref in (ref for node in nodes for ref in references(node)):
            base = bared(head.text) if (head := head_name(ref)) is not None else ""
            subs = ref.subs if isinstance(ref, Scripted) else ()
            scripts.setdefault(base, set()).add(",".join(plain(script.raw) for script in subs))
            for letter in (x for script in subs for item in script_items(script) for x in letters_in(item)):
                carried.setdefault(letter, set()).add(base)
        shared |= {(b, x) for x, bases in carried.items() if len(bases) > 1 or x in bound for b in bases}
    for base, raws in scripts.items():
        single = all(len(raw) == 1 and raw.isalpha() and raw not in _NUMBERS for raw in raws)
        if single and not any((base, raw) in shared for raw in raws):
            yield from ((base, raw) for raw in sorted(raws))


def value_of(function: str) -> str:
    """The name under which the shape of the value of a function is kept; no letter goes by it."""
    return f"{function}(∙)" if function else ""


def called_name(node: Node) -> str:
    """The name of a function as it is defined: ``h_\\theta`` of ``h_\\theta(x)``."""
    head = head_name(node)
    subs = node.subs if isinstance(node, Scripted) else ()
    plain_call = head is not None and not (isinstance(node, Scripted) and (node.sups or node.primes))
    return spelled(head.text, subs, ()) if head is not None and plain_call else ""


def _bodies(nodes: Iterable[Node]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The functions that stand alone on a side with letters in their brackets, and these letters."""
    for node in nodes:
        if not isinstance(node, Times) or len(node.factors) != 2 or node.operators != ("",):
            continue
        head, group = node.factors
        name = called_name(head)
        known = known_function(name) or name in DEFAULT_FUNCTIONS
        if name and not known and isinstance(group, Group) and all(isinstance(item, Name) for item in group.items):
            yield name, tuple(bared(item.text) for item in group.items if isinstance(item, Name))


def _primed(nodes: Iterable[Node]) -> Iterator[str]:
    """The letters that stand with a prime right before brackets."""
    for part in (part for node in nodes for part in every(node) if isinstance(part, Times)):
        for head, _ in calls(part):
            if isinstance(head, Scripted) and head.primes and isinstance(head.base, Name) and not head.subs:
                yield head.base.text


def _scripts(ref: Scripted) -> list[tuple[Place, Script]]:
    return [*(("sub", script) for script in ref.subs), *(("sup", script) for script in ref.sups)]


def _symbolic(script: Script, place: Place) -> bool:
    """Whether a script numbers a family by a letter: ``^{(l)}``, ``_{t-1}``."""
    items = script_items(script)
    letters = set(letters_in(items[0])) if items else set()
    if not letters or is_transpose(script) or len(items) > 1:
        return False
    if place == "sup":
        return looks_like_label(script)
    return is_shifted(items[0]) or bool(letters & {*TIME_LETTERS, *LAYER_LETTERS})


def _entries(script: Script) -> bool:
    """Whether a subscript holds running indices only."""
    items = script_items(script)
    return bool(items) and all(
        isinstance(item, Name) and item.text in INDEX_LETTERS - {*TIME_LETTERS, *LAYER_LETTERS} for item in items
    )


def bared(name: str) -> str:
    r"""The letter without bold face, also below a hat.

    >>> bared(r"\mathbf{x}"), bared(r"\hat{\mathbf{y}}")
    ('x', '\\hat{y}')
    """
    plain_name = undressed(name)
    accent = re.match(r"^\\(hat|tilde|bar)\{(.*)\}$", plain_name)
    return rf"\{accent[1]}{{{undressed(accent[2])}}}" if accent else plain_name


def letter_of(ref: Name | Scripted, usage: Usage) -> Letter | None:
    """The letter that a reference names; nothing where its scripts are of a kind that says nothing of shapes."""
    if isinstance(ref, Name):
        return Letter(bared(ref.text))
    if not isinstance(ref.base, Name):
        return None
    base = bared(ref.base.text)
    letter = Letter(base + "'" * ref.primes)
    for script in ref.subs:
        made = _with_sub(letter, base, script, usage)
        if made is None:
            return None
        letter = made
    for script in ref.sups:
        made = _with_sup(letter, base, script, usage)
        if made is None:
            return None
        letter = made
    return letter


def _with_sub(letter: Letter, base: str, script: Script, usage: Usage) -> Letter | None:
    items = script_items(script)
    if (base, "sub") in usage.patterns and letter.label is None and items:
        label = plain_affine(items[0])
        if label is None or len(label.symbols) > 1:
            return None
        return _labelled(letter, label, usage.patterns[base, "sub"], len(items) - 1, usage, "sub")
    if len(items) == 1 and (base, *letters_in(items[0])) in usage.lone:
        return replace(letter, name=spelled(letter.name, (script,), ()))
    if _entries(script):
        return replace(letter, indices=letter.indices + len(items))
    if len(items) == 1 and isinstance(items[0], Number) and base in usage.bare | usage.indexed and base.islower():
        return replace(letter, indices=letter.indices + 1)
    if letter.label is not None or letter.indices or is_shifted(items[0]) if items else True:
        return None
    return replace(letter, name=spelled(letter.name, (script,), ()))


def _with_sup(letter: Letter, base: str, script: Script, usage: Usage) -> Letter | None:
    raw = plain(script.raw)
    if is_transpose(script):
        return replace(letter, marks=(*letter.marks, "transpose"))
    if script.bracket == "" and raw in ("-1", "-T", r"-\top"):
        more = ("inverse",) if raw == "-1" else ("inverse", "transpose")
        return replace(letter, marks=(*letter.marks, *more))
    items = script_items(script)
    label = plain_affine(items[0]) if len(items) == 1 else None
    if (base, "sup") in usage.patterns and label is not None and letter.label is None and len(label.symbols) <= 1:
        return _labelled(letter, label, usage.patterns[base, "sup"], 0, usage, "sup")
    if script.bracket in ("(", "[") and label is not None and label.number is not None:
        return replace(letter, name=spelled(letter.name, (), (script,)))
    if raw in ("*", "′"):
        return replace(letter, name=spelled(letter.name, (), (script,)))
    return replace(letter, marks=(*letter.marks, "power")) if script.bracket == "" else None


def _labelled(letter: Letter, label: Affine, pattern: str, indices: int, usage: Usage, place: Place) -> Letter:
    names = sorted(label.symbols)
    counts = {"L": "l", "T": "t"}.get(names[0], names[0]) if names else ""
    name = letter.name
    if name in usage.bare:  # y_t and y are two things
        name = f"{name}{'_' if place == 'sub' else '^'}{pattern}"
    counts = counts and (pattern if pattern == SAMPLE else counts)
    return replace(letter, name=name, label=label, place=place, counts=counts, indices=letter.indices + indices)
