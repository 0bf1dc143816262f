"""A training step as NumPy source that works in memory planned beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, prod

from symbackprop.kernels.layout import Fold, Region, by_columns
from symbackprop.kernels.libraries import NUMPY
from symbackprop.kernels.memory import Slot
from symbackprop.kernels.numpy_body import Body
from symbackprop.kernels.numpy_calls import found_before, with_functions_at_hand
from symbackprop.kernels.numpy_places import Places
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.writer import tuple_text


class StepEmitter:
    """The source of a step: ``views`` of the flat vectors, and ``plan``, the memory and the functions over it."""

    def __init__(self, step: StepProgram, dtype: str) -> None:
        self.step, self.dtype = step, dtype
        self.places = Places(step, dtype)
        self.program, self.names, self.index = self.places.program, self.places.names, self.places.index

    def lines(self) -> Iterator[str]:
        yield from self._views()
        body, functions = with_functions_at_hand(list(Body(self.places).lines()))
        yield ""
        yield ""
        data = [a.name for a in self.program.inputs if a.name in {array.name for array in self.step.data}]
        scale = ["scale"] if self.step.scaled else []
        yield f"def plan({', '.join(['theta', 'gradient', *scale, '*batch'])}):"
        yield '    """The memory for batches of this size; load(…) takes the next one, step() works on it."""'
        yield from (f"    {line}" for line in self._memory(data))
        yield from (f"    {line}" for line in found_before(functions))
        yield ""
        yield f"    def load({', '.join(f'new_{name}' for name in data)}):"
        yield from (f"        {line}" for line in self._load(data))
        yield ""
        yield f"    def step(loss=False{', keep=False' * bool(self.places.descents)}):"
        yield (
            '        """All gradients, and with ``loss`` the value of J."""'
            if not self.step.scaled
            else ('        """All gradients and θ - η ∂J/∂θ; with ``loss`` the value of J before it."""')
        )
        yield from (f"        {line}" for line in body)
        yield ""
        yield "    load(*batch)"
        yield "    return load, step"

    def _views(self) -> Iterator[str]:
        """The function that shows every parameter in a flat vector."""
        yield "def views(theta):"
        yield '    """The parameters, or what else has a number for each, as views of one flat vector."""'
        for region in self.places.regions:
            yield f"    {self._region(region, 'theta')}"
            yield from (f"    {line}" for line in self._parts(region))
        names = [self.names[name] for name in self.step.parameters.values()]
        yield f"    return {tuple_text(names)}"

    def _region(self, region: Region, vector: str) -> str:
        name = self.places.matrix(region.weight, vector == "gradient") if region.bias else self.names[region.weight]
        start, stop = self.index.code(region.start), self.index.code(region.stop)
        shape = tuple_text(map(self.index.code, region.shape)) if region.shape else "()"
        return f"{name} = {vector}[{start}:{stop}].reshape({shape[1:-1] if len(region.shape) > 1 else shape})"

    def _parts(self, region: Region) -> list[str]:
        if not region.bias:
            return []
        matrix = self.places.matrix(region.weight, False)
        parts = ("[:-1].T", "[-1]") if region.turned else ("[:, :-1]", "[:, -1]")
        names = (self.names[region.weight], self.names[region.bias])
        return [f"{name} = {matrix}{part}" for name, part in zip(names, parts, strict=True)]

    def _memory(self, data: Sequence[str]) -> Iterator[str]:
        gone = {array.name for array in self.step.data} - self.places.given
        yield f"{tuple_text(data)[1:-1]} = batch"
        for size, (name, axis) in self.program.sizes.items():
            text = self._turned(name, name) if name in self.step.rows else self.names[name]
            yield f"{self.places.emitter.sizes[size]} = {text}.shape[{axis}]"
        for region in self.places.regions:
            yield self._region(region, "theta")
            yield from self._parts(region)
        for region in self.places.regions:
            yield from self._gradient(region)
        for fold in self.places.folds:
            yield from self._ones_of_input(fold, gone)
        for number, slot in enumerate(self.places.memory.slots):
            yield from self._slot(number, slot)
        for text, name in self.places.numbers.items():
            yield f"{name} = np.array({text}, dtype=np.{self.dtype})"
        yield from self._constants()
        if self.places.zeros:
            yield f"zeros = aligned({largest(self.places.zeros)})"
        yield from (f"{name} = {text}" for text, name in self.places.fixed.items())
        yield from (f"{name} = None" for name in self.places.moving.values())

    def _gradient(self, region: Region) -> Iterator[str]:
        """The view of the flat gradient that a statement writes to."""
        text = self._region(region, "gradient")
        yield text if region.bias else f"{self.places.shown[region.weight]} = {text.partition(' = ')[2]}"

    def _ones_of_input(self, fold: Fold, inputs: set[str]) -> Iterator[str]:
        if fold.right in inputs and fold is next(f for f in self.places.folds if f.right == fold.right):
            array = self.program.arrays[fold.right]
            rows, n = map(self.index.code, array.shape)
            if by_columns(array):
                yield f"{fold.right}_ones = aligned({int(rows) + 1}, {n})"
                yield f"{fold.right}_ones[-1] = 1"
                yield f"{fold.right} = {fold.right}_ones[:-1]"
                return
            yield f"{fold.right}_rows = aligned({n}, {int(rows) + 1})"
            yield f"{fold.right}_rows[:, -1] = 1"
            yield f"{fold.right}_ones, {fold.right} = {fold.right}_rows.T, {fold.right}_rows[:, :-1].T"

    def _constants(self) -> Iterator[str]:
        for statement in self.program.statements:
            if statement.target.array.name in self.places.constant:
                yield from self.places.emitter.statement(statement)

    def _load(self, data: Sequence[str]) -> Iterator[str]:
        moving = [name for name in data if name in self.places.given]
        if moving:
            yield f"nonlocal {', '.join([*moving, *self.places.moving.values()])}"
        for name in data:
            new = f"new_{name}"
            text = self._turned(name, new) if name in self.step.rows else new
            yield f"{name} = {text}" if name in self.places.given else f"np.copyto({name}, {text})"
        yield from (f"{name} = {text}" for text, name in self.places.moving.items())

    def _slot(self, number: int, slot: Slot) -> Iterator[str]:
        """One piece of memory and the names of what it holds in turn."""
        arrays = self.places.in_slot(number)
        shapes = dict.fromkeys(array.shape for array in arrays)
        dtype = ", dtype=bool" if slot.truth else ""
        if slot.ones:
            rows, *others = slot.ones
            base = f"{self.places.first(arrays, slot.ones)}_ones"
            yield f"{base} = aligned({self._codes([rows + 1, *others])}{dtype})"
            yield f"{base}[-1] = 1"
        elif len(shapes) > 1:
            base = f"memory{number + 1}"
            sizes = sorted({self.index.code(prod(shape)) for shape in shapes})
            yield f"{base} = aligned({largest(sizes)}{dtype})"
        for shape in shapes:
            names = dict.fromkeys(self.names[a.name] for a in arrays if a.shape == shape)
            turned = self.places.turned(shape)
            text = self._codes(list(reversed(shape)) if turned else shape)
            if slot.ones == shape:
                source = f"{base}[:-1]"
            elif len(shapes) == 1:
                source = f"aligned({text}{dtype})"
            else:
                flat = f"{base}.ravel()" if slot.ones else base
                source = f"{flat}[:{self.index.code(prod(shape))}].reshape({text})"
            yield f"{' = '.join(names)} = {source}{'.T' if turned else ''}"

    def _codes(self, shape: Sequence[Expr]) -> str:
        return ", ".join(map(self.index.code, shape))

    def _turned(self, name: str, text: str) -> str:
        return NUMPY.turned(text, len(self.program.arrays[name].shape), "0, -1")


def largest(sizes: Sequence[str]) -> str:
    """The text of the largest of some sizes."""
    return sizes[0] if len(sizes) == 1 else f"max({', '.join(sizes)})"
