"""Slips of the pen put into formulas as text: what people get wrong, by a scanner that shares nothing with the package.

``slips(tex)`` gives pairs (kind, wrong formula); each has one slip, on the right of an equals sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Slip = tuple[str, int, int, str]

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S")
_ENDS = ("=", "&", r"\\", r"\quad", r"\qquad", r"\tag", r"\implies", r"\end")
_PRODUCT = (r"\odot", r"\circ", r"\cdot", r"\times", "*")
_SPACE = (r"\,", r"\;", r"\!", r"\ ", r"\:")
_FUNCTIONS = set("fgh") | {
    rf"\{word}" for word in ["sigma", "phi", "tanh", "exp", "log", "ln", "max", "Phi", "operatorname"]
}
_FONTS = {
    rf"\{word}"
    for word in ["mathbf", "mathrm", "text", "hat", "tilde", "bar", "boldsymbol", "mathcal", "operatorname", "bm"]
}
_OPEN, _CLOSE = {"{", "(", "[", r"\{", r"\begin"}, {"}", ")", "]", r"\}", r"\end"}


@dataclass(frozen=True)
class Token:
    """A token and what it stands in: the brackets around it, and whether one of them is a script."""

    text: str
    start: int
    end: int
    depth: int
    script: str


def tokens(tex: str) -> list[Token]:
    """The tokens with their surroundings; ``script`` is ``_``, ``^`` or nothing."""
    found: list[Token] = []
    stack: list[tuple[str, str]] = []
    last = ""
    for match in _TOKEN.finditer(tex):
        text = match.group()
        if text in _CLOSE and stack:
            stack.pop()
        inside = stack[-1][1] if stack else ""
        inside = last if last in ("_", "^") else inside
        found.append(Token(text, *match.span(), len(stack), inside))
        if text in _OPEN:
            stack.append((text, inside))
        last = text
    return found


def sides(tex: str) -> list[tuple[int, int]]:
    """Where the right sides stand: after an equals sign, up to the next relation, row or wide space."""
    parts: list[tuple[int, int]] = []
    begin = None
    for token in [*tokens(tex), Token("=", len(tex), len(tex), 0, "")]:
        if token.depth == tex.startswith(r"\begin") and token.text in _ENDS or token.start == len(tex):
            if begin is not None:
                parts.append((begin, len(tex[: token.start].rstrip(" .,;"))))
            begin = token.end if token.text == "=" else None
    return [(start + len(tex[start:end]) - len(tex[start:end].lstrip()), end) for start, end in parts if end > start]


def slips(tex: str) -> Iterator[tuple[str, str]]:
    """Every wrong formula with its kind, each text once."""
    seen = {tex}
    for start, end in sides(tex):
        part = [token for token in tokens(tex) if start <= token.start and token.end <= end]
        if part and part[0].depth <= tex.startswith(r"\begin"):
            for kind, first, last, new in _slips(tex, part):
                wrong = tex[:first] + new + tex[last:]
                if wrong not in seen:
                    seen.add(wrong)
                    yield kind, wrong


def _slips(tex: str, part: list[Token]) -> Iterator[Slip]:
    for rule in (_signs, _numbers, _transposes, _primes, _steps, _letters, _sums, _factors):
        yield from rule(tex, part)


def _signs(tex: str, part: list[Token]) -> Iterator[Slip]:
    first = part[0]
    if first.text == "-":
        yield "sign", first.start, first.end, ""
    elif _is_one_term(part):
        yield "sign", first.start, first.start, "-"
    for token in part[1:]:
        if token.text in ("+", "-") and not token.script:
            yield "+ for -", token.start, token.end, "-" if token.text == "+" else "+"
    for before, token in zip(part, part[1:], strict=False):
        if before.text == "{" and token.text == "-":
            yield "sign", token.start, token.end, ""


def _is_one_term(part: list[Token]) -> bool:
    signs = any(token.text in ("+", "-") and token.depth == part[0].depth for token in part)
    return not signs and part[0].text != r"\begin"


def _numbers(tex: str, part: list[Token]) -> Iterator[Slip]:
    first = part[0]
    if _is_one_term(part):
        yield "factor 2", first.start, first.start, "2 "
        yield "factor 1/2", first.start, first.start, r"\frac{1}{2} "
    for token in part:
        if token.script == "^" and token.text in ("2", "3", "4"):
            yield "exponent", token.start, token.end, str(int(token.text) + 1)
        elif not token.script and token.text in ("2", "3"):
            yield "number", token.start, token.end, "4" if token.text == "2" else "2"
    for match in re.finditer(r"\^(2|\{2\})", tex[part[0].start : part[-1].end]):
        yield "exponent", part[0].start + match.start(), part[0].start + match.end(), ""
    for match in re.finditer(r"\\frac\{1\}\{2\}|(?<=[-(=] )2(?= ?[\\(a-zA-Z])", tex[part[0].start : part[-1].end]):
        yield "factor 2 dropped", part[0].start + match.start(), part[0].start + match.end(), ""


def _transposes(tex: str, part: list[Token]) -> Iterator[Slip]:
    start, end = part[0].start, part[-1].end
    for match in re.finditer(r"\^\{?(T|\\top|\\intercal)(?![a-zA-Z])\}?|\\top(?![a-zA-Z])", tex[start:end]):
        yield "transpose dropped", start + match.start(), start + match.end(), ""
    for match in re.finditer(r"(?<![A-Za-z\\{_^])[A-Z](?![A-Za-z_^{}'(])", tex[start:end]):
        yield "transpose added", start + match.end(), start + match.end(), "^T"


def _primes(tex: str, part: list[Token]) -> Iterator[Slip]:
    start, end = part[0].start, part[-1].end
    for match in re.finditer(r"'|\^\{?\\prime\}?", tex[start:end]):
        yield "prime dropped", start + match.start(), start + match.end(), ""
    for match in re.finditer(r"(\\sigma|\\phi|\\tanh|(?<![a-zA-Z\\])[fgh])(?=\()", tex[start:end]):
        yield "prime added", start + match.end(), start + match.end(), "'"


def _steps(tex: str, part: list[Token]) -> Iterator[Slip]:
    """The layer or the time before or after, where a script speaks of one."""
    for number, token in enumerate(part):
        if token.script and token.text in ("l", "L", "t", "T") and not (token.script == "^" and token.text == "T"):
            after = "".join(other.text for other in part[number + 1 : number + 3])
            if after in ("+1", "-1"):
                yield "step", token.start, part[number + 2].end, token.text
            elif part[number - 1].text in ("_", "^"):
                yield "step", token.start, token.end, f"{{{token.text}-1}}"
            else:
                yield "step", token.start, token.end, f"{token.text}-1"
                yield "step", token.start, token.end, f"{token.text}+1"


def _letters(tex: str, part: list[Token]) -> Iterator[Slip]:
    """Two indices swapped; another index of the formula; another letter of the formula."""
    for one, two in zip(part, part[1:], strict=False):
        letters = one.text.isalpha() and two.text.isalpha() and one.text.islower() and two.text.islower()
        together = one.script == two.script == "_" and one.depth == two.depth and one.text != two.text
        if letters and together:
            yield "indices swapped", one.start, two.end, tex[two.start : two.end] + tex[one.start : one.end]
    indices = sorted({t.text for t in tokens(tex) if t.script == "_" and re.fullmatch("[i-n]", t.text)})
    letters = sorted({t.text for t in tokens(tex) if not t.script and re.fullmatch("[azhxy]", t.text)})
    for number, token in enumerate(part):
        around = (part[number - 1].text if number else "", part[number + 1].text if number + 1 < len(part) else "")
        if token.script == "_" and token.text in indices and around != ("{", "="):
            yield from (("index", token.start, token.end, other) for other in indices if other != token.text)
        elif (
            not token.script
            and token.text in letters
            and not re.search(r"[a-zA-Z]$", tex[: token.start])
            and (not re.match(r"[a-zA-Z]", tex[token.end :]))
        ):
            others = [other for other in letters if other != token.text]
            yield from (("letter", token.start, token.end, other) for other in others)


def _sums(tex: str, part: list[Token]) -> Iterator[Slip]:
    for match in re.finditer(r"\\sum(_\{[^{}]*\}|_\w)(\^\{[^{}]*\}|\^\w)?", tex[part[0].start : part[-1].end]):
        yield "sum dropped", part[0].start + match.start(), part[0].start + match.end(), ""


def _factors(tex: str, part: list[Token]) -> Iterator[Slip]:
    """A factor left out of a product at any depth outside scripts; one kind of product for the other."""
    for run in _products(part):
        for number, (start, end) in enumerate(run):
            if number:
                yield "factor dropped", run[number - 1][1], end, ""
            else:
                yield "factor dropped", start, run[1][0], ""
            if number and any(sign in tex[run[number - 1][1] : start] for sign in (r"\odot", r"\circ")):
                yield "product", run[number - 1][1], start, " "
            elif number and any(sign in tex[run[number - 1][1] : start] for sign in (r"\cdot", r"\,", " ")):
                yield "product", run[number - 1][1], start, r" \odot "


def _products(part: list[Token]) -> Iterator[list[tuple[int, int]]]:
    """The runs of factors, as places in the source."""
    run: list[tuple[int, int]] = []
    at = 0
    while at < len(part):
        token = part[at]
        if token.script or token.text in _SPACE or token.text in _PRODUCT:
            at += 1
            continue
        stop = _atom(part, at)
        if stop == at:
            if len(run) > 1:
                yield run
            run = []
            at += 1
            continue
        if token.text in ("(", r"\left", r"\big", r"\Big"):
            yield from _products([t for t in part[at + 1 : stop - 1] if t.depth > token.depth])
        run.append((token.start, part[stop - 1].end))
        at = stop
    if len(run) > 1:
        yield run


def _atom(part: list[Token], at: int) -> int:
    """Behind the factor that begins at ``at``; ``at`` itself if none does."""
    token = part[at]
    if token.text in (
        "_",
        "^",
        "+",
        "-",
        "=",
        ",",
        "&",
        r"\\",
        "|",
        ")",
        "]",
        "}",
        r"\right",
        r"\sum",
        r"\prod",
        r"\int",
        r"\lim",
    ):
        return at
    stop = at + 1
    if token.text in (r"\left", r"\big", r"\Big", r"\bigl"):
        stop = _group(part, at + 1)
        stop = stop if part[stop - 1].text in _CLOSE else stop
    elif token.text in _OPEN:
        stop = _group(part, at)
    elif token.text in (r"\frac", r"\sqrt", r"\partial", *_FONTS):
        for _ in range(2 if token.text == r"\frac" else 1):
            stop = _group(part, stop) if stop < len(part) and part[stop].text == "{" else stop
    stop = _behind_scripts(part, stop)
    calls = token.text in _FUNCTIONS or token.text in (r"\text", r"\mathrm")
    while calls and stop < len(part) and part[stop].text in (r"\!", r"\left"):
        stop += 1
    if calls and stop < len(part) and part[stop].text == "(":
        stop = _behind_scripts(part, _group(part, stop))
    return stop


def _group(part: list[Token], at: int) -> int:
    """Behind the bracket that closes the one at ``at``."""
    for number in range(at + 1, len(part)):
        if part[number].text in _CLOSE and part[number].depth <= part[at].depth:
            return number + 1
    return len(part)


def _behind_scripts(part: list[Token], at: int) -> int:
    while at < len(part) and part[at].text in ("_", "^", "'"):
        if part[at].text == "'":
            at += 1
        elif at + 1 < len(part):
            at = _group(part, at + 1) if part[at + 1].text == "{" else at + 2
        else:
            return at
    return at
