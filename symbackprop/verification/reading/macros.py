r"""The author's own macros (``\newcommand``), expanded token by token and within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symbackprop.verification.reading.surface import Span
from symbackprop.verification.reading.tokens import MAX_TOKENS, Token, Unreadable, tokenize

MAX_EXPANSIONS = 500
#: The number of arguments of a name that is no macro but a word of the author's, written without ``\text``.
WORD = -1
#: Macros of packages and of MathJax that notes use without defining them; each argument stands in braces.
COMMON: Mapping[str, tuple[int, str]] = {
    "\\pdv": (2, r"\frac{\partial #1}{\partial #2}"),
    "\\dv": (2, r"\frac{d #1}{d #2}"),
    "\\abs": (1, r"\left|#1\right|"),
    "\\norm": (1, r"\left\|#1\right\|"),
    "\\R": (0, r"\mathbb{R}"),
    "\\N": (0, r"\mathbb{N}"),
    "\\Z": (0, r"\mathbb{Z}"),
    "\\E": (0, r"\mathbb{E}"),
    "\\grad": (0, r"\nabla"),
}


def expand(tokens: list[Token], macros: Mapping[str, tuple[int, str]]) -> list[Token]:
    r"""``tokens`` with every macro of ``macros`` (name -> number of arguments, body) replaced by its body.

    The tokens of a body carry the place of the call, those of an argument their own.

    >>> [t.text for t in expand(tokenize(r"\pd{J}{w}"), {"\\pd": (2, r"\frac{\partial #1}{\partial #2}")})]
    ['\\frac', '{', '\\partial', 'J', '}', '{', '\\partial', 'w', '}']
    """
    named = dict(COMMON)
    words = {name for name, (count, _) in macros.items() if count == WORD}
    named |= {n if n.startswith("\\") else f"\\{n}": body for n, body in macros.items() if n not in words}
    waiting, done, expansions = list(reversed(tokens)), [], 0
    while waiting:
        token = waiting.pop()
        if token.kind != "macro" or token.text not in named:
            done.append(token)
            continue
        if token.text in COMMON and named[token.text] is COMMON[token.text] and not _braced(waiting, token.text):
            done.append(token)
            continue
        expansions += 1
        if expansions > MAX_EXPANSIONS or len(waiting) + len(done) > MAX_TOKENS:
            raise Unreadable(f"the macro {token.text} expands without end", token.span)
        count, body = named[token.text]
        arguments = [_argument(waiting, token) for _ in range(count)]
        waiting += reversed(_filled(token, body, arguments))
    if len(done) > MAX_TOKENS:
        raise Unreadable(f"more than {MAX_TOKENS} tokens after the macros", Span(0, tokens[-1].end))
    return _numbered(_joined(done, words), words) if words else done


def _numbered(tokens: list[Token], words: set[str]) -> list[Token]:
    """A letter and the number that touches it, where both together are a word of the author's: ``t1``."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        touching = before is not None and before.kind == "letter" and token.kind == "number" and not token.spaced
        alone = len(joined) < 2 or joined[-2].kind != "letter" or before is None or before.spaced
        if before is not None and touching and alone and before.text + token.text in words:
            joined[-1] = replace(before, kind="text", text=before.text + token.text, end=token.end)
        else:
            joined.append(token)
    return joined


def _joined(tokens: list[Token], words: set[str]) -> list[Token]:
    """Letters that touch and spell a word of the author's, as one token of text."""
    joined: list[Token] = []
    run: list[Token] = []
    for token in [*tokens, None]:
        if token is not None and token.kind == "letter" and not (run and token.spaced):
            run.append(token)
            continue
        text = "".join(letter.text for letter in run)
        if text in words:
            run = [replace(run[0], kind="text", text=text, end=run[-1].end)]
        joined += run
        run = [token] if token is not None and token.kind == "letter" else []
        joined += [token] if token is not None and not run else []
    return joined


def _braced(waiting: list[Token], name: str) -> bool:
    """Whether as many arguments in braces follow as the macro takes; ``waiting`` is reversed."""
    place = len(waiting) - 1
    for _ in range(COMMON[name][0]):
        if place < 0 or not waiting[place].is_sign("{"):
            return False
        depth = 0
        while place >= 0:
            depth += waiting[place].is_sign("{") - waiting[place].is_sign("}")
            place -= 1
            if depth == 0:
                break
    return True


def _argument(waiting: list[Token], macro: Token) -> list[Token]:
    """Take one argument off the end of ``waiting`` (which is reversed): a token, or what stands between braces."""
    if not waiting:
        raise Unreadable(f"the macro {macro.text} lacks an argument", macro.span)
    first = waiting.pop()
    if not first.is_sign("{"):
        return [first]
    argument: list[Token] = []
    depth = 1
    while waiting:
        token = waiting.pop()
        depth += token.is_sign("{") - token.is_sign("}")
        if depth == 0:
            return argument
        argument.append(token)
    raise Unreadable("a brace without its partner", first.span)


def _filled(call: Token, body: str, arguments: list[list[Token]]) -> list[Token]:
    filled: list[Token] = []
    try:
        pattern = tokenize(body)
    except Unreadable as problem:
        raise Unreadable(f"the macro {call.text}: {problem.reason}", call.span) from None
    place = 0
    while place < len(pattern):
        token = pattern[place]
        place += 1
        if token.is_sign("#") and place < len(pattern) and pattern[place].kind == "number":
            text = pattern[place].text
            if not 1 <= int(text[0]) <= len(arguments):
                raise Unreadable(f"the macro {call.text} has no argument #{text[0]}", call.span)
            filled += arguments[int(text[0]) - 1]
            if text[1:]:
                filled.append(replace(pattern[place], text=text[1:], start=call.start, end=call.end))
            place += 1
        else:
            first = not filled and (call.spaced or token.kind != "macro")  # d\cS is d\mathcal{S}, and a\cx no word
            filled.append(replace(token, start=call.start, end=call.end, spaced=token.spaced or first))
    return filled
