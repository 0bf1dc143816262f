"""A page before it has a format: sections of formulas, each a chain with the reason beside every link."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One link of a chain: ``= rhs``, because of a rule, provided some conditions hold; ``rhs`` is LaTeX.

    In words, mathematics stands between dollar signs.
    """

    rhs: str
    because: str = ""
    provided: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """The reason and the conditions in words."""
        conditions = "(" + "; ".join(self.provided) + ")" if self.provided else ""
        return " ".join(part for part in (self.because, conditions) if part)


@dataclass(frozen=True)
class Formula:
    """A chain ``lhs = rhs = rhs …`` in LaTeX."""

    lhs: str
    rows: tuple[Row, ...]

    @property
    def tex(self) -> str:
        """The chain on one line, without reasons.

        >>> Formula("a", (Row("b"), Row("c"))).tex
        'a = b = c'
        """
        return " = ".join((self.lhs, *(row.rhs for row in self.rows)))


@dataclass(frozen=True)
class Section:
    """A heading, perhaps some words, and formulas."""

    heading: str
    formulas: tuple[Formula, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Page:
    """A title, perhaps some words, and sections. Words are Markdown with mathematics between dollar signs."""

    title: str
    sections: tuple[Section, ...]
    words: str = ""


def blocks(section: Section) -> list[tuple[Formula, ...]]:
    """The formulas as they are set together: a chain alone, single equations that follow each other in one block."""
    together: list[tuple[Formula, ...]] = []
    for formula in section.formulas:
        joins = together and len(formula.rows) == 1 and all(len(f.rows) == 1 for f in together[-1])
        together[-1:] = [(*together[-1], formula)] if joins else [*together[-1:], (formula,)]
    return together


def aligned(*formulas: Formula, column: str = "") -> str:
    r"""Chains with their relations below each other and the reasons beside them, in amsmath's ``aligned``.

    Reasons are set in a column of the width ``column`` (``12em``), or each on one line.

    >>> print(aligned(Formula("a", (Row("b", "chain rule"), Row("c")))))
    \begin{aligned}
    a &= b && \text{chain rule} \\
      &= c
    \end{aligned}
    """
    width = max(len(formula.lhs) for formula in formulas)
    lines = [
        f"{(formula.lhs if n == 0 else '').ljust(width)} &= {row.rhs}"
        + (f" && {in_column(row.remark, column) if column else text(row.remark)}" if row.remark else "")
        for formula in formulas
        for n, row in enumerate(formula.rows)
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def text(words: str) -> str:
    r"""Words inside a formula; what stands between dollar signs is mathematics already.

    >>> print(text("only $i = j$ survives, 50 % of the time"))
    \text{only } i = j \text{ survives, 50 \% of the time}
    """
    parts = words.split("$")
    return " ".join(part if n % 2 else rf"\text{{{escaped(part)}}}" for n, part in enumerate(parts) if part)


def in_column(words: str, width: str) -> str:
    r"""Words inside a formula, broken into lines of a width.

    >>> print(in_column("only $i = j$ survives", "12em"))
    \text{\parbox[t]{12em}{\raggedright only $i = j$ survives}}
    """
    parts = words.split("$")
    escapes = "$".join(part if n % 2 else escaped(part) for n, part in enumerate(parts))
    return rf"\text{{\parbox[t]{{{width}}}{{\raggedright {escapes}}}}}"


def escaped(words: str) -> str:
    """Words with the signs escaped that LaTeX would take for its own."""
    return "".join("\\" + sign if sign in "#%&_{}" else sign for sign in words)
