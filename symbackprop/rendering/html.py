"""HTML in one file: each formula an SVG drawn by ziamath, no script, nothing from the network."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from html import escape
from importlib import import_module
from types import ModuleType

from symbackprop.rendering.formats import formats
from symbackprop.rendering.page import Page, Section, aligned, blocks

_STYLE = """
body { font-family: system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5; }
figure { margin: 1rem 0 1rem 1.5rem; overflow-x: auto; }
figure svg { max-width: none; }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #e6e6e6; } }
@media print { figure { break-inside: avoid; } }
"""

#: The outline of a glyph; that of a space is empty.
_GLYPH = re.compile(r'<symbol id="(?P<id>[^"]+)"[^>]*?(?:/>|>.*?</symbol>)', re.DOTALL)

#: Higher than any formula that is set well: a bracket gone wrong.
_TALLEST = 2000.0


def html(page: Page) -> str:
    """The page as HTML."""
    parts = [f"<h1>{_words(page.title)}</h1>", _paragraph(page.words), *(_section(s) for s in page.sections)]
    body = _glyphs_once("\n".join(part for part in parts if part))
    head = f'<meta charset="utf-8">\n<title>{escape(page.title)}</title>\n<style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def fragment(page: Page) -> str:
    """What stands in the body, without a title: for a notebook."""
    return "\n".join(_section(section) for section in page.sections)


def _glyphs_once(body: str) -> str:
    """The drawings of a page share their glyphs: each outline is kept once, before its first use."""
    glyphs = {found["id"]: found[0] for found in _GLYPH.finditer(body)}
    start = '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0" aria-hidden="true">'
    return f"{start}{''.join(glyphs.values())}</svg>\n{_GLYPH.sub('', body)}"


@lru_cache(maxsize=1)
def _ziamath() -> ModuleType:
    """The typesetter, loaded when it is first needed: its font costs more than a derivation."""
    with warnings.catch_warnings():
        # It finds its font in a way that Python 3.11 calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return import_module("ziamath")


@lru_cache(maxsize=1024)
def svg(tex: str) -> str:
    r"""A display formula as SVG in the colour of the text around it; its LaTeX is the label for screen readers.

    >>> svg(r"\sum_{i=1}^{n} x_{i}").startswith("<svg")
    True
    """
    # Without \limits ziamath sets the bounds of a sum beside it and draws brackets around it far too high; it has no
    # bold digit but the one of Unicode.
    drawable = re.sub(r"\\(sum|prod)(?=_)", r"\\\1\\limits", tex).replace(
        r"\mathbf{1}", "\N{MATHEMATICAL BOLD DIGIT ONE}"
    )
    drawn = _ziamath().Latex(drawable, color="currentColor")
    height = drawn.getsize()[1]
    if height > _TALLEST:
        return f"<pre>{escape(tex)}</pre>"
    label = f'role="img" aria-label="{escape(tex)}" '
    drawing: str = drawn.svg()
    return drawing.replace("<svg ", f"<svg {label}", 1)


def _section(section: Section) -> str:
    figures = [f"<figure>{svg(aligned(*block))}</figure>" for block in blocks(section)]
    return "\n".join([f"<h2>{_words(section.heading)}</h2>", _paragraph(section.words), *figures])


def _paragraph(words: str) -> str:
    return "".join(f"<p>{_words(part)}</p>" for part in words.split("\n\n")) if words else ""


def _words(words: str) -> str:
    parts = words.split("$")
    return "".join(svg(part) if n % 2 else escape(part) for n, part in enumerate(parts))


formats.register("html", html)
