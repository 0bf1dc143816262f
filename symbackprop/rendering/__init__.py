"""Rendering: a derivation as LaTeX, Markdown, HTML or JSON, spelled by a notation."""

from __future__ import annotations

from symbackprop.derivation import Derivation
from symbackprop.notations import notations
from symbackprop.rendering import html, json_text, markdown, tex  # noqa: F401 (they register)
from symbackprop.rendering.formats import formats
from symbackprop.rendering.latex import NotPrintable, Writer
from symbackprop.rendering.matrices import write_matrix
from symbackprop.rendering.sections import Detail, Form, derivation_page

__all__ = ["NotPrintable", "Writer", "formats", "render", "write_matrix"]


def render(
    derivation: Derivation,
    notation: str = "nielsen",
    to: str = "markdown",
    form: Form = "index",
    detail: Detail = "steps",
) -> str:
    """``derivation`` written in the given notation and format."""
    return formats[to](derivation_page(derivation, notations[notation], detail))
