"""The backend of PyTorch: programs as functions of tensors, on the device of their first argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.foreign import Foreign
from symbackprop.kernels.libraries import Library

_ON_DEVICE = "device=device"


class Tensors(Library):
    """The functions of ``torch``."""

    name = "torch"

    def preamble(self, first: str, body: Sequence[str]) -> list[str]:
        return [f"device = {first}.device"] if any(_ON_DEVICE in line for line in body) else []

    def made(self, maker: str, arguments: str, dtype: str) -> str:
        return f"torch.{maker}({arguments}, dtype=torch.{dtype}, {_ON_DEVICE})"

    def full(self, shape: str, value: str, dtype: str, number: bool) -> str:
        return super().full(shape, value, dtype, number) if number else f"torch.broadcast_to({value}, {shape})"

    def whole_numbers(self, start: str, stop: str) -> str:
        return f"torch.arange({start}, {stop}, {_ON_DEVICE})"

    def of_masks(self, value: str, masks: Sequence[str], dtype: str) -> str:
        text = masks[0] if len(masks) == 1 else f"({'*'.join(masks)})"
        return f"{'' if value == '1.0' else f'{value}*'}{text}.to(torch.{dtype})"

    def choice(self, condition: str, value: str, other: str, dtype: str) -> str:
        typed = self.made("tensor", value, dtype) if _is_number(value) and _is_number(other) else value
        return super().choice(condition, typed, other, dtype)

    def extreme(self, kind: str, one: str, other: str, number: bool) -> str:
        if not number:
            return super().extreme(kind, one, other, number)
        return f"torch.clamp({one}, {'min' if kind == 'maximum' else 'max'}={other})"

    def root(self, text: str, number: bool) -> str:
        return f"({text})**0.5" if number else super().root(text, number)

    def softplus(self, text: str) -> str:
        # Beyond 40 the difference from z is less than a bit; the threshold that torch has by itself, 20, loses digits.
        return f"functional.softplus({text}, threshold=40)"

    def dot(self, left: str, right: str) -> str:
        return f"{left} @ {right}"

    def tensordot(self, one: str, other: str, axes: Sequence[tuple[int, ...]]) -> str:
        return f"torch.tensordot({one}, {other}, dims={tuple(axes)})"

    def transposed(self, text: str, order: Sequence[int]) -> str:
        return text if list(order) == sorted(order) else f"{text}.permute({', '.join(map(str, order))})"

    def turned(self, text: str, axes: int, move: str) -> str:
        return text if axes < 2 else super().turned(text, axes, move)

    def padded(self, text: str, widths: Sequence[tuple[str, str]]) -> str:
        # torch names the last axis first.
        return f"functional.pad({text}, ({', '.join(width for pair in reversed(widths) for width in pair)}))"

    def stepping(self, text: str, parts: Sequence[str]) -> tuple[str, list[str]]:
        # There are no slices with negative steps.
        turned = [axis for axis, part in enumerate(parts) if part.startswith("::-")]
        text += f".flip({', '.join(map(str, turned))})" if turned else ""
        return text, [":" if part == "::-1" else part.replace("::-", "::") for part in parts]

    def windows(self, text: str, sizes: Sequence[str], axes: Sequence[int]) -> str:
        return text + "".join(f".unfold({axis}, {size}, 1)" for size, axis in zip(sizes, axes, strict=True))

    def increased(self, target: str, part: str, source: str) -> str:
        return f"{target}{part} += {source}"

    def scattered(self, target: str, order: Sequence[int], indices: str, source: str) -> str:
        return f"{self.transposed(target, order)}.index_put_({indices}, {source}, accumulate=True)"

    def reduced(self, text: str, kind: str, axes: Sequence[int]) -> str:
        shown = "" if not axes else f"dim={axes[0] if len(axes) == 1 else tuple(axes)}"
        return f"{text}.{'amax' if kind == 'max' else kind}({shown})"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class Torch(Foreign):
    """PyTorch on the CPU for NumPy arrays; the functions of the source take tensors on any device."""

    name = "torch"
    library = Tensors()

    def header(self, body: str, dtype: str) -> str:
        used = ["import torch"]
        used += ["from torch import special"] if "special." in body else []
        used += ["from torch.nn import functional"] if "functional." in body else []
        return "\n".join(used) + "\n"

    def helpers(self, body: str) -> str:
        return ""

    def check(self, dtype: str) -> None:
        """Nothing but the library is needed."""

    def fast(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    def joined(self, values: Sequence[Any]) -> Any:
        return import_module("torch").stack(values)

    def inward(self, array: Array) -> Any:
        # A copy: an array that is read-only or strided backwards is none to torch.
        return import_module("torch").from_numpy(np.array(array, order="C"))

    def outward(self, array: Any) -> Array:
        return np.asarray(array)


Torch().register()
