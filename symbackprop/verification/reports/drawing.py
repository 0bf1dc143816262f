"""A formula as an SVG picture that follows the colour of the text, or nothing where it cannot be drawn faithfully."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree import ElementTree as Xml

from symbackprop.verification.reports.escape import visible

_SVG = "{http://www.w3.org/2000/svg}"
_TAGS = {f"{_SVG}{name}" for name in ("svg", "g", "symbol", "path", "use", "rect", "line", "polyline")}
# Without \limits a sum inside \left( … \right) makes parentheses of two thousand pixels.
_BIG = re.compile(r"(\\(?:sum|prod|bigcup|bigcap|lim|max|min)(?![A-Za-z]))(?=\s*_)")
_ALIGNED = re.compile(r"\\(begin|end)\{(?:align|alignat|eqnarray|flalign|gather|multline|split)\*?\}")
_PLAIN = re.compile(r"\\(?:begin|end)\{(?:equation|displaymath|math)\*?\}|\\label\{[^{}]*\}|\\tag\{[^{}]*\}|\\nonumber")
_DRAWN_RIGHT = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
frac dfrac tfrac sqrt sum prod int lim max min sup inf log ln exp sin cos tan sinh cosh tanh det dim ker arg
partial nabla infty cdot times odot otimes oplus circ ast star bullet pm mp div le leq ge geq ne neq lt gt ll gg
approx equiv sim simeq propto in notin subset cup cap forall exists to gets mapsto longmapsto rightarrow leftarrow
Rightarrow Leftarrow Leftrightarrow leftrightarrow implies iff land lor neg mid vert Vert lVert rVert lvert rvert
langle rangle lfloor rfloor lceil rceil left right big Big bigg Bigg bigl bigr Bigl Bigr ldots cdots vdots ddots dots
mathbf mathrm mathbb mathcal mathit mathsf boldsymbol bm text operatorname hat bar tilde vec dot ddot overline
underline underbrace overbrace prime top dagger quad qquad displaystyle textstyle scriptstyle limits nolimits
begin end label tag nonumber boxed dotsc dotsb hspace ell Re Im
"""
_KNOWN = frozenset(_DRAWN_RIGHT.split())
_MOST_CHARACTERS = 2_000
_MOST_DEPTH = 30
_TALLEST = 70.0
Xml.register_namespace("", _SVG.strip("{}"))


@lru_cache(maxsize=2_000)
def picture(tex: str) -> str | None:
    """The formula as an ``svg`` element, with its source as the text for a screen reader.

    >>> picture("a_i") is not None, picture("\\\\undefinedmacro")
    (True, None)
    """
    if len(tex) > _MOST_CHARACTERS or _depth(tex) > _MOST_DEPTH or _unknown(tex):
        return None
    import ziamath  # noqa: PLC0415  only pages need it, and loading its font costs more than a whole text report

    source = _BIG.sub(r"\1\\limits", _PLAIN.sub("", _ALIGNED.sub(r"\\\1{aligned}", tex)))
    try:
        root = Xml.fromstring(ziamath.Latex(source, size=20, color="currentColor").svg())
    # The drawing is an extra: whatever LaTeX the library trips over, the source is shown instead.
    except Exception:
        return None
    rows = 1 + tex.count("\\\\")
    if any(element.tag not in _TAGS for element in root.iter()) or float(root.get("height", "inf")) > _TALLEST * rows:
        return None
    root.set("role", "img")
    root.set("aria-label", visible(tex))
    return Xml.tostring(root, encoding="unicode")


def _depth(tex: str) -> int:
    deepest = depth = 0
    for character in tex:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _unknown(tex: str) -> bool:
    """Whether a command is not in the list of those that are drawn right."""
    return any(name not in _KNOWN for name in re.findall(r"\\([A-Za-z]+)", tex))
