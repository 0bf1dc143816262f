r"""What a notation or a model says before the note does, as comment blocks; the note's own definitions replace it.

Every block is written by the tables of the notations, so no letter is typed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from sympy import Integer

from symbackprop.activations import Activation, activations, unknown
from symbackprop.derivation import Derivation, derive, general_step
from symbackprop.errors import InvalidSpec
from symbackprop.layers import Dense
from symbackprop.losses import (
    Loss,
    binary_cross_entropy,
    cross_entropy,
    half_squared_error,
    losses,
    squared_error,
)
from symbackprop.network import Network
from symbackprop.notations import Notation
from symbackprop.notations import notations as tables
from symbackprop.quantities import Role
from symbackprop.rendering import comment_block
from symbackprop.verification.reading.block import Block, read_block
from symbackprop.verification.reading.block_symbols import read_key
from symbackprop.verification.reading.notation_tables import DEFAULT, base_of, table_of
from symbackprop.verification.terms.counting import LAST, Counting
from symbackprop.verification.terms.nodes import Axis

#: The function that the formulas of a notation mean where they say nothing else.
_USUAL: Mapping[str, str] = {"nielsen": "sigmoid"}
#: The costs that a formula may mean where only the notation is known; the first is the notation's own.
_USUAL_COSTS = (half_squared_error, squared_error, binary_cross_entropy, cross_entropy)
_EXPECTED = "expected widths, one activation or one a layer, and a loss, as in 784-30-10 sigmoid half_squared_error"


@dataclass(frozen=True)
class Preset:
    """A comment block, how its layers are counted, and the axes of its arrays that have one entry.

    ``costs`` are the definitions of the usual costs, where the cost of the block is one of several that may be meant.
    """

    block: Block
    counting: Counting = Counting()
    narrow: frozenset[Axis] = frozenset()
    costs: tuple[str, ...] = ()


def notations() -> tuple[str, ...]:
    return tuple(sorted(tables))


@cache
def notation_preset(name: str) -> Preset:
    """What a notation stands for: a dense network of any depth with half the squared error.

    Raises:
        UnknownName: there is no such notation.
    """
    notation, base = table_of(name), base_of(name)
    usual = activations[_USUAL[base]] if base in _USUAL else unknown()
    preset = _preset(general_step(usual, half_squared_error), notation, Counting(notation.from_output))
    return replace(preset, costs=tuple(_cost(usual, loss, notation) for loss in _USUAL_COSTS))


@cache
def model_preset(spec: str, notation: str) -> Preset:
    r"""What a model such as ``784-30-10 sigmoid half_squared_error`` stands for.

    The widths stay symbols: what holds for all widths holds for these; a width of 1 is 1. A network whose layers are
    all alike is read as one of any depth, so that formulas for a layer l are judged; its layer 2 is then the layer
    that comes so many before the last.

    Raises:
        InvalidSpec: the words are not widths, activations and a loss.
    """
    widths, functions, loss = _parts(spec)
    table = table_of(notation or DEFAULT)
    depth = len(widths) - 1
    counting = Counting(table.from_output, None if table.from_output else depth + table.first)
    narrow = frozenset(Axis("n", (LAST - (depth - k),)) for k, width in enumerate(widths) if width == "1")
    general = general_step(functions[0], loss)
    if len({function.name for function in functions}) == 1 and "1" not in widths[:-1]:
        return _preset(general, table, counting, narrow)
    return _layer_by_layer(widths, functions, loss, table, Preset(_block(general, table), counting, narrow))


def _layer_by_layer(
    widths: list[str], functions: list[Activation], loss: Loss, table: Notation, general: Preset
) -> Preset:
    """The equations of each layer, for the letters of any layer."""
    depth = len(widths) - 1
    sizes = [Integer(1) if width == "1" else f"n_{table.counted(Integer(k), depth)}" for k, width in enumerate(widths)]
    layers = [Dense(size, function) for size, function in zip(sizes[1:], functions, strict=True)]
    block = _block(derive(Network(sizes[0], *layers, loss=loss)), table)
    spoken = {"unknown", *activations}
    named = tuple((key, words) for key, words in block.symbols if words in spoken)
    letters = tuple((key, words) for key, words in general.block.symbols if words not in spoken)
    known = {key for key, _ in letters + named}
    alone = tuple((key, words) for key, words in block.symbols if key not in known and read_key(key, frozenset()).bare)
    whole = Block(given=block.given, symbols=letters + named + alone, assume=block.assume)
    return Preset(whole, general.counting, general.narrow)


def _block(derivation: Derivation, notation: Notation) -> Block:
    return read_block(comment_block(derivation, notation))


def _cost(activation: Activation, loss: Loss, notation: Notation) -> str:
    """The definition of a cost, as the notation writes it."""
    letter = notation.spellings[Role.LOSS].array
    given = _block(general_step(activation, loss), notation).given
    return next(line for line in given if line.split("=")[0].strip() == letter)


def _preset(
    derivation: Derivation, notation: Notation, counting: Counting, narrow: frozenset[Axis] = frozenset()
) -> Preset:
    return Preset(_block(derivation, notation), counting, narrow)


def _parts(spec: str) -> tuple[list[str], list[Activation], Loss]:
    """The widths, the activation of each layer and the loss that the words of a model name."""
    first, *words = spec.split()
    widths = first.split("-")
    named = [word for word in words if word not in losses]
    chosen = [word for word in words if word in losses]
    names = named[0].split(",") if len(named) == 1 else ["unknown"] if not named else []
    names = names * (len(widths) - 1) if len(names) == 1 else names
    known = all(name == "unknown" or name in activations for name in names)
    if len(widths) < 2 or not all(w.isalnum() for w in widths) or len(chosen) > 1 or not known:
        raise InvalidSpec(f"model {spec!r}: {_EXPECTED}")
    if len(names) != len(widths) - 1:
        raise InvalidSpec(f"model {spec!r}: {len(widths) - 1} layers and {len(names)} activations; {_EXPECTED}")
    functions = [unknown() if name == "unknown" else activations[name] for name in names]
    return widths, functions, losses[chosen[0]] if chosen else half_squared_error
