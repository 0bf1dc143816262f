"""What is true of every entry of the catalogue, measured: ``python -m symbackprop.commands.measured [ENTRY …]``.

It writes ``docs/measured.md`` from ``derivations/`` and the registries: what is derived, which claims of its page and
which steps are proved, in how many notations it is printed, and the error of its kernel. All of it takes minutes; with
entries such as ``"activation gelu"`` only their rows are measured, and what is not named keeps its row.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from symbackprop.activations import Activation, activations
from symbackprop.commands.kernel_errors import ERRORS
from symbackprop.derivation import Derivation, general_step, layer_step
from symbackprop.derivation.argument import Argument
from symbackprop.derivation.updates import update_argument
from symbackprop.derivation.variance import initializer_argument
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import initializers
from symbackprop.layers import layers
from symbackprop.losses import losses
from symbackprop.notations import notations
from symbackprop.optimizers import optimizers
from symbackprop.registry import Registry
from symbackprop.rendering import comment_block, render
from symbackprop.rendering.pages import Result, results
from symbackprop.verification.budget import NotSupported
from symbackprop.verification.check import check_text
from symbackprop.verification.derived import context_of, moves_of, nearest, result_of, sayable
from symbackprop.verification.judge import judge
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict

REGISTRIES: tuple[Registry, ...] = (activations, losses, layers, initializers, optimizers)  # type: ignore[type-arg]
_HEAD = """\
# The catalogue, measured

`python -m symbackprop.commands.measured` writes this page; each figure is measured when it is written.

- **derived**: the results, and the steps that lead to them.
- **claims**: formulas of the page (those of the literature among them) that are proved, and mistakes that are refuted.
- **steps proved**: of the steps of a derivation that rewrite the one before, those that the judge proves for all sizes.
- **LaTeX**: notations in which it is printed, in index and in matrix form.
- **kernel error**: the largest relative error of a gradient against a complex step of the forward equations, entry by
  entry (of an optimizer: of a parameter against its rule in 30 digits), rounded up to a power of ten.
"""
_COLUMNS = ("name", "derived", "claims", "steps proved", "LaTeX", "kernel error", "page")
_SETTINGS = Settings(timeout=60.0)
_NOTHING = "–"
#: Below it an error is rounding and differs from machine to machine.
_ROUNDING = -15


def page(rows: Mapping[str, Sequence[str]]) -> str:
    """The page; ``rows`` has the cells of every entry."""
    parts = [_HEAD]
    for registry in REGISTRIES:
        lines = [f"| {' | '.join(cells)} |" for cells in (_COLUMNS, [":---"] * len(_COLUMNS))]
        lines += [f"| {' | '.join(rows[f'{registry.kind} {name}'])} |" for name in registry]
        parts.append("\n".join([f"## {heading(registry.kind)}", "", *lines]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def heading(kind: str) -> str:
    """The plural of a kind.

    >>> heading("loss"), heading("layer")
    ('Losses', 'Layers')
    """
    return kind.capitalize() + ("es" if kind.endswith("s") else "s")


def read(text: str) -> dict[str, list[str]]:
    """The rows of a page by entry.

    >>> read("## Losses\\n\\n| name | derived |\\n| :--- | :--- |\\n| `huber` | 4 results |\\n")
    {'loss huber': ['`huber`', '4 results']}
    """
    kinds = {heading(registry.kind): registry.kind for registry in REGISTRIES}
    found: dict[str, list[str]] = {}
    kind = ""
    for line in text.splitlines():
        if line.startswith("## "):
            kind = kinds.get(line[3:], "")
        elif kind and line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[f"{kind} {cells[0].strip('`')}"] = cells
    return found


def measure(entry: str, result: Result) -> list[str]:
    """The cells of one entry; a claim that does not get the verdict it expects is an error."""
    kind, _, name = entry.partition(" ")
    subject = subject_of(kind, name)
    claims = [verdict for _, verdict in result.claims.values()]
    check_claims(result)
    error = power_of_ten(ERRORS[kind](name)) if kind in ERRORS else _NOTHING
    said = f"{claims.count('proved')} proved, {claims.count('refuted')} refuted"
    linked = f"[{result.title}](derivations/{result.name}.md)"
    return [f"`{name}`", derived(subject), said, moves(kind, name, subject), printed(subject), error, linked]


def subject_of(kind: str, name: str) -> Derivation | Activation | Argument:
    """What is derived of an entry."""
    if kind == "activation":
        own = activations[name]
        return own if own.elementwise else general_step(own)
    if kind == "loss":
        return general_step(loss=losses[name])
    if kind == "layer":
        sample = layers[name]
        return layer_step(sample.layer, *sample.shape, batch=sample.batch)
    return initializer_argument(initializers[name]) if kind == "initializer" else update_argument(optimizers[name])


def derived(subject: Derivation | Activation | Argument) -> str:
    """How much there is."""
    if isinstance(subject, Activation):
        return "derivative, properties"
    chains = subject.chains if isinstance(subject, Derivation) else [c for part in subject.parts for c in part.chains]
    results, steps = len(subject.results), sum(map(len, chains))
    return f"{results} result{'s' if results > 1 else ''}, {steps} step{'s' if steps > 1 else ''}"


def check_claims(result: Result) -> None:
    """Every claim of a page gets the verdict that stands there."""
    given = result.given or ""
    if result.given is None and isinstance(result.subject, Derivation):
        given = comment_block(result.subject, result.notation)
    for phrase, (tex, expected) in result.claims.items():
        [finding] = check_text(f"<!-- symbackprop\n{given}-->\n\n${tex}$\n", _SETTINGS)
        if finding.verdict.value != expected:
            raise InvalidSpec(f"{result.name}: {phrase}: {finding.verdict.value}, not {expected}")


def moves(kind: str, name: str, subject: object) -> str:
    """How many steps are proved: for all sizes, or where the judge cannot say an index at small ones."""
    if not isinstance(subject, Derivation):
        return _NOTHING
    said, left = sayable(subject)
    found = judged(said, None)
    if not left:
        return f"{found.count(True)} of {len(found)}"
    layer, shape = layers[name].small[0]
    try:
        found += judged(layer_step(layer, *shape, batch=layers[name].batch), left)
    except NotSupported:
        kept = f"{found.count(True)} of {len(found)}; " if found else ""
        return f"{kept}elsewhere an index depends on data"
    return f"{found.count(True)} of {len(found)}, some at small sizes"


def judged(derivation: Derivation, chains: Sequence[str] | None) -> list[bool]:
    """Whether each step is proved, of all chains or of those that end in these labels."""
    context = context_of(derivation, local=True)
    # What is assumed of the target is not among what the judge is given here; the claims of the page have it.
    made = [(step, claim) for step, claim in moves_of(derivation) if step.because != "by assumption"]
    wanted = [claim for step, claim in made if chains is None or result_of(step) in chains]
    return [judge(claim, nearest(context, claim)).verdict is Verdict.PROVED for claim in wanted]


def printed(subject: Derivation | Activation | Argument) -> str:
    """In how many notations it is printed."""
    for notation in notations:
        for form in ("index", "matrix"):
            render(subject, notation, "latex", form=form)
    return f"{len(notations)} notations"


def power_of_ten(error: float) -> str:
    """An error rounded up to a power of ten.

    >>> power_of_ten(3e-14), power_of_ten(0.0)
    ('1e-13', '1e-15')
    """
    return f"1e{max(_ROUNDING, math.ceil(math.log10(error))) if error > 0 else _ROUNDING}"


def main(entries: Sequence[str], source: Path = Path("derivations"), docs: Path = Path("docs")) -> None:
    """Write the page, with the rows of these entries, or of all, measured anew."""
    target = docs / "measured.md"
    every = {f"{registry.kind} {name}" for registry in REGISTRIES for name in registry}
    strange = sorted(set(entries) - every)
    if strange:
        raise InvalidSpec(f"there is no {strange[0]}; an entry is named like 'activation gelu'")
    rows = read(target.read_text(encoding="utf-8")) if entries and target.exists() else {}
    for result in results(source):
        for entry in result.entries:
            if entry in entries or entry not in rows:
                rows[entry] = measure(entry, result)
                print(re.sub(r" \|.*", "", " ".join(rows[entry])), file=sys.stderr)
    target.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
