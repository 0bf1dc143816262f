r"""From the tokens of a formula to its lines and pieces: where rows, commas, words and implications part it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from symbackprop.verification.reading.clean import SPACES
from symbackprop.verification.reading.cursor import Tokens
from symbackprop.verification.reading.signs import relation_sign
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import AND_WORDS, CONDITION_WORDS, OPERATORS, OTHERWISE_WORDS

_STARRED = ("align", "alignat", "gather", "equation", "eqnarray", "multline", "flalign")
ROW_ENVIRONMENTS = frozenset(
    (*_STARRED, *(f"{name}*" for name in _STARRED), "aligned", "alignedat", "split", "gathered", "math", "displaymath")
)
SYSTEMS = ("cases", "dcases", "rcases", "array", "matrix")
_CONNECTIVES = {
    "\\implies": "implies",
    "\\therefore": "implies",
    "\\iff": "iff",
    "\\land": "and",
    "\\lor": "or",
    "\\because": "if",
    "\\forall": "forall",
}
_ANNOTATED = ("\\overset", "\\underset", "\\stackrel", "\\xrightarrow", "\\xleftarrow")


@dataclass(slots=True)
class Piece:
    r"""A part of a line. ``introduced`` says by what: "" (start of a line), ",", "quad", "and", "with", "or",
    "implies", "iff",
    "if", "forall", "remark" (words beside the formula)."""

    introduced: str
    tokens: list[Token] = field(default_factory=list)
    mark: Token | None = None

    def has_relation(self) -> bool:
        return any(relation_sign(t) or t.is_sign(*_ANNOTATED) for t in self.tokens)

    def starts_with_relation(self) -> bool:
        return bool(self.tokens) and bool(relation_sign(self.tokens[0]))


def lines(tokens: Tokens) -> list[list[Token]]:
    """The rows of a formula; one that starts or follows with an operator continues the row before it."""
    rows = [row for row in _rows(tokens) if any(not t.is_sign(*SPACES) for t in row)]
    joined: list[list[Token]] = []
    for row in rows:
        if joined and (_continues(row) or _is_open(joined[-1])):
            joined[-1] += row
        else:
            joined.append(row)
    return joined


def _rows(tokens: Tokens) -> Iterator[list[Token]]:
    row: list[Token] = []
    for k, token in enumerate(tokens):
        if k and token.is_sign("&") and tokens[k - 1].is_sign("&") and row:
            row.append(replace(token, kind="macro", text=SPACES[0]))  # a column for remarks
        elif token.kind == "row":
            yield row
            row = []
        elif (system := _system(token, tokens)) is not None:
            first, *rest = list(_rows(_without_columns(system)))
            row += first
            for inner in rest:
                yield row
                row = inner
        elif not token.is_sign("&"):
            row.append(token)
    yield row


def _system(token: Token, beside: Tokens) -> Token | None:
    """The environment whose rows are statements: one made for them, or a brace that holds the whole formula."""
    if token.kind == "env" and token.text in ROW_ENVIRONMENTS:
        return token
    if any(t is not token and not t.is_sign(*SPACES, ".", ",", "&") for t in beside):
        return None
    if token.kind == "bracket" and token.text == "\\{." and len(token.inner) == 1:
        token = token.inner[0]
    if token.kind != "env" or token.text not in (*SYSTEMS, *ROW_ENVIRONMENTS):
        return None
    rows = [row for row in _cells(token) if any(row)]
    return token if rows and all(map(_is_equation, rows)) else None


def _cells(env: Token) -> list[list[list[Token]]]:
    """The cells of each row without the spaces in them."""
    rows: list[list[list[Token]]] = [[[]]]
    for token in _without_columns(env):
        if token.kind == "row":
            rows.append([[]])
        elif token.is_sign("&"):
            rows[-1].append([])
        elif not token.is_sign(*SPACES):
            rows[-1][-1].append(token)
    return rows


def _is_equation(cells: list[list[Token]]) -> bool:
    """Whether a row of cells is a statement: something before ``=``, and after it no cell that may be a condition."""
    (before, *others), follows = cells, [bool(cell) and relation_sign(cell[0]) in ("=", ":=") for cell in cells[1:]]
    if not before or any(token.kind == "text" for token in before):
        return False
    if any(relation_sign(token) in ("=", ":=") for token in before[1:]):
        return not any(others)
    return follows == [True] or follows == [True, False] and len(others[0]) == 1


def _without_columns(env: Token) -> Tokens:
    inner = env.inner
    if (
        (env.text == "array" or env.text.startswith("align") and "at" in env.text)
        and inner
        and inner[0].kind == "group"
    ):
        return inner[1:]
    if inner and inner[0].kind == "bracket" and inner[0].text == "[]" and len(inner[0].inner) == 1:
        place = inner[0].inner[0]
        if place.kind == "letter" and place.text in "tbc":
            return inner[1:]
    return inner


def _continues(row: list[Token]) -> bool:
    solid = [t for t in row if not t.is_sign(*SPACES)]
    if solid[0].is_sign("+", *OPERATORS):
        return True
    return solid[0].is_sign("-") and not any(relation_sign(t) for t in solid)


def _is_open(row: list[Token]) -> bool:
    solid = [t for t in row if not t.is_sign(*SPACES)]
    return bool(solid) and solid[-1].is_sign("+", "-", *OPERATORS)


def pieces(line: list[Token]) -> list[Piece]:
    """The pieces of a line, with commas that only make a list taken back."""
    found: list[Piece] = [Piece("")]
    for k, token in enumerate(line):
        if token.is_sign(*SPACES) and not found[-1].tokens:
            continue
        introduced = _introduces(token, found[-1], line[k + 1] if k + 1 < len(line) else None)
        if introduced == "remark":
            found += [Piece("remark", [token]), Piece("quad")]
        elif introduced in (",", "quad") and not found[-1].tokens and found[-1].introduced:
            continue  # a comma and a space part once
        elif introduced:
            found.append(Piece(introduced, mark=token))
        else:
            found[-1].tokens.append(token)
    return _joined([piece for piece in (_without_stop(p) for p in found) if piece.tokens or _stands_alone(piece)])


def _stands_alone(piece: Piece) -> bool:
    return piece.introduced in ("implies", "iff") and piece.mark is not None


def _introduces(token: Token, current: Piece, after: Token | None) -> str:
    if token.is_sign(",", ";") or (token.is_sign(":") and current.introduced == "forall"):
        return ","
    if token.is_sign(*SPACES):
        return "quad"
    if token.kind == "macro" and token.text in _CONNECTIVES:
        return _CONNECTIVES[token.text]
    if token.kind != "text":
        return ""
    words = token.text.strip(" ,.;:").lower()
    if words in AND_WORDS:
        return AND_WORDS[words]
    if words in CONDITION_WORDS:
        return "if"
    if words.split(" ")[0] in OTHERWISE_WORDS:
        raise Unreadable("a value for the other cases outside of cases", token.span)
    return "remark" if _is_remark(token, current, after) else ""


def _is_remark(token: Token, current: Piece, after: Token | None) -> bool:
    """Words beside the formula, not a name in it."""
    text = token.text.strip()
    if not text or (after is not None and (after.kind == "bracket" or after.is_sign("_", "^"))):
        return not text
    last = current.tokens[-1] if current.tokens else None
    if last is None and text.endswith(":") and len(text) > 3 and after is not None:
        return True
    if last is None:
        return current.introduced in (",", "quad", "if") or (after is not None and " " in text)
    complete = not (relation_sign(last) or last.is_sign("+", "-", "_", "^", *OPERATORS))
    return complete and (" " in text or text.startswith("("))


def _without_stop(piece: Piece) -> Piece:
    """A piece without the punctuation at its end and the spaces around it."""
    tokens = list(piece.tokens)
    while tokens and (tokens[-1].is_sign(*SPACES) or (tokens[-1].is_sign(".", ":") and not _after_dots(tokens))):
        tokens.pop()
    return Piece(piece.introduced, tokens, piece.mark)


def _after_dots(tokens: list[Token]) -> bool:
    return len(tokens) > 1 and tokens[-1].is_sign(".") and tokens[-2].is_sign(".")


def _joined(found: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in found:
        before = joined[-1] if joined else None
        if before is not None and (_is_spacing(before, piece) or (piece.introduced == "quad" and not before.tokens)):
            before.tokens += piece.tokens
        elif before is not None and piece.mark is not None and _is_list(before, piece):
            before.tokens += [Token("symbol", ",", piece.mark.start, piece.mark.end), *piece.tokens]
        else:
            joined.append(piece)
    return joined


def _is_spacing(before: Piece, piece: Piece) -> bool:
    """A wide space that parts nothing: before a relation or operator, or without a relation on both sides."""
    if piece.introduced != "quad" or before.introduced == "remark" or not before.tokens:
        return False
    if piece.starts_with_relation() or piece.tokens[0].is_sign("+", *OPERATORS):
        return True
    if relation_sign(before.tokens[-1]) or before.tokens[-1].is_sign("+", "-", *OPERATORS):
        return True
    whole_bracket = len(piece.tokens) == 1 and piece.tokens[0].kind == "bracket" and before.has_relation()
    return not whole_bracket and not (piece.has_relation() and before.has_relation())


def _is_list(before: Piece, piece: Piece) -> bool:
    """A comma inside a list: ``i = 1, \\dots, n`` and ``o_1, o_2 = f(x)``."""
    if (
        piece.introduced != ","
        or before.introduced == "remark"
        or piece.mark is None
        or not piece.mark.is_sign(",", ";")
    ):
        return False
    if not piece.has_relation():
        return not (len(piece.tokens) == 1 and piece.tokens[0].kind == "text")
    return not before.has_relation() and before.introduced not in ("if", "forall")
