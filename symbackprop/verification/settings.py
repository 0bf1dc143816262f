"""What a check of notes can be told from outside; comment blocks in a note tell the rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """``notation`` names the preset to read with (``None``: the note decides); ``model`` declares the network, as in
    ``"784-30-10 sigmoid half_squared_error"``; ``block`` is the YAML of a comment block that holds from the top of
    every note; ``timeout`` is in seconds a formula; ``jobs`` counts worker processes (0: one for each processor);
    ``plain_text`` also reads formulas that are typed into prose without LaTeX."""

    notation: str | None = None
    model: str | None = None
    timeout: float = 2.0
    jobs: int = 1
    seed: int = 0
    block: str = ""
    plain_text: bool = False

    @property
    def patience(self) -> float:
        """The seconds for one formula, a day at most: more is beyond what the system can wait."""
        return min(self.timeout, 86_400.0)

    def for_report(self) -> dict[str, Any]:
        """The settings that decide the verdicts; the number of jobs is none of them."""
        kept = asdict(self)
        del kept["jobs"]
        return kept
