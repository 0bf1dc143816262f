"""How a derivation shows itself in a notebook: as LaTeX where MathJax runs, as SVG where nothing does."""

from __future__ import annotations

from symbackprop.derivation import Derivation
from symbackprop.derivation.step import displays
from symbackprop.notations import notations
from symbackprop.rendering import html, tex
from symbackprop.rendering.sections import derivation_page

#: The notation of a derivation that shows itself; ``render`` has them all.
_NOTATION = "nielsen"


def latex(derivation: Derivation) -> str:
    """The derivation in display mathematics, one formula after the other."""
    page = derivation_page(derivation, notations[_NOTATION], "index", "steps")
    return "\n\n".join(f"$$\n{formula}\n$$" for formula in tex.fragment(page).strip().split("\n\n"))


def svg(derivation: Derivation) -> str:
    """The derivation as HTML with one SVG a formula."""
    return html.fragment(derivation_page(derivation, notations[_NOTATION], "index", "steps"))


displays.register("latex", latex)
displays.register("html", svg)
