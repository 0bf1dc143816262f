"""Checking from Python: a note by its path or text, or a single formula."""

from __future__ import annotations

from pathlib import Path

from symbackprop.errors import InvalidSpec
from symbackprop.verification.check import check_paths, check_text
from symbackprop.verification.report import Finding, Report
from symbackprop.verification.settings import Settings


class Verify:
    r"""Judges notes; call it with a path or with the text of a note.

    A string with a line break or a dollar sign is a text, any other names a file. ``model`` declares the network meant
    (``"784-30-10 sigmoid half_squared_error"``) and ``notation`` the way of spelling; the note may say both itself.

    >>> report = verify(r"The slope is $\tanh'(z) = 1 + \tanh(z)^2$.")
    >>> report.refuted[0].suggestion
    "\\tanh'(z) = 1 - \\tanh(z)^2"
    """

    def __call__(
        self,
        source: str | Path,
        *,
        model: str | None = None,
        notation: str | None = None,
        timeout: float = 2.0,
        jobs: int = 1,
        seed: int = 0,
    ) -> Report:
        """The report on a note."""
        settings = Settings(notation=notation, model=model, timeout=timeout, jobs=jobs, seed=seed)
        if isinstance(source, str) and ("\n" in source or "$" in source):
            return check_text(source, settings)
        return check_paths([str(source)], settings)

    def formula(self, tex: str, *, model: str | None = None, notation: str | None = None, seed: int = 0) -> Finding:
        r"""What is said of one formula, given without delimiters.

        >>> verify.formula(r"\tanh'(z) = 1 - \tanh(z)^2").verdict.value
        'proved'
        """
        report = check_text(f"```math\n{tex}\n```", Settings(notation=notation, model=model, seed=seed), path="formula")
        if len(report) != 1:
            raise InvalidSpec(f"{tex!r} is not one formula; give its LaTeX without delimiters")
        return report[0]


verify = Verify()
