"""The codes of findings: stable, each with what it means and an example."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.registry import Registry


@dataclass(frozen=True)
class Code:
    """A kind of finding. ``level`` is error, warning or note; ``example`` is a formula that earns the code."""

    name: str
    title: str
    level: str
    meaning: str
    example: str


codes = Registry[Code]("code")
"""Every code by name."""


def _register(name: str, title: str, level: str, meaning: str, example: str) -> None:
    codes.register(name, Code(name, title, level, meaning, example))


def explain(name: str) -> str:
    """What a code means, in a few lines.

    >>> print(explain("SBP002"))
    SBP002 (error): shapes do not fit
    <BLANKLINE>
    The notation is understood and the shapes of its parts are known, but they cannot be combined as written.
    <BLANKLINE>
    Example: \\delta^l = w^{l+1} \\delta^{l+1} \\odot \\sigma'(z^l)
    """
    code = codes[name.upper()]
    return f"{code.name} ({code.level}): {code.title}\n\n{code.meaning}\n\nExample: {code.example}"


_register(
    "SBP001",
    "the two sides differ",
    "error",
    "There is a point at which the two sides have different values. The finding names the widths, the values and both\n"
    "sides, and where a single edit makes the formula true, the corrected LaTeX.",
    r"\sigma'(z) = \sigma(z)(1 + \sigma(z))",
)
_register(
    "SBP002",
    "shapes do not fit",
    "error",
    "The notation is understood and the shapes of its parts are known, but they cannot be combined as written.",
    r"\delta^l = w^{l+1} \delta^{l+1} \odot \sigma'(z^l)",
)
_register(
    "SBP003",
    "wrong index or layer",
    "error",
    "The two sides differ, and they agree once one index or layer label is replaced.",
    r"\frac{\partial C}{\partial w^l_{jk}} = a^l_k \delta^l_j",
)
_register(
    "SBP010",
    "no proof found",
    "warning",
    "The two sides agree at every point that was tried, but no proof was found. The formula may be true.",
    r"\arctan x + \arctan \frac{1}{x} = \frac{\pi}{2}",
)
_register(
    "SBP011",
    "out of budget",
    "warning",
    "Judging the formula would take more time, memory or work than is allowed; the rest of the note is judged.\n"
    "The limit on time is set by --timeout.",
    r"(x + y + z + 1)^{200} = (1 + x + y + z)^{200}",
)
_register(
    "SBP020",
    "syntax",
    "note",
    "The LaTeX cannot be read: a brace, bracket or argument is missing, or a construct is not known.",
    r"\frac{\partial C}{\partial w",
)
_register(
    "SBP021",
    "unknown macro",
    "note",
    "The formula uses a command that is neither LaTeX nor defined by \\newcommand in the note.",
    r"\frac{\partial C}{\b_j} = \delta_j",
)
_register(
    "SBP022",
    "unknown symbol",
    "note",
    "The note does not define a letter of the formula. Define it in a formula above, or in a comment block:\n"
    '<!-- symbackprop symbols: {W: "matrix(m, n)"} -->',
    r"\varepsilon = Q x",
)
_register(
    "SBP023",
    "not a formula",
    "note",
    "There are words, arrows or pictures in the formula that say more than mathematics here can express.",
    r"x \mapsto \phi(x) \mapsto f(\phi(x), \theta)",
)
_register(
    "SBP024",
    "no claim",
    "note",
    "The formula states nothing that could be true or false: it has no relation such as = or \\le.",
    r"\frac{\partial C}{\partial w}",
)
_register(
    "SBP025",
    "an index is bound nowhere",
    "note",
    "An index appears on one side only and no sum binds it, so the formula says nothing definite.",
    r"\frac{\partial C}{\partial b_j} = \delta_i",
)
_register(
    "SBP026",
    "shapes cannot be read",
    "note",
    "It cannot be told whether a letter is a scalar, a vector or a matrix. Declare it in a comment block:\n"
    '<!-- symbackprop symbols: {x: "vector(n)"} -->',
    r"y = A x B",
)
_register(
    "SBP030",
    "not as expected",
    "error",
    "A symbackprop-expect comment before the formula announces another verdict than the one it got.",
    "<!-- symbackprop-expect: refuted --> $1 + 1 = 2$",
)
_register(
    "SBP031",
    "comment block not understood",
    "warning",
    "A comment block of the note says something that is not understood. The rest of the block is used; what depends\n"
    "on the part that was not understood may be left undecided.",
    "<!-- symbackprop symbols: {x: blob} -->",
)
_register(
    "SBP090",
    "internal error",
    "warning",
    "The check of this formula stopped with an error of symbackprop. Please report it with the formula.",
    "x = x",
)
