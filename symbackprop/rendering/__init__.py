"""Rendering: a derivation as LaTeX, Markdown, HTML or JSON, spelled by a notation."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from symbackprop.activations import Activation
from symbackprop.derivation import Derivation
from symbackprop.derivation.argument import Argument
from symbackprop.errors import InvalidSpec
from symbackprop.notations import Notation, notations
from symbackprop.rendering import html, json_text, markdown, notebook, tex  # noqa: F401 (they register)
from symbackprop.rendering.arguments import argument_page
from symbackprop.rendering.chains import Detail, Form
from symbackprop.rendering.costs import cost_section
from symbackprop.rendering.formats import formats
from symbackprop.rendering.functions import activation_page
from symbackprop.rendering.givens import comment_block, givens
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.matrices import write_matrix
from symbackprop.rendering.pieces import NotPrintable
from symbackprop.rendering.sections import derivation_page, writer_of

__all__ = ["NotPrintable", "Writer", "comment_block", "formats", "givens", "render", "write_matrix", "writer_of"]


def render(
    subject: Derivation | Activation | Argument,
    notation: str | Notation = "nielsen",
    to: str = "markdown",
    form: Form = "index",
    detail: Detail = "steps",
    cost: bool = False,
) -> str:
    r"""A derivation, or the definition and derivative of an activation, in a notation (or its name) and a format.

    ``form`` is ``index`` or ``matrix`` and ``detail`` is ``steps`` or ``result``; an activation has neither.
    With ``cost`` the page of a derivation ends with what it takes to compute. An unknown name raises
    :class:`~symbackprop.errors.UnknownName`, which lists the known ones.

    >>> from symbackprop.derivation import general_step
    >>> text = render(general_step(), "nielsen", "latex", form="matrix", detail="result")
    >>> print(text.split("\n\n")[2])
    \begin{aligned}
    \frac{\partial C}{\partial a^{l}} &= (w^{l+1})^{T} \delta^{l+1} \\
    \delta^{l}                        &= ((w^{l+1})^{T} \delta^{l+1}) \odot h'(z^{l})
    \end{aligned}
    """
    for value, choices in ((form, Form), (detail, Detail)):
        if value not in get_args(choices):
            raise InvalidSpec(f"a page is in {' or '.join(get_args(choices))}, not {value!r}")
    write, spelled = formats[to], notations[notation] if isinstance(notation, str) else notation
    if isinstance(subject, Activation):
        return write(activation_page(subject, spelled))
    if isinstance(subject, Argument):
        return write(argument_page(subject, spelled))
    if not isinstance(subject, Derivation):
        raise InvalidSpec(f"a derivation or an activation is rendered, not {subject!r}; derive(net) makes a derivation")
    page = derivation_page(subject, spelled, form, detail)
    return write(replace(page, sections=(*page.sections, cost_section(subject, spelled))) if cost else page)
