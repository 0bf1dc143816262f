r"""LaTeX: the formulas alone, or a document of its own that needs amsmath and nothing else."""

from __future__ import annotations

from symbackprop.rendering.formats import formats
from symbackprop.rendering.page import Formula, Page, Section, aligned, blocks, escaped

_PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\setlength{\oddsidemargin}{-0.5in}
\setlength{\textwidth}{7.5in}
\begin{document}
"""

#: The column of the reasons where one of them is longer than so many letters and would not fit on the page.
_REASONS, _SHORT = "13em", 36


def fragment(page: Page) -> str:
    """The formulas of the page, one ``aligned`` environment each, to be set in display mathematics."""
    return "\n\n".join(aligned(*block) for section in page.sections for block in blocks(section)) + "\n"


def document(page: Page) -> str:
    """The page as a LaTeX file that compiles as it is."""
    parts = [rf"\section*{{{escaped(page.title)}}}", page.words, *(p for s in page.sections for p in _section(s))]
    return _PREAMBLE + "\n\n".join(part for part in parts if part) + "\n\n\\end{document}\n"


def _section(section: Section) -> list[str]:
    formulas = [f"\\[\n{_set(block)}\n\\]" for block in blocks(section)]
    return [rf"\subsection*{{{escaped(section.heading)}}}", section.words, *formulas]


def _set(block: tuple[Formula, ...]) -> str:
    longest = max(len(row.remark) for formula in block for row in formula.rows)
    return aligned(*block, column=_REASONS if longest > _SHORT else "")


formats.register("latex", fragment)
formats.register("tex", document)
