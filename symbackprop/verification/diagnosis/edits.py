"""The single slips that people make, each as an edit of the source: a table of rules from a tree to edits.

A rule gets the side that may be wrong and says which replacements of its source to try. It never says whether the
result is true; the judge does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

from symbackprop.verification.diagnosis.walk import walk, with_signs
from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    CaseRows,
    Derivative,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Quotient,
    Script,
    Scripted,
    Span,
    Times,
)

FACTORS = ("2", r"\frac{1}{2}", "3", r"\frac{1}{3}", "4", r"\frac{1}{4}")


@dataclass(frozen=True)
class Edit:
    """Replace ``tex[start:end]`` by ``replacement``, because of the slip named in ``slip``."""

    slip: str
    start: int
    end: int
    replacement: str

    def apply(self, tex: str) -> str:
        """The formula with the edit made.

        >>> Edit("sign", 4, 4, "-").apply("y = x")
        'y = -x'
        """
        return tex[: self.start] + self.replacement + tex[self.end :]


@dataclass(frozen=True)
class Hints:
    """What the surroundings offer for replacements: spelled factors, sizes, indices and labels used nearby."""

    factors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


Rule = Callable[[Node, str, Hints], Iterator[Edit]]


def text(node: Node | Script, tex: str) -> str:
    """The source of a node."""
    return tex[node.span.start : node.span.end]


def bracketed(node: Node, tex: str) -> str:
    """The source of a node, in brackets if it is a sum and would fall apart as a factor."""
    source = text(node, tex)
    return rf"\left({source}\right)" if isinstance(node, Plus | Negative) else source


def _replace(slip: str, span: Span, replacement: str) -> Edit:
    return Edit(slip, span.start, span.end, replacement)


def signs(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """The sign of the whole side, a difference the wrong way round, the sign of one term."""
    for node in walk(side):
        if isinstance(node, Plus):
            yield from _difference(node, tex)
    if isinstance(side, Negative):
        yield _replace("sign", side.span, text(side.operand, tex))
    else:
        yield _replace("sign", side.span, f"-{bracketed(side, tex)}")
    for node in walk(side):
        if isinstance(node, Plus):
            yield from _terms(node, tex)


def inner_signs(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A minus that should not be there, such as in an exponent; the sign of one case; 1 minus the side."""
    for node in walk(side):
        if isinstance(node, Negative) and node is not side:
            yield _replace("sign", node.span, text(node.operand, tex))
        elif isinstance(node, CaseRows):
            for value, _ in node.rows:
                yield _replace("sign of a case", value.span, f"-{bracketed(value, tex)}")
    yield _replace("missing 1", side.span, f"1 - {bracketed(side, tex)}")
    if isinstance(side, Negative):
        yield _replace("missing 1", side.span, f"1 {text(side, tex)}")


def _difference(node: Plus, tex: str) -> Iterator[Edit]:
    if len(node.terms) == 2 and isinstance(node.terms[1], Negative) and not isinstance(node.terms[0], Negative):
        first, second = node.terms[0], node.terms[1].operand
        yield _replace("sign", node.span, f"{text(second, tex)} - {text(first, tex)}")


def _terms(node: Plus, tex: str) -> Iterator[Edit]:
    for before, term in pairwise(node.terms):
        operand = term.operand if isinstance(term, Negative) else term
        sign = "+" if isinstance(term, Negative) else "-"
        yield Edit("sign of a term", before.span.end, term.span.end, f" {sign} {text(operand, tex)}")
    first = node.terms[0]
    if isinstance(first, Negative):
        yield _replace("sign of a term", first.span, text(first.operand, tex))
    else:
        yield _replace("sign of a term", first.span, f"-{text(first, tex)}")


def factors(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A constant factor, a width, or a number that is off."""
    for node in walk(side):
        if isinstance(node, Number):
            for value in ("1", "2", "3", "4", "0"):
                if text(node, tex) != value:
                    yield _replace("number", node.span, value)
    reciprocals = tuple(rf"\frac{{1}}{{{size}}}" for size in hints.sizes)
    for factor in chain(FACTORS, hints.sizes, reciprocals):
        yield _replace("factor", side.span, f"{factor} {bracketed(side, tex)}")
    for node in walk(side):
        for term in node.terms if isinstance(node, Plus) else ():
            operand = term.operand if isinstance(term, Negative) else term
            for factor in chain(FACTORS[:2], reciprocals):
                yield _replace("factor of a term", operand.span, f"{factor} {text(operand, tex)}")


_TRANSPOSE = re.compile(r"^(\\top|T|\\intercal|\\mathsf\s*\{?T\}?|\\mathrm\{T\})$")


def is_transpose(script: Script) -> bool:
    """Whether a superscript is the mark of a transpose."""
    return bool(_TRANSPOSE.match(script.raw.strip()))


def transposes(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A transpose left out or put in."""
    inner = {id(node.base) for node in walk(side) if isinstance(node, Scripted)}
    for node in walk(side):
        if isinstance(node, Scripted):
            yield from _transpose_scripted(node, tex)
        elif isinstance(node, Name | Group) and id(node) not in inner and not _is_word(node):
            yield _replace("transpose", node.span, f"{text(node, tex)}^T")


def _is_word(node: Node) -> bool:
    return isinstance(node, Name) and node.upright


def _transpose_scripted(node: Scripted, tex: str) -> Iterator[Edit]:
    found = [script for script in node.sups if is_transpose(script)]
    for script in found:
        start = script.span.start
        while start > node.base.span.end and tex[start - 1] in "^{ ":
            start -= 1
        end = script.span.end
        while end < node.span.end and tex[end] == "}" and tex[start:end].count("{") > tex[start:end].count("}"):
            end += 1
        yield Edit("transpose", start, end, "")
    if not found and not node.subs:
        source = text(node, tex)
        yield _replace("transpose", node.span, f"({source})^T" if node.sups else f"{source}^T")


def primes(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A prime left out or put in: h where h' is meant, and the other way round."""
    for node in walk(side):
        if isinstance(node, Scripted) and node.primes:
            source = text(node, tex)
            bare = re.sub(r"\^\{?(\\prime|')+\}?|'", "", source, count=1)
            if bare != source:
                yield _replace("derivative", node.span, bare)
        elif isinstance(node, Times):
            for function, argument in pairwise(node.factors):
                if isinstance(argument, Group) and isinstance(function, Name):
                    yield Edit("derivative", function.span.end, function.span.end, "'")
        elif isinstance(node, Applied) and isinstance(node.function, Name):
            yield Edit("derivative", node.function.span.end, node.function.span.end, "'")


def missing_factors(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A factor left out, such as h'(z)."""
    for factor in hints.factors:
        yield _replace("missing factor", side.span, rf"{bracketed(side, tex)} \odot {factor}")
        yield _replace("missing factor", side.span, rf"{bracketed(side, tex)} {factor}")
        for node in walk(side):
            if isinstance(node, Big) and node.kind == r"\sum":
                yield _replace("missing factor", node.body.span, f"{bracketed(node.body, tex)} {factor}")


def dropped_parts(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A factor or term that should not be there."""
    for node in walk(side):
        if isinstance(node, Times):
            yield from _drop(node.factors, "extra factor")
        elif isinstance(node, Plus) and len(node.terms) > 1:
            yield from _drop(node.terms, "extra term")
        elif isinstance(node, Quotient):
            yield _replace("extra denominator", node.span, f"({text(node.numerator, tex)})")


def _drop(parts: tuple[Node, ...], slip: str) -> Iterator[Edit]:
    for before, part in pairwise(parts):
        yield Edit(slip, before.span.end, part.span.end, "")
    yield Edit(slip, parts[0].span.start, parts[1].span.start, "")


def scripts(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """Indices swapped, another index, the layer before or after, a power that is off."""
    for node in walk(side):
        if isinstance(node, Scripted):
            for script in node.subs:
                yield from _swapped(script, tex)
                yield from _script(script, tex, hints.indices, "index")
            for script in node.sups:
                yield from _script(script, tex, hints.labels, "layer")


def _swapped(script: Script, tex: str) -> Iterator[Edit]:
    if len(script.items) == 2:
        first, second = script.items
        swapped = text(second, tex) + tex[first.span.end : second.span.start] + text(first, tex)
        yield Edit("indices swapped", first.span.start, second.span.end, swapped)


def _script(script: Script, tex: str, others: tuple[str, ...], slip: str) -> Iterator[Edit]:
    """Another index or label in place of each item, its neighbours first."""
    for item in script.items:
        if isinstance(item, Number):
            value = int(item.value) if item.value.denominator == 1 else 1
            for number in (value + 1, value - 1):
                yield _replace("number in a script", item.span, str(number))
        elif not _TRANSPOSE.match(text(item, tex)):
            name = text(item.terms[0] if isinstance(item, Plus) else item, tex)
            for other in (*others, name, f"{name}-1", f"{name}+1"):
                if other != text(item, tex):
                    yield _replace(slip, item.span, _braced(other, script, item))


def _braced(other: str, script: Script, item: Node) -> str:
    """In braces if it is the whole of a script that has none."""
    bare = script.span.end - script.span.start <= item.span.end - item.span.start + 1 and not script.bracket
    return f"{{{other}}}" if bare and len(other) > 1 else other


def whole(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """The transpose of the whole side; two index letters swapped all through it."""
    yield _replace("transpose", side.span, rf"\left({text(side, tex)}\right)^T")
    for first, second in combinations(hints.indices[:4], 2):
        spots = [item for item in _script_letters(side) if item.text in (first, second)]
        if {item.text for item in spots} == {first, second}:
            result, offset = text(side, tex), side.span.start
            for item in sorted(spots, key=lambda item: -item.span.start):
                other = second if item.text == first else first
                result = result[: item.span.start - offset] + other + result[item.span.end - offset :]
            yield _replace("indices swapped", side.span, result)


def _script_letters(side: Node) -> Iterator[Name]:
    for node in walk(side):
        for script in node.subs if isinstance(node, Scripted) else ():
            yield from (item for item in script.items if isinstance(item, Name))


def orders(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """Two factors the wrong way round, or a matrix product where an elementwise one is meant."""
    for node in walk(side):
        if isinstance(node, Times):
            for number, (first, second) in enumerate(pairwise(node.factors)):
                between = tex[first.span.end : second.span.start]
                swapped = text(second, tex) + (between or " ") + text(first, tex)
                yield Edit("order of factors", first.span.start, second.span.end, swapped)
                other = " " if node.operators[number] in (r"\odot", r"\circ") else r" \odot "
                yield Edit("kind of product", first.span.end, second.span.start, other)


def sums(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A sum left out, or one that should not be there."""
    for index in hints.indices:
        yield _replace("missing sum", side.span, rf"\sum_{{{index}}} {bracketed(side, tex)}")
    for node in walk(side):
        if isinstance(node, Big) and node.kind == r"\sum":
            yield _replace("extra sum", node.span, text(node.body, tex))


def arguments(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A factor 2 or a sign missing in the argument of a function (``σ(z)`` for ``σ(2z)``)."""
    for node in walk(side):
        if isinstance(node, Times):
            for function, argument in pairwise(node.factors):
                if isinstance(argument, Group) and len(argument.items) == 1 and not isinstance(function, Number):
                    inner = argument.items[0]
                    for factor in ("2", "-"):
                        yield _replace("argument", inner.span, factor + bracketed(inner, tex))


def exponents(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A square left out."""
    for node in walk(side):
        if isinstance(node, Group):
            yield Edit("exponent", node.span.end, node.span.end, "^2")


#: The rules in the order in which they are tried: the commonest slips first.
RULES: tuple[Rule, ...] = (
    signs,
    factors,
    transposes,
    primes,
    scripts,
    whole,
    inner_signs,
    missing_factors,
    sums,
    orders,
    dropped_parts,
    arguments,
    exponents,
)


def propose(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """Every edit of ``side`` worth trying, each resulting source once, in a fixed order."""
    seen, side = {tex}, with_signs(side, tex)
    for rule in RULES:
        for edit in rule(side, tex, hints):
            result = edit.apply(tex)
            if result not in seen and not _inside_derivative_quotient(side, edit):
                seen.add(result)
                yield edit


def _inside_derivative_quotient(side: Node, edit: Edit) -> bool:
    """Edits that tear the d of a derivative from its variable are never meant."""
    return any(
        isinstance(node, Derivative)
        and node.span.start < edit.start
        and edit.end < node.span.end
        and edit.slip in ("order of factors", "extra factor", "extra denominator")
        for node in walk(side)
    )
