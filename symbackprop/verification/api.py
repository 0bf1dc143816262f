r"""Checking from Python: a note by its path or text, or a single formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from symbackprop.derivation import derive
from symbackprop.errors import InvalidSpec
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.rendering import comment_block
from symbackprop.verification.check import check_paths, check_text
from symbackprop.verification.report import Finding, Report
from symbackprop.verification.settings import Settings


class Verify:
    r"""Judges notes; call it with a path or with the text of a note.

    A string with a line break or a dollar sign is a text, any other names a file. ``against`` is the network that the
    note is about, written in ``notation`` (Nielsen's, if none is given); ``model`` says it in words
    (``"784-30-10 sigmoid half_squared_error"``). The note may say all of it itself.

    >>> report = verify(r"The slope is $\tanh'(z) = 1 + \tanh(z)^2$.")
    >>> report.refuted[0].suggestion
    "\\tanh'(z) = 1 - \\tanh(z)^2"

    >>> from symbackprop import Dense, Network, half_squared_error, sigmoid, tanh
    >>> net = Network(3, Dense(4, tanh), Dense(2, sigmoid), loss=half_squared_error)
    >>> [f.verdict.value for f in verify(r"$\delta^3_j = (a^3_j - y_j) \sigma'(z^3_j)$", against=net)]
    ['proved']
    """

    def __call__(
        self,
        source: str | Path,
        *,
        against: Network | None = None,
        model: str | None = None,
        notation: str | None = None,
        timeout: float = 2.0,
        jobs: int = 1,
        seed: int = 0,
        plain_text: bool = False,
    ) -> Report:
        """The report on a note; ``plain_text`` also judges formulas that are typed into prose without LaTeX.

        Raises:
            InvalidSpec: the file cannot be read, or a comment block in it is not of the right form.
            UnknownName: there is no such notation.
        """
        block = _block_of(against, notation)
        settings = Settings(None if against else notation, model, timeout, jobs, seed, block, plain_text)
        if isinstance(source, str) and ("\n" in source or "$" in source):
            return check_text(source, settings)
        return check_paths([str(source)], settings)

    def formula(
        self,
        tex: str,
        *,
        given: Sequence[str] = (),
        symbols: Mapping[str, str] | None = None,
        assume: Sequence[str] = (),
        model: str | None = None,
        notation: str | None = None,
        seed: int = 0,
    ) -> Finding:
        r"""What is said of one formula, given without delimiters; the keywords say what a comment block would.

        >>> verify.formula(r"\tanh'(z) = 1 - \tanh(z)^2").verdict.value
        'proved'
        >>> verify.formula(r"\frac{dt}{dz} = 1 - t^2", given=[r"t = \tanh(z)"]).proved
        True
        """
        said = {"symbols": dict(symbols or {}), "given": list(given), "assume": list(assume)}
        block = yaml.safe_dump({key: value for key, value in said.items() if value}) if any(said.values()) else ""
        settings = Settings(notation=notation, model=model, seed=seed, block=block)
        report = check_text(f"```math\n{tex}\n```", settings, path="formula")
        if len(report) != 1:
            raise InvalidSpec(f"{tex!r} is not one formula; give its LaTeX without delimiters")
        return report[0]


def _block_of(network: Network | None, notation: str | None) -> str:
    """The comment block that says what a network is, in a notation."""
    return comment_block(derive(network), notations[notation or "nielsen"]) if network else ""


verify = Verify()
