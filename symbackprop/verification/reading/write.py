r"""Surface trees back to LaTeX in one normal form: reading what ``write`` gives yields the same tree again."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import TypeVar

from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    CaseRows,
    Comparison,
    Derivative,
    Dots,
    EvaluatedAt,
    Group,
    Matrix,
    Name,
    Negative,
    Node,
    Norm,
    Number,
    Plus,
    Quotient,
    Root,
    Script,
    Scripted,
    Span,
    Statement,
    Times,
)
from symbackprop.verification.reading.vocabulary import FUNCTION_MACROS, RELATIONS, WEAK, WHOLE_TERM

_SIGNS = {"∂": "\\partial", "d": "d", "δ": "\\delta", "∇": "\\nabla"}
_RELATION_MACROS = {spelled: macro for macro, spelled in reversed(RELATIONS.items())} | {
    "|": "\\mid",
    "‖": "\\|",
    "=": "=",
}
_BRACKETS = {
    "(": "()",
    "[": "[]",
    "(]": "(]",
    "[)": "[)",
    "": ("", ""),
    "\\{": ("\\{", "\\}"),
    "\\langle": ("\\langle ", "\\rangle "),
    "\\lfloor": ("\\lfloor ", "\\rfloor "),
    "\\lceil": ("\\lceil ", "\\rceil "),
}
_KNOWN_TO_LATEX = FUNCTION_MACROS - {
    f"\\{word}"
    for word in (
        "tr",
        "Pr",
        "arg",
        "limsup",
        "liminf",
        "argmax",
        "argmin",
        "erf",
        "diag",
        "sign",
        "sgn",
        "sigmoid",
        "softmax",
    )
    + ("softplus", "relu", "ReLU", "Var", "Cov")
}
_CONNECTIVES = {
    "": " \\\\ ",
    "implies": " \\implies ",
    "iff": " \\iff ",
    "and": " \\quad \\text{and} \\quad ",
    "with": " \\quad \\text{with} \\quad ",
    "or": " \\quad \\text{or} \\quad ",
}
_ANYWHERE = Span(0, 0)
T = TypeVar("T")


def write(node: Node) -> str:
    r"""The LaTeX of a node.

    >>> from symbackprop.verification.reading.parse import read_surface
    >>> statement, = read_surface(r"∂J/∂w^{10}_ i = 2(a^0-y) h'(z^0) a^1_i")
    >>> write_statement(statement)
    "\\frac{\\partial J}{\\partial w_{i}^{10}} = 2 ( a^{0} - y ) h' ( z^{0} ) a_{i}^{1}"
    """
    return _expression(node)


def write_statement(statement: Statement) -> str:
    """The LaTeX of a statement with its conditions, without its connective."""
    parts: list[str] = []
    for k, side in enumerate(statement.sides):
        parts += [_relation(statement.relations[k - 1])] if k else []
        parts += [_expression(side)] if side is not None else []
    text = " ".join(parts)
    for condition in statement.conditions:
        if isinstance(condition, Name) and condition.upright:
            text += f" , \\quad \\text{{{condition.text}}}"
        else:
            text += f" \\quad \\text{{if }} {_expression(condition)}"
    return text


def write_statements(statements: tuple[Statement, ...]) -> str:
    """Several statements with what connects them."""
    text = ""
    for k, statement in enumerate(statements):
        connective = _CONNECTIVES[statement.connective] if k or statement.connective else ""
        text += connective + write_statement(statement)
    return text.strip()


def unplaced(tree: T) -> T:
    """The same tree with every span and raw text removed, to compare two trees by what they say."""
    if isinstance(tree, Span):
        return _ANYWHERE  # type: ignore[return-value]
    if isinstance(tree, tuple):
        return tuple(unplaced(part) for part in tree)  # type: ignore[return-value]
    if not is_dataclass(tree) or isinstance(tree, type):
        return tree
    changes = {f.name: unplaced(getattr(tree, f.name)) for f in fields(tree)}
    if isinstance(tree, Script):
        changes["raw"] = ""
    return replace(tree, **changes)


def _expression(node: Node) -> str:
    if isinstance(node, Plus):
        text = ""
        for term in node.terms:
            negative = isinstance(term, Negative)
            text += (" - " if negative else " + " if text else "") + _term(
                term.operand if isinstance(term, Negative) else term
            )
        return text.strip()
    if isinstance(node, Negative):
        return f"-{_term(node.operand)}"
    if isinstance(node, Comparison):
        return f"{_expression(node.left)} {_relation(node.relation)} {_expression(node.right)}"
    return _term(node)


def _relation(relation: str) -> str:
    return _RELATION_MACROS.get(relation, relation)


def _term(node: Node) -> str:
    if isinstance(node, Plus | Negative | Comparison):
        return _bracketed(node)
    if not isinstance(node, Times):
        return _factor(node, last=True)
    if any(operator in WEAK for operator in node.operators):
        parts = [_term(f) if not _is_weak(f) else _bracketed(f) for f in node.factors]
        return _chained(parts, node.operators)
    count = len(node.factors) - 1
    parts = [_factor(f, k == count, first=k == 0) for k, f in enumerate(node.factors)]
    return _chained(parts, node.operators)


def _is_weak(node: Node) -> bool:
    return isinstance(node, Times) and any(operator in WEAK for operator in node.operators)


def _chained(parts: list[str], operators: tuple[str, ...]) -> str:
    text = parts[0]
    for operator, part in zip(operators, parts[1:], strict=True):
        text += f" {operator} {part}" if operator else f" {part}"
    return text


def _bracketed(node: Node) -> str:
    return f"( {_expression(node)} )"


def _factor(node: Node, last: bool, first: bool = True) -> str:
    """One factor; what governs all that follows it is put in brackets where something does follow."""
    if isinstance(node, Negative) and not first and not isinstance(node.operand, Times | Plus | Negative):
        return f"-{_factor(node.operand, last)}"
    if isinstance(node, Plus | Negative | Times | Comparison):
        return _bracketed(node)
    if isinstance(node, Big):
        open_end = node.kind in WHOLE_TERM and not last
        return f"( {_big(node)} )" if open_end else _big(node)
    if isinstance(node, Derivative):
        return _derivative(node, last, alone=first and last)
    return _atom(node)


def _atom(node: Node) -> str:
    if isinstance(node, Number):
        return _number(node.value)
    if isinstance(node, Name):
        return _name(node)
    if isinstance(node, Scripted):
        return _scripted(node)
    if isinstance(node, Group):
        left, right = _BRACKETS[node.bracket]
        return f"{left} {' , '.join(map(_expression, node.items))} {right}".strip()
    if isinstance(node, Quotient):
        return f"\\frac{{{_expression(node.numerator)}}}{{{_expression(node.denominator)}}}"
    if isinstance(node, Root):
        degree = f"[{node.degree}]" if node.degree != 2 else ""
        return f"\\sqrt{degree}{{{_expression(node.radicand)}}}"
    if isinstance(node, Applied):
        return f"{_function(node.function)} {_term(node.argument)}"
    return _enclosed(node)


def _enclosed(node: Node) -> str:
    if isinstance(node, Norm):
        bar = "\\|" if node.kind == "norm" else "|"
        return f"\\left{bar} {_expression(node.body)} \\right{bar}"
    if isinstance(node, Dots):
        return f"\\{node.kind}"
    if isinstance(node, Matrix):
        rows = " \\\\ ".join(" & ".join(_expression(cell) for cell in row) for row in node.rows)
        return f"\\begin{{{node.environment}}} {rows} \\end{{{node.environment}}}"
    if isinstance(node, CaseRows):
        rows = " \\\\ ".join(
            " & ".join([_expression(v), " , ".join(map(_expression, c))][: 2 if c else 1]) for v, c in node.rows
        )
        return f"\\begin{{cases}} {rows} \\end{{cases}}"
    if isinstance(node, EvaluatedAt):
        upper = f"^{{{_expression(node.upper)}}}" if node.upper is not None else ""
        return f"\\left. {_expression(node.body)} \\right|_{{{_expression(node.lower)}}}{upper}"
    raise TypeError(f"no LaTeX for {type(node).__name__} here")


def _number(value: Fraction) -> str:
    """An integer, a decimal where the fraction has one (as it was read), else a quotient."""
    if value.denominator == 1:
        return str(value.numerator)
    digits = 0
    scaled = value
    while scaled.denominator != 1 and digits < 40:
        scaled, digits = scaled * 10, digits + 1
    if scaled.denominator != 1:
        return f"\\frac{{{value.numerator}}}{{{value.denominator}}}"
    text = str(scaled.numerator).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}"


def _name(name: Name) -> str:
    if not name.upright:
        return name.text
    if f"\\{name.text}" in _KNOWN_TO_LATEX:
        return f"\\{name.text}"
    return "\\mathrm{d}" if name.text == "d" else f"\\text{{{name.text}}}"


def _function(node: Node) -> str:
    """A function before an argument without brackets."""
    base = node.base if isinstance(node, Scripted) else node
    if not isinstance(base, Name) or f"\\{base.text}" in _KNOWN_TO_LATEX:
        return _atom(node)
    text = f"\\operatorname{{{base.text}}}"
    return text + _scripted(node)[len(_name(base)) :] if isinstance(node, Scripted) else text


def _scripted(node: Scripted) -> str:
    if isinstance(node.base, Derivative) and not node.base.written_apart:
        base = f"{{{_derivative(node.base, last=True, alone=True)}}}"
    else:
        base = _atom(node.base) if isinstance(node.base, _SCRIPTABLE) else _bracketed(node.base)
    text = base + "'" * node.primes
    for k, script in enumerate(node.subs):
        text = f"{{{text}}}" if k else text
        text += f"_{{{_script(script)}}}"
    for k, sup in enumerate(_superscripts(node.sups)):
        text = f"{{{text}}}" if k else text
        text += f"^{{{sup}}}"
    return text


_SCRIPTABLE = (Number, Name, Group, Norm, Matrix, Quotient, Root)


def _superscripts(sups: tuple[Script, ...]) -> list[str]:
    """Labels and a transpose behind a label stand together (``[l](i)``, ``[1]T``); other scripts each for itself."""
    found: list[str] = []
    labelled = False
    for script in sups:
        text = _script(script)
        if labelled and (script.bracket or text in ("T", "\\top", "*", "\\text{T}")):
            found[-1] += text
        else:
            found.append(text)
            labelled = bool(script.bracket)
    return found


def _script(script: Script) -> str:
    text = ",".join(_expression(item) for item in script.items)
    if not script.bracket:
        return text
    left, right = _BRACKETS[script.bracket]
    return f"{left}{text}{right}"


def _big(node: Big) -> str:
    text = f"\\{node.kind}"
    if node.kind in ("argmax", "argmin"):
        text = f"\\operatorname*{{{node.kind}}}"
    if node.lower:
        text += f"_{{{','.join(map(_expression, node.lower))}}}"
    if node.upper is not None:
        text += f"^{{{_expression(node.upper)}}}"
    if node.variable is not None:
        return f"{text} {_expression(node.body)} \\, \\mathrm{{d}}{_atom(node.variable)}"
    if isinstance(node.body, Negative) and node.kind in WHOLE_TERM:
        return f"{text} -{_term(node.body.operand)}"
    return f"{text} {_term(node.body)}"


def _derivative(node: Derivative, last: bool, alone: bool) -> str:
    """A quotient; ``\\partial_x f`` among other factors, where the operator form would take them along."""
    sign = _SIGNS[node.sign]
    order = f"^{{{node.order}}}" if node.order > 1 else ""
    plain = all(count == 1 for _, count in node.by)
    runs = not (isinstance(node.operand, Times) and any(node.operand.operators))
    inline = node.written_apart and node.sign == "∂" and plain and not alone and (runs or not last)
    if node.sign == "∇" or inline:
        lower = f"_{{{','.join(_expression(v) for v, _ in node.by)}}}" if node.by else ""
        return f"{sign}{lower}{order} {_run(node.operand)}"
    below = " ".join(f"{sign} {_with_order(variable, count)}" for variable, count in node.by)
    if node.written_apart:
        whole = f"\\frac{{{sign}{order}}}{{{below}}} {_term(node.operand)}"
        return whole if last else f"( {whole} )"
    return f"\\frac{{{sign}{order} {_term(node.operand)}}}{{{below}}}"


def _run(operand: Node) -> str:
    explicit = isinstance(operand, Times) and any(operand.operators)
    return _bracketed(operand) if explicit or isinstance(operand, Plus | Negative) else _term(operand)


def _with_order(variable: Node, count: int) -> str:
    text = _factor(variable, last=False)
    if count == 1:
        return text
    taken = isinstance(variable, Scripted) and (variable.sups or variable.primes)
    return f"{{{text}}}^{{{count}}}" if taken else f"{text}^{{{count}}}"
