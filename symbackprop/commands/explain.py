"""``symbackprop explain``: what a code of a finding means."""

from __future__ import annotations

from argparse import Namespace

from symbackprop.commands.output import deliver
from symbackprop.verification.codes import codes, explain


def execute(options: Namespace) -> int:
    """Explain the codes asked for, or list all."""
    if options.codes:
        deliver("\n\n".join(explain(code) for code in options.codes) + "\n", None)
    else:
        deliver("".join(f"{code.name}  {code.level:7}  {code.title}\n" for code in codes.values()), None)
    return 0
