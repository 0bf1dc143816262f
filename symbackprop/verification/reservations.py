"""Why a claim that fails is not called wrong: what a note says in words, or leaves to convention, would save it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import TypeGuard

from symbackprop.verification.judge import judge, refutes
from symbackprop.verification.note import Formula, Note
from symbackprop.verification.reading import Choice, Link
from symbackprop.verification.reading.elaborate.trust import reached_by
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import num
from symbackprop.verification.terms.context import Context, Definition
from symbackprop.verification.terms.nodes import Call, Entry, Relation, Term, Whole
from symbackprop.verification.terms.walk import walk
from symbackprop.verification.verdict import Verdict

_CASES = re.compile(r"\b(?:[Cc]ase|differ|differs|different|distinct|unequal|off-diagonal)\b")
_BELOW = re.compile(r"\\[A-Za-z]+|[A-Za-z]")
_COMPARED = r"(?:=|==|!=|≠|<>|\\neq?(?![a-z])|\\not\s*=|is|equals|and)"


def reservation(link: Link, note: Note, formula: Formula) -> str:
    """Under what the claim would hold that is not said in its formulas; empty if under nothing of the kind."""
    text = note.text[: formula.start] + note.text[formula.end :]
    for block in note.blocks:
        text = text.replace(block.body, "")
    for choice in link.readings:
        said = _in_one_case(choice, text) or _from_zero(choice) or _of_its_name(choice)
        if said:
            return said
    return ""


def _in_one_case(choice: Choice, text: str) -> str:
    """A note that tells cases apart says in its words for which of them a formula is meant."""
    claim = choice.claim
    for (left, axis), (right, other) in combinations(claim.free, 2):
        if axis != other or not _tells_apart(text, left, right):
            continue
        for sign, words in (("!=", "differ"), ("=", "are equal")):
            case = Relation(Whole(Affine.symbol(left)), sign, Whole(Affine.symbol(right)))  # type: ignore[arg-type]
            narrowed = replace(claim, conditions=(*claim.conditions, case))
            if judge(narrowed, choice.context).verdict is Verdict.PROVED:
                return f"it holds where {left} and {right} {words}, which the formulas do not say"
    return ""


def _tells_apart(text: str, left: str, right: str) -> bool:
    pairs = ((re.escape(a), re.escape(b)) for a, b in ((left, right), (right, left)))
    compared = (rf"(?<![\w\\{{]){a}\W{{0,3}}{_COMPARED}\W{{0,3}}{b}(?!\w)" for a, b in pairs)
    return bool(_CASES.search(text)) or any(re.search(pattern, text) for pattern in compared)


def _of_its_name(choice: Choice) -> str:
    r"""What stands below a letter may be a part of its name: ``p_g(x)`` is then the same for every g."""
    definitions = choice.context.definitions
    named = tuple(_without_carried(definition) for definition in definitions)
    changed = [old.name for old, new in zip(definitions, named, strict=True) if old is not new]
    if not changed:
        return ""
    context, claim = replace(choice.context, definitions=named), choice.claim
    if judge(claim, context).verdict is not Verdict.PROVED or not refutes(replace(claim, right=num(0)), context):
        return ""
    return f"it holds if what stands below the letter in {', '.join(changed)} is a part of its name"


def _without_carried(definition: Definition) -> Definition:
    """A letter with what it depends on in brackets as a function of these alone, not of what stands below it."""
    body, head = definition.body, definition.name.partition("(")[0]
    below = _BELOW.findall(head.partition("_{")[2])
    if not isinstance(body, Call) or not below or not body.name.endswith(definition.name):
        return definition
    kept = tuple(a for a in body.arguments if not isinstance(a.body, Entry) or a.body.name not in below)
    return definition if len(kept) == len(body.arguments) else replace(definition, body=replace(body, arguments=kept))


def _from_zero(choice: Choice) -> str:
    """A recursion of which nothing says with what it begins is usually meant to begin with 0."""
    claim = choice.claim
    named = {(part.name, part.labels) for side in (claim.left, claim.right) for part in walk(side) if _is_member(part)}
    reached = reached_by(choice)
    starts = tuple(s for s in _starts(choice.context) if s.name in reached and (s.name, s.labels) not in named)
    if not starts:
        return ""
    context = replace(choice.context, definitions=(*starts, *choice.context.definitions))
    names = ", ".join(f"{start.name}_{start.labels[0]}" for start in starts)
    fails = refutes(claim, context) or judge(claim, context).verdict is Verdict.REFUTED
    return "" if fails else f"it does not fail if {names} is 0, of which nothing is said"


def _is_member(part: Term) -> TypeGuard[Entry]:
    return isinstance(part, Entry) and bool(part.labels)


def _starts(context: Context) -> Iterator[Definition]:
    """The members before the first of the families that are defined by the member before, where they are free."""
    label = Affine.of(context.family.first - 1)
    spoken = {
        part.name
        for _, relation in context.assumptions
        for side in (relation.left, relation.right)
        for part in walk(side)
        if isinstance(part, Entry)
    }
    own = {(d.name, d.labels) for d in context.definitions}
    for definition in context.definitions:
        labels = definition.labels
        if len(labels) != 1 or labels[0].number is not None or (definition.name, (label,)) in own:
            continue
        before = (labels[0] - Affine.of(1),)
        recursive = any(
            isinstance(part, Entry) and part.name == definition.name and part.labels == before
            for part in walk(definition.body)
        )
        if recursive and definition.name not in spoken:
            yield replace(definition, labels=(label,), body=num(0))
