"""A page before it has a format: sections of formulas, each a chain with the reason beside every link."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One link of a chain: ``= rhs``, because of a rule, provided some conditions hold. ``rhs`` is LaTeX."""

    rhs: str
    because: str = ""
    provided: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """The reason and the conditions in words."""
        conditions = "provided " + " and ".join(self.provided) if self.provided else ""
        return ", ".join(part for part in (self.because, conditions) if part)


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


def aligned(formula: Formula) -> str:
    r"""The chain with its relations below each other and the reasons beside them, in amsmath's ``aligned``.

    >>> print(aligned(Formula("a", (Row("b", "chain rule"), Row("c")))))
    \begin{aligned}
    a &= b && \text{chain rule} \\
      &= c
    \end{aligned}
    """
    margin = " " * len(formula.lhs)
    lines = [
        f"{formula.lhs if n == 0 else margin} &= {row.rhs}" + (f" && {text(row.remark)}" if row.remark else "")
        for n, row in enumerate(formula.rows)
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def text(words: str) -> str:
    r"""Words inside a formula.

    >>> print(text("only i = j survives, 50 % of the time"))
    \text{only i = j survives, 50 \% of the time}
    """
    escaped = "".join("\\" + sign if sign in "#$%&_{}" else sign for sign in words)
    return rf"\text{{{escaped}}}"
