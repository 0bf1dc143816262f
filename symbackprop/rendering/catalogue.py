"""The catalogue: every declaration with its forward equation and its page, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sympy import Symbol

from symbackprop.activations import Activation, activations
from symbackprop.derivation import Step, layer_step
from symbackprop.derivation.moments import Variance
from symbackprop.derivation.updates import update_steps
from symbackprop.derivation.variance import FAN_IN, FAN_OUT
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import Initializer, initializers
from symbackprop.layers import layers
from symbackprop.layers.base import CatalogueEntry
from symbackprop.losses import Loss, losses
from symbackprop.notations import notations
from symbackprop.optimizers import Optimizer, optimizers
from symbackprop.quantities import as_index, as_size
from symbackprop.rendering.chains import chain_formula
from symbackprop.rendering.functions import activation_page
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.pages import Result
from symbackprop.rendering.sections import writer_of

_NIELSEN = notations["nielsen"]
#: A layer that states more equations than this is shown by its last one.
_MOST = 12


def catalogue(found: Sequence[Result], folder: str) -> str:
    """The page; ``folder`` is where the pages of ``found`` are. An entry without a page is an error."""
    pages = _pages(found)
    tables = (
        _table("Activations", ((f"activation {n}", _activation(entry)) for n, entry in activations.items()), pages),
        _table("Losses", ((f"loss {n}", _loss(entry)) for n, entry in losses.items()), pages),
        _table("Layers", ((f"layer {n}", _layer(entry)) for n, entry in layers.items()), pages),
        _table("Initializers", ((f"initializer {n}", _initializer(entry)) for n, entry in initializers.items()), pages),
        _table("Optimizers", ((f"optimizer {n}", _optimizer(entry)) for n, entry in optimizers.items()), pages),
    )
    head = (
        "# The catalogue\n\nWhat is declared, and nothing else: all derivatives follow from it. Each page has the "
        "derivation and claims from the literature with their verdicts."
    )
    return "\n\n".join([head, *tables]).replace("](", f"]({folder}/") + "\n"


def _pages(found: Sequence[Result]) -> Mapping[str, Result]:
    pages: dict[str, Result] = {}
    for result in found:
        for entry in result.entries:
            if entry in pages:
                raise InvalidSpec(f"{entry} has two pages: {pages[entry].name} and {result.name}")
            pages[entry] = result
    return pages


def _table(heading: str, rows: Iterable[tuple[str, tuple[str, ...]]], pages: Mapping[str, Result]) -> str:
    lines = [f"## {heading}", "", "| name | equation | page |", "|:---|:---|:---|"]
    for entry, equations in rows:
        if entry not in pages:
            raise InvalidSpec(f"{entry} has no page; add a file to derivations/ with entries = ({entry!r},)")
        # A bar would end the cell.
        cell = "<br>".join(equations).replace("|", r"\vert ")
        page = pages[entry]
        lines.append(f"| `{entry.partition(' ')[2]}` | {cell} | [{page.title}]({page.name}.md) |")
    return "\n".join(lines)


def _activation(entry: Activation) -> tuple[str, ...]:
    return (f"${activation_page(entry, _NIELSEN).sections[0].formulas[0].tex}$",)


def _loss(entry: Loss) -> tuple[str, ...]:
    value = entry.per_example(_entries("a"), _entries("y"), as_index("i"), as_size("n"))
    over_batch = () if entry.over_batch == "one" else (f"{entry.over_batch} over the samples of a batch",)
    return (f"$C = {Writer(_NIELSEN).write(value)}$", *over_batch)


def _entries(letter: str) -> Callable[[object], Symbol]:
    return lambda index: Symbol(f"{letter}_{index}", real=True)


def _layer(entry: CatalogueEntry) -> tuple[str, ...]:
    derivation = layer_step(entry.layer, *entry.shape, batch=entry.batch)
    writer = writer_of(derivation, _NIELSEN)
    stated = [e for e in derivation.model.equations if e.quantity.layer == 1]
    shown = stated if len(stated) <= _MOST else stated[-1:]
    steps = [Step(equation.lhs, equation.expression, "") for equation in shown]
    left_out = (f"and {len(stated) - 1} more before it",) if len(shown) < len(stated) else ()
    return (*(f"${chain_formula(writer, (step,), 'index', 'result').tex}$" for step in steps), *left_out)


def _initializer(entry: Initializer) -> tuple[str, ...]:
    writer = Writer(_NIELSEN)
    left = writer.write(Variance(Symbol("w", real=True)))
    return (f"${left} = {writer.write(entry.variance(FAN_IN, FAN_OUT))}$, {entry.law}",)


def _optimizer(entry: Optimizer) -> tuple[str, ...]:
    writer = Writer(_NIELSEN)
    return tuple(f"${writer.write(step.lhs)} = {writer.write(step.rhs)}$" for step in update_steps(entry))
