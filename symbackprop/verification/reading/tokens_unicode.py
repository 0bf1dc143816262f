"""How Unicode letters and signs are spelled in LaTeX, one character at a time."""

from __future__ import annotations

import unicodedata

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "ι": "iota",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "ξ": "xi",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "υ": "upsilon",
    "φ": "phi",
    "χ": "chi",
    "ψ": "psi",
    "ω": "omega",
    "Γ": "Gamma",
    "Δ": "Delta",
    "Θ": "Theta",
    "Λ": "Lambda",
    "Ξ": "Xi",
    "Π": "Pi",
    "Σ": "Sigma",
    "Υ": "Upsilon",
    "Φ": "Phi",
    "Ψ": "Psi",
    "Ω": "Omega",
    "ς": "varsigma",
}

_SIGNS: dict[str, str] = {
    "∂": "\\partial",
    "∇": "\\nabla",
    "∑": "\\sum",
    "∏": "\\prod",
    "∫": "\\int",
    "√": "\\sqrt",
    "∞": "\\infty",
    "≠": "\\neq",
    "≤": "\\leq",
    "≥": "\\geq",
    "≈": "\\approx",
    "∼": "\\sim",
    "∝": "\\propto",
    "≡": "\\equiv",
    "≔": ":=",
    "→": "\\rightarrow",
    "←": "\\leftarrow",
    "↦": "\\mapsto",
    "⟼": "\\mapsto",
    "⟶": "\\rightarrow",
    "⇒": "\\Rightarrow",
    "⟹": "\\implies",
    "⇔": "\\iff",
    "⟺": "\\iff",
    "∀": "\\forall",
    "∈": "\\in",
    "∉": "\\notin",
    "≪": "\\ll",
    "≫": "\\gg",
    "·": "\\cdot",
    "∙": "\\cdot",
    "⋅": "\\cdot",
    "•": "\\cdot",
    "×": "\\times",
    "⊙": "\\odot",
    "⨀": "\\odot",
    "∘": "\\circ",
    "◦": "\\circ",
    "⊗": "\\otimes",
    "∗": "*",
    "−": "-",
    "–": "-",
    "±": "\\pm",
    "÷": "/",
    "∕": "/",
    "′": "'",
    "″": "''",
    "’": "'",
    "‖": "\\|",
    "∥": "\\|",
    "∣": "|",
    "…": "\\dots",
    "⋯": "\\cdots",
    "⋮": "\\vdots",
    "⋱": "\\ddots",
    "ℓ": "\\ell",
    "⊤": "\\top",
    "⟨": "\\langle",
    "⟩": "\\rangle",
    "½": "\\frac{1}{2}",
    "¼": "\\frac{1}{4}",
    "ᵀ": "^{T}",
    "ˡ": "^{l}",
    "\u200b": "",
    "\ufeff": "",
    "\u2061": "",
    "\u2062": "",
    "，": ",",
    "（": "(",
    "）": ")",
    "：": ":",
    "＝": "=",
    "ð": "\\partial",
    "∆": "\\Delta",
    "µ": "\\mu",
    "ϵ": "\\epsilon",
    "ϕ": "\\phi",
    "ϑ": "\\vartheta",
}
TYPED = {latex: sign for sign, latex in reversed((*((s, f"\\{name}") for s, name in _GREEK.items()), *_SIGNS.items()))}
"""The first sign for each command."""
_ALPHABETS = (
    ("BOLD", "\\mathbf"),
    ("DOUBLE-STRUCK", "\\mathbb"),
    ("SCRIPT", "\\mathcal"),
    ("FRAKTUR", "\\mathfrak"),
    ("BLACK-LETTER", "\\mathfrak"),
)
_COMBINING = {
    "\u0302": "\\hat",
    "\u0303": "\\tilde",
    "\u0304": "\\bar",
    "\u0305": "\\bar",
    "\u0307": "\\dot",
    "\u20d7": "\\vec",
}


def spelled(character: str) -> str | None:
    r"""The LaTeX of a character, or ``None`` if it is not known.

    >>> spelled("ŷ"), spelled("²"), spelled("ᵢ"), spelled("ℝ"), spelled("𝐱"), spelled("σ")
    ('\\hat{y}', '^{2}', '_{i}', '\\mathbb{R}', '\\mathbf{x}', '\\sigma ')
    """
    if character in _SIGNS:
        latex = _SIGNS[character]
        return latex + " " if latex[-1:].isalpha() else latex
    if character in _GREEK:
        return f"\\{_GREEK[character]} "
    base, *marks = list(unicodedata.normalize("NFD", character))
    if marks and all(mark in _COMBINING for mark in marks) and base.isascii():
        for mark in marks:
            base = f"{_COMBINING[mark]}{{{base}}}"
        return base
    return _compatible(character)


def _compatible(character: str) -> str | None:
    """Superscripts, subscripts and the mathematical alphabets, by their compatibility decomposition."""
    decomposition = unicodedata.decomposition(character).split()
    if len(decomposition) != 2:
        return None
    plain = chr(int(decomposition[1], 16))
    inner = plain if plain.isascii() and plain.isprintable() else spelled(plain)
    if inner is None:
        return None
    if decomposition[0] in ("<super>", "<sub>"):
        return f"{'^' if decomposition[0] == '<super>' else '_'}{{{inner}}}"
    if decomposition[0] != "<font>":
        return None
    name = unicodedata.name(character, "")
    return next((f"{macro}{{{inner}}}" for word, macro in _ALPHABETS if word in name), inner)


def combining(character: str) -> str | None:
    r"""The accent of a combining mark (``x̂`` is two characters): U+0302 is ``\hat``."""
    return _COMBINING.get(character)
