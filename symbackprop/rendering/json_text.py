r"""JSON: the page as data, for programs.

``{"schema": 1, "title", "words", "sections": [{"heading", "words", "formulas": [{"tex", "lhs", "rows": [{"rhs",
"because", "provided": [...]}]}]}]}``; ``tex`` is the whole chain on one line, ``lhs`` and ``rhs`` are LaTeX. Keys keep
this order and no key is ever left out; a key may be added without a new schema number, none is taken away.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from symbackprop.rendering.formats import formats
from symbackprop.rendering.page import Formula, Page


def json_text(page: Page) -> str:
    r"""The page as JSON.

    >>> from symbackprop.rendering.page import Row, Section
    >>> page = Page("T", (Section("Part", (Formula("a", (Row("b", "sum rule"),)),)),))
    >>> json.loads(json_text(page))["sections"][0]["formulas"][0]["rows"]
    [{'rhs': 'b', 'because': 'sum rule', 'provided': []}]
    """
    sections = [
        {"heading": s.heading, "words": s.words, "formulas": [_formula(f) for f in s.formulas]} for s in page.sections
    ]
    content = {"schema": 1, "title": page.title, "words": page.words, "sections": sections}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _formula(formula: Formula) -> dict[str, object]:
    return {"tex": formula.tex, **asdict(formula)}


formats.register("json", json_text)
