"""How a library spells what is done with arrays in emitted source; NumPy here, another library beside its backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence


def listed(texts: Sequence[str]) -> str:
    """The source of a tuple."""
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


class Library(ABC):
    """The spelling of array operations; arguments and results are source texts.

    ``name`` is what the module is called in the source, ``special`` that of the functions that SciPy has. ``in_place``
    is whether a result may be written over an operand, ``sets_entries`` whether an entry of an array may be assigned.
    """

    name: str
    special: str = "special"
    in_place: bool = False
    sets_entries: bool = True

    def function(self, module: str, function: str) -> str:
        """The function of NumPy or SciPy with this name."""
        return f"{self.special if module == 'scipy.special' else self.name}.{function}"

    def made(self, maker: str, arguments: str, dtype: str) -> str:
        """A new array of a dtype: ``zeros``, ``arange``, …"""
        return f"{self.name}.{maker}({arguments}, dtype={self.name}.{dtype})"

    def full(self, shape: str, value: str, dtype: str, number: bool) -> str:
        """An array that repeats a number, or an array along the axes that it lacks."""
        return self.made("full", f"{shape}, {value}", dtype)

    def whole_numbers(self, start: str, stop: str) -> str:
        """The whole numbers from start to stop, for indices."""
        return f"{self.name}.arange({start}, {stop})"

    def of_masks(self, value: str, masks: Sequence[str], dtype: str) -> str:
        """A number times masks, as an array of the dtype."""
        return "*".join([value if dtype == "float64" else f"{self.name}.{dtype}({value})", *masks])

    def choice(self, condition: str, value: str, other: str, dtype: str) -> str:
        """``value`` where the condition holds, else ``other``."""
        return f"{self.name}.where({condition}, {value}, {other})"

    def extreme(self, kind: str, one: str, other: str, number: bool) -> str:
        """The ``maximum`` or ``minimum`` of two; ``number`` is whether the other is one."""
        return f"{self.name}.{kind}({one}, {other})"

    def root(self, text: str, number: bool) -> str:
        """The square root of an array, or of a ``number``."""
        return f"{self.name}.sqrt({text})"

    def softplus(self, text: str) -> str:
        """log(1 + e^z) without overflow."""
        return f"{self.name}.logaddexp(0, {text})"

    def dot(self, left: str, right: str) -> str:
        """The product of two matrices."""
        return f"{self.name}.dot({left}, {right})"

    def tensordot(self, one: str, other: str, axes: Sequence[tuple[int, ...]]) -> str:
        """The sum over pairs of axes."""
        shown = tuple(a[0] if len(a) == 1 else a for a in axes)
        return f"{self.name}.tensordot({one}, {other}, axes={shown})"

    def transposed(self, text: str, order: Sequence[int]) -> str:
        """Axes in another order."""
        return text if list(order) == sorted(order) else f"{text}.transpose({list(order)})"

    def turned(self, text: str, axes: int, move: str) -> str:
        """An array with its samples at the other end of its axes; ``move`` is ``0, -1`` or ``-1, 0``."""
        return f"{text}.T" if axes <= 2 else f"{self.name}.moveaxis({text}, {move})"

    def padded(self, text: str, widths: Sequence[tuple[str, str]]) -> str:
        """An array with zeros before and after it along every axis."""
        return f"{self.name}.pad({text}, {listed([f'({before}, {after})' for before, after in widths])})"

    def stepping(self, text: str, parts: Sequence[str]) -> tuple[str, list[str]]:
        """The array and the slices to take of it, so that the library knows them."""
        return text, list(parts)

    def preamble(self, first: str, body: Sequence[str]) -> list[str]:
        """The lines before the body of a function; ``first`` is the name of its first argument."""
        return []

    @abstractmethod
    def windows(self, text: str, sizes: Sequence[str], axes: Sequence[int]) -> str:
        """All windows of these sizes along the axes, as axes at the end."""

    @abstractmethod
    def increased(self, target: str, part: str, source: str) -> str:
        """The line that adds to a part of an array."""

    @abstractmethod
    def scattered(self, target: str, order: Sequence[int], indices: str, source: str) -> str:
        """The line that adds at places, the first axes of the array in this order of axes."""

    def loop(self, length: str, descending: bool, body: Sequence[str], kept: Sequence[str]) -> list[str]:
        """The lines of a loop over t that fills the arrays ``kept``, an entry in each turn."""
        turns = f"reversed(range({length}))" if descending else f"range({length})"
        return [f"for t in {turns}:", *(f"    {line}" for line in body)]

    def with_entry(self, text: str, place: str, entry: str) -> str:
        """An array with another entry at a place, where arrays are not written in place."""
        return f"{text}.at[{place}].set({entry})"

    def reduced(self, text: str, kind: str, axes: Sequence[int]) -> str:
        """``sum``, ``max`` or ``argmax`` over axes, or over all where there are none."""
        shown = "" if not axes else f"axis={axes[0] if len(axes) == 1 else tuple(axes)}"
        return f"{text}.{kind}({shown})"


class NumPy(Library):
    """NumPy and SciPy."""

    name = "np"
    in_place = True

    def windows(self, text: str, sizes: Sequence[str], axes: Sequence[int]) -> str:
        return f"sliding_window_view({text}, {listed(sizes)}, axis={tuple(axes)})"

    def increased(self, target: str, part: str, source: str) -> str:
        return f"{target}{part} += {source}"

    def scattered(self, target: str, order: Sequence[int], indices: str, source: str) -> str:
        return f"np.add.at({self.transposed(target, order)}, {indices}, {source})"


NUMPY = NumPy()
