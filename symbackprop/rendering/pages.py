"""The written results: each file of ``derivations/`` as a Markdown page, and an index of them.

``symbackprop.commands.pages`` writes them. A file has a docstring (its first line is the title, the rest the statement
and a remark), ``subject`` (a derivation, an activation or an argument), ``shown`` (the labels of the quantities whose
chains are shown: ``w^l`` for the derivative by w^l, ``epsilon^l`` for that error), ``notation``, ``entries`` (whose
page it is: ``"loss huber"``), and ``claims``: a phrase -> (LaTeX, expected verdict). ``given`` is the comment block
under which the claims are judged, where that is not the subject's own. ``drawn`` lists the pictures, each as it is
asked for of ``symbackprop draw`` (``"variance tanh --layers 20"``); an activation is drawn without being asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from symbackprop.activations import Activation
from symbackprop.derivation import Derivation
from symbackprop.derivation.argument import Argument
from symbackprop.errors import InvalidSpec
from symbackprop.notations import Notation, notations
from symbackprop.quantities import Partial
from symbackprop.rendering.arguments import argument_page
from symbackprop.rendering.chains import chain_formula
from symbackprop.rendering.declared import declared
from symbackprop.rendering.functions import activation_page
from symbackprop.rendering.markdown import markdown
from symbackprop.rendering.page import Page, Section
from symbackprop.rendering.pictures import embedded
from symbackprop.rendering.sections import conventions, forward_pass, writer_of

_NEEDED = ("subject", "notation", "claims")


@dataclass(frozen=True)
class Result:
    """One file of ``derivations/``, read."""

    name: str
    title: str
    words: str
    subject: Derivation | Activation | Argument
    shown: tuple[str, ...]
    notation: Notation
    claims: Mapping[str, tuple[str, str]]
    given: str | None = None
    entries: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()


def results(folder: Path) -> list[Result]:
    """The results of a folder, by name. A file without docstring or claims raises :class:`InvalidSpec`."""
    return [load(path) for path in sorted(folder.glob("*.py"))]


def load(path: Path) -> Result:
    """Run one file of results and read what it declares."""
    module, title, words = declared(path, _NEEDED)
    shown = tuple(getattr(module, "shown", ()))
    claims = {phrase: (tex, str(verdict)) for phrase, (tex, verdict) in module.claims.items()}
    given, entries = getattr(module, "given", None), tuple(getattr(module, "entries", ()))
    drawn = tuple(getattr(module, "drawn", _own_picture(module.subject)))
    notation = notations[module.notation]
    return Result(path.stem, title, words, module.subject, shown, notation, claims, given, entries, drawn)


def _own_picture(subject: Derivation | Activation | Argument) -> tuple[str, ...]:
    drawable = isinstance(subject, Activation) and subject.elementwise and subject.closed_form is not None
    return (f"activation {subject.name}",) if isinstance(subject, Activation) and drawable else ()


def result_page(result: Result, pictures: Collection[str] = ()) -> Page:
    """The page of a result: its words and pictures, the chains it shows, and the claims with their verdicts."""
    if isinstance(result.subject, Activation):
        sections: tuple[Section, ...] = activation_page(result.subject, result.notation).sections
    elif isinstance(result.subject, Argument):
        page = argument_page(result.subject, result.notation)
        first = replace(page.sections[0], words=f"{page.words} {page.sections[0].words}".strip())
        sections = (first, *page.sections[1:])
    else:
        sections = _chains(result, result.subject)
    claims = "\n".join(f"- **{verdict}**, {phrase}: ${tex}$" for phrase, (tex, verdict) in result.claims.items())
    if result.given is not None:
        claims += f"\n\nThe letters of the claims:\n\n```yaml\n{result.given.strip()}\n```"
    words = f"{result.words}\n\n{embedded(result.name, result.drawn, pictures)}".strip()
    return Page(result.title, (*sections, Section("Claims", (), claims)), words)


def texts(source: Path, pictures: Collection[str] = ()) -> dict[str, str]:
    """The pages by file name; ``pictures`` are the files of pictures that there are."""
    found = results(source)
    listed = "\n".join(f"- [{result.title}]({result.name}.md)" for result in found)
    index = (
        "# Results\n\nEach is derived, printed and judged by the package itself. [The catalogue](../catalogue.md) has "
        "every declaration with its page, [the gallery](errata/index.md) mistakes that were found in public notes."
        f"\n\n{listed}\n"
    )
    return {"index.md": index} | {f"{result.name}.md": markdown(result_page(result, pictures)) for result in found}


def _chains(result: Result, derivation: Derivation) -> tuple[Section, ...]:
    writer = writer_of(derivation, result.notation)
    by_label = {}
    for chain in derivation.chains:
        lhs = chain[0].lhs
        quantity = writer.quantity(lhs.denominator if isinstance(lhs, Partial) else lhs)
        by_label[quantity.label if quantity else ""] = chain
    unknown = [label for label in result.shown if label not in by_label]
    if unknown:
        raise InvalidSpec(f"{result.name}: no chain for {unknown[0]!r}; known: {', '.join(by_label)}")
    chains = [by_label[label] for label in result.shown]
    entries = tuple(chain_formula(writer, chain, "index", "steps") for chain in chains)
    matrices = tuple(chain_formula(writer, chain, "matrix", "steps") for chain in chains)
    # A result without a matrix form comes out in index form again; once is enough.
    apart = tuple(formula for formula in matrices if formula not in entries)
    forward = Section("Forward pass", tuple(forward_pass(writer, derivation, "index")), conventions(result.notation))
    sections = (forward, Section("Entry by entry", entries), Section("In matrix form", apart))
    return tuple(section for section in sections if section.formulas)
