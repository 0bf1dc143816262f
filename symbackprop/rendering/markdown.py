r"""Markdown with display mathematics between double dollar signs."""

from symbackprop.rendering.formats import formats
from symbackprop.rendering.page import Page, Section, aligned, blocks


def markdown(page: Page) -> str:
    r"""The page as Markdown.

    >>> from symbackprop.rendering.page import Formula, Row
    >>> print(markdown(Page("Title", (Section("Part", (Formula("a", (Row("b"),)),)),))))
    # Title
    <BLANKLINE>
    ## Part
    <BLANKLINE>
    $$
    \begin{aligned}
    a &= b
    \end{aligned}
    $$
    <BLANKLINE>
    """
    parts = [f"# {page.title}", page.words, *(part for section in page.sections for part in _section(section))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section) -> list[str]:
    return [f"## {section.heading}", section.words, *(f"$$\n{aligned(*block)}\n$$" for block in blocks(section))]


formats.register("markdown", markdown)
