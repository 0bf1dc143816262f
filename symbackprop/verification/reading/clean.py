"""What a formula says without its typesetting: tokens nested by their brackets, spacing and decoration dropped."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.clean_arrows import with_arrows
from symbackprop.verification.reading.clean_marks import with_fractions, without_marks
from symbackprop.verification.reading.signs import relation_sign
from symbackprop.verification.reading.surface import Span
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import FONTS

MAX_NESTING = 40

SPACES = ("\\quad", "\\qquad")  # kept: they part statements
_DROPPED = frozenset(
    [
        "\\,",
        "\\;",
        "\\:",
        "\\!",
        "\\ ",
        "\\>",
        "~",
        "\\displaystyle",
        "\\textstyle",
        "\\scriptstyle",
        "\\limits",
        "\\nolimits",
    ]
    + ["\\nonumber", "\\notag", "\\hfill", "\\noindent", "\\hline", "\\thinspace", "\\enspace", "\\relax", "\\strut"]
    + ["\\tiny", "\\scriptsize", "\\footnotesize", "\\small", "\\normalsize", "\\scriptscriptstyle", "\\large"]
    + ["\\Large", "\\LARGE", "\\huge", "\\Huge", "\\qty", "\\quantity", "\\break", "\\newline", "\\!", "\\/"]
    + ["\\allowbreak", "\\medspace", "\\thickspace", "\\mathstrut", "\\null", "\\centering"]
)
_DROPPED_WITH_ARGUMENT = frozenset(
    [
        "\\label",
        "\\tag",
        "\\tag*",
        "\\hspace",
        "\\vspace",
        "\\phantom",
        "\\vphantom",
        "\\hphantom",
        "\\color",
        "\\textcolor",
    ]
)
_TRANSPARENT = frozenset(
    ["\\boxed", "\\ensuremath", "\\mathclap", "\\smash", "\\mathop", "\\mathrel", "\\mathbin", "\\mathord"]
)
_BRACED = frozenset(["\\underbrace", "\\overbrace"])
_SIZES = tuple(f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
_ALIASES = {
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
    "\\cfrac": "\\frac",
    "\\le": "\\leq",
    "\\ge": "\\geq",
    "\\ne": "\\neq",
    "\\leqslant": "\\leq",
    "\\geqslant": "\\geq",
    "\\to": "\\rightarrow",
    "\\longrightarrow": "\\rightarrow",
    "\\gets": "\\leftarrow",
    "\\longleftarrow": "\\leftarrow",
    "\\longmapsto": "\\mapsto",
    "\\Longrightarrow": "\\implies",
    "\\Rightarrow": "\\implies",
    "\\Leftrightarrow": "\\iff",
    "\\Longleftrightarrow": "\\iff",
    "\\Vert": "\\|",
    "\\parallel": "\\|",
    "\\vert": "|",
    "\\lbrace": "\\{",
    "\\rbrace": "\\}",
    "\\lbrack": "[",
    "\\rbrack": "]",
    "\\ast": "*",
    "\\star": "*",
    "\\ldots": "\\dots",
    "\\dotsc": "\\dots",
    "\\dotsb": "\\cdots",
    "\\dotsm": "\\cdots",
    "\\prime": "'",
    "\\bm": "\\mathbf",
    "\\boldsymbol": "\\mathbf",
    "\\pmb": "\\mathbf",
    "\\symbf": "\\mathbf",
    "\\mathbfit": "\\mathbf",
    "\\mathds": "\\mathbb",
    "\\Bbb": "\\mathbb",
    "\\widehat": "\\hat",
    "\\widetilde": "\\tilde",
    "\\overline": "\\bar",
    "\\overrightarrow": "\\vec",
    "\\intercal": "\\top",
    "\\bullet": "\\cdot",
    "\\bigodot": "\\odot",
    "\\bigtriangledown": "\\nabla",
    "\\triangledown": "\\nabla",
    "\\rVert": "\\rVert",
    "\\coloneqq": ":=",
    "\\triangleq": ":=",
    "\\doteq": ":=",
    "\\land": "\\land",
    "\\wedge": "\\land",
    "\\argmax": "\\argmax",
    "\\&": "\\&",
    "\\bold": "\\mathbf",
    "\\part": "\\partial",
    "\\sdot": "\\cdot",
    "\\isin": "\\in",
    "\\infin": "\\infty",
    "\\thetasym": "\\vartheta",
    "\\dag": "\\dagger",
    "\\empty": "\\emptyset",
    "\\hArr": "\\iff",
    "\\rArr": "\\implies",
    "\\rarr": "\\rightarrow",
    "\\larr": "\\leftarrow",
}
_SWITCHES = {"\\rm": "\\mathrm", "\\bf": "\\mathbf", "\\it": "\\mathit", "\\cal": "\\mathcal", "\\sf": "\\mathsf"}
_CLOSING = {
    "(": ")",
    "[": "]",
    "\\{": "\\}",
    "\\langle": "\\rangle",
    "\\lvert": "\\rvert",
    "\\lVert": "\\rVert",
    "{": "}",
    "\\lfloor": "\\rfloor",
    "\\lceil": "\\rceil",
}
_CLOSERS = frozenset(_CLOSING.values())
_BARS = {"|": ("\\lvert", "\\rvert"), "\\|": ("\\lVert", "\\rVert")}


def clean(tokens: list[Token]) -> tuple[tuple[Token, ...], tuple[Span, ...]]:
    r"""The nested tokens of a formula and the places of everything that was dropped.

    >>> from symbackprop.verification.reading.tokens import tokenize
    >>> kept, dropped = clean(tokenize(r"\big( x \big)^2 \, + \left| y \right| \tag{1}"))
    >>> [token.text for token in kept], len(dropped)
    (['()', '^', '2', '+', '\\lvert\\rvert'], 4)
    """
    dropped: list[Span] = []
    flat = _unwrapped(_sized(_dotted([_renamed(t) for t in with_arrows(tokens)]), dropped), dropped)
    return _opened(_cleaned(without_marks(with_fractions(nest(flat, dropped)), dropped), dropped)), tuple(dropped)


def _opened(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    r"""A formula that stands in braces, a box or a font as a whole, without these; a full stop may follow."""
    solid = [token for token in tokens if not token.is_sign(*SPACES, ".", ",", "&")]
    font = len(solid) == 2 and solid[0].is_sign(*sorted(FONTS)) and _is_formula(solid[1])
    if font or len(solid) == 1 and solid[0].kind == "group":
        return _opened(solid[-1].inner)
    return tokens


def _is_formula(token: Token) -> bool:
    """Whether a group holds more than a letter: a relation, a fraction, a sum."""
    return token.kind == "group" and any(relation_sign(t) or t.is_sign("\\frac", "+") for t in token.inner)


def _renamed(token: Token) -> Token:
    if token.kind != "macro":
        return token
    name = _ALIASES.get(token.text, token.text)
    return replace(token, text=name, kind="macro" if name.startswith("\\") or name == ":=" else "symbol")


def _dotted(tokens: list[Token]) -> list[Token]:
    r"""Three or more periods are ``\dots``, a period and a star the product of entries."""
    kept: list[Token] = []
    for token in tokens:
        if token.is_sign("*") and kept and kept[-1].is_sign(".") and kept[-1].end == token.start:
            kept[-1] = replace(token, kind="macro", text="\\odot", start=kept[-1].start, spaced=kept[-1].spaced)
            continue
        run = token.is_sign(".") and kept and kept[-1].is_sign(".", "\\dots") and kept[-1].end == token.start
        if run and kept[-1].is_sign("\\dots"):
            kept[-1] = replace(kept[-1], end=token.end)
        elif run and len(kept) > 1 and kept[-2].is_sign(".") and kept[-2].end == kept[-1].start:
            kept.pop()
            kept[-1] = replace(kept[-1], kind="macro", text="\\dots", end=token.end)
        else:
            kept.append(token)
    return kept


def _sized(tokens: list[Token], dropped: list[Span]) -> list[Token]:
    r"""``\bigl|`` opens and ``\bigr|`` closes what is open; every other size says nothing."""
    kept: list[Token] = []
    opened = 0
    for k, token in enumerate(tokens):
        side = tokens[k - 1].text[-1] if k and tokens[k - 1].is_sign(*_SIZES) else ""
        if token.is_sign(*_SIZES):
            dropped.append(token.span)
        elif token.is_sign("|", "\\|") and (side == "l" or side == "r" and opened):
            opened += 1 if side == "l" else -1
            kept.append(replace(token, kind="macro", text=_BARS[token.text][side == "r"]))
        elif token.is_sign("\\rvert") and _is_alone(tokens, k):
            kept.append(replace(token, kind="symbol", text="|"))
        else:
            kept.append(token)
    return kept


def _is_alone(tokens: list[Token], place: int) -> bool:
    r"""Whether a closing bar is the one of ``f \rvert_{x=0}``: nothing opened it, and a point stands below."""
    opened = sum(t.is_sign("\\lvert") - t.is_sign("\\rvert") for t in tokens[:place])
    return opened <= 0 and place + 1 < len(tokens) and tokens[place + 1].is_sign("_")


def _unwrapped(tokens: list[Token], dropped: list[Span]) -> list[Token]:
    while len(tokens) > 1 and tokens[0].is_sign("$") and tokens[-1].is_sign("$"):
        dropped += [tokens[0].span, tokens[-1].span]
        tokens = tokens[1:-1]
    return tokens


def nest(tokens: list[Token], dropped: list[Span]) -> tuple[Token, ...]:
    """Groups, brackets and environments as single tokens; the nesting is counted, not recursed into."""
    stack: list[tuple[Token, str, list[Token]]] = []
    level: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        place += 1
        left, right = token.is_sign("\\left"), token.is_sign("\\right")
        if left or right:
            if place == len(tokens):
                raise Unreadable(f"{token.text} without a bracket", token.span)
            token = replace(tokens[place], start=token.start, spaced=token.spaced)
            place += 1
        if left or token.kind == "begin" or token.is_sign(*_CLOSING):
            if len(stack) == MAX_NESTING:
                raise Unreadable(f"nested more than {MAX_NESTING} deep", token.span)
            stack.append((token, "\\right" if left else "", level))
            level = []
        elif right or token.kind == "end" or (token.is_sign(*_CLOSERS)):
            whole, level = _closed(stack, level, token, "\\right" if right else "")
            level.append(whole)
        elif token.is_sign("\\middle"):
            dropped.append(token.span)
        else:
            level.append(token)
    if stack:
        raise Unreadable(f"{stack[-1][0].text} without its partner", stack[-1][0].span)
    return tuple(level)


def _closed(
    stack: list[tuple[Token, str, list[Token]]], level: list[Token], closer: Token, mark: str
) -> tuple[Token, list[Token]]:
    if not stack:
        raise Unreadable(f"{closer.text} without its partner", closer.span)
    opener, opening_mark, outer = stack.pop()
    if opener.kind == "begin" or closer.kind == "end":
        fits = opener.kind == "begin" and closer.kind == "end" and opener.text == closer.text
        kind, text = "env", opener.text
    else:
        fits = opening_mark == mark and (
            bool(mark) or _CLOSING[opener.text] == closer.text or _half_open(opener, closer)
        )
        kind, text = ("group", "{}") if opener.text == "{" else ("bracket", opener.text + closer.text)
    if not fits:
        raise Unreadable(f"{opener.text} is closed by {closer.text}", Span(opener.start, closer.end))
    if mark and opener.is_sign("|", "\\|") and opener.text == closer.text:
        text = "".join(_BARS[opener.text])
    return Token(kind, text, opener.start, closer.end, opener.spaced, tuple(level)), outer


def _half_open(opener: Token, closer: Token) -> bool:
    return opener.is_sign("(", "[") and closer.is_sign(")", "]")


def _cleaned(tokens: tuple[Token, ...], dropped: list[Span]) -> tuple[Token, ...]:
    kept: list[Token] = []
    waiting = list(reversed(tokens))
    while waiting:
        token = waiting.pop()
        if token.is_sign(*_DROPPED):
            dropped.append(token.span)
            if waiting:
                waiting[-1] = replace(waiting[-1], spaced=True)
        elif token.is_sign(*_DROPPED_WITH_ARGUMENT):
            argument = _next(waiting, token)
            dropped.append(Span(token.start, argument.end))
        elif token.is_sign(*_BRACED):
            kept += _cleaned(_next(waiting, token).inner, dropped)
            _drop_note(waiting, token, dropped)
        elif token.is_sign(*_TRANSPARENT):
            dropped.append(Span(token.start, token.start + len(token.text)))
            argument = _next(waiting, token)
            waiting.append(argument)
        elif token.is_sign("\\mathbf") and waiting and _prints_bold(waiting[-1]):
            dropped.append(Span(token.start, token.start + len(token.text)))
        elif token.is_sign(*_SWITCHES):
            rest = _cleaned(tuple(reversed(waiting)), dropped)
            return (*kept, *_switched(token, rest))
        else:
            inner = _cleaned(token.inner, dropped) if token.inner else ()
            if token.kind == "group" and len(inner) == 1 and inner[0].kind == "differential":
                token, inner = inner[0], ()  # {\rm d}x
            kept.append(_differential(replace(token, inner=inner), waiting))
    return tuple(kept)


def _prints_bold(argument: Token) -> bool:
    r"""Whether ``\mathbf{…}`` only lets a term stand out: it holds a fraction or a sum, which is no letter."""
    return argument.kind == "group" and any(token.is_sign("\\frac", "\\sum", "=", "+") for token in argument.inner)


def _differential(token: Token, waiting: list[Token]) -> Token:
    r"""``\mathrm{d}``, ``\mathrm d`` and ``\text{d}`` are the upright d of a derivative or integral."""
    if token.kind == "text" and token.text.strip() == "d":
        return replace(token, kind="differential", text="d")
    if not token.is_sign("\\mathrm", "\\mathsf", "\\mathit") or not waiting:
        return token
    argument = waiting[-1]
    inner = argument.inner if argument.kind == "group" else (argument,)
    if len(inner) != 1 or inner[0].kind != "letter" or inner[0].text != "d":
        return token
    waiting.pop()
    return replace(token, kind="differential", text="d", end=argument.end)


def _next(waiting: list[Token], macro: Token) -> Token:
    if not waiting:
        raise Unreadable(f"{macro.text} without its argument", macro.span)
    return waiting.pop()


def _drop_note(waiting: list[Token], brace: Token, dropped: list[Span]) -> None:
    r"""The words under ``\underbrace{…}_{…}`` are an annotation."""
    sign = "_" if brace.text == "\\underbrace" else "^"
    if len(waiting) > 1 and waiting[-1].is_sign(sign):
        start = waiting.pop().start
        dropped.append(Span(start, waiting.pop().end))


def _switched(switch: Token, rest: tuple[Token, ...]) -> tuple[Token, ...]:
    r"""``{\rm sgn}`` is ``\mathrm{sgn}``."""
    if not rest:
        return ()
    if switch.text == "\\rm" and len(rest) == 1 and rest[0].kind == "letter" and rest[0].text == "d":
        return (replace(rest[0], kind="differential"),)
    font = replace(switch, text=_SWITCHES[switch.text])
    return (font, Token("group", "{}", rest[0].start, rest[-1].end, False, rest))
