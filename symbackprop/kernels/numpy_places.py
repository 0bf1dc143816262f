"""Where every array of a step is while it runs, and the text that stands for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Integer, prod

from symbackprop.kernels.backend import Routine
from symbackprop.kernels.contractions import product_code
from symbackprop.kernels.descents import LARGE, descents
from symbackprop.kernels.emission import Emitter
from symbackprop.kernels.layout import Fold, Region, folds_of, narrow, regions_of
from symbackprop.kernels.memory import Memory, planned
from symbackprop.kernels.program import (
    Array,
    Contraction,
    Elementwise,
    MatrixProduct,
    Operand,
    Program,
    Reduction,
    Statement,
)
from symbackprop.kernels.singles import truths, with_single_operations
from symbackprop.kernels.slopes import with_masks_first
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.writer import IndexPrinter, tuple_text

_WORDS = {"0": "zero", "1": "one", "2": "two", "0.5": "half", "-1": "minus_one"}


class Places:
    """The program in single operations, its memory, and names for views and numbers that are made only once.

    ``fixed`` and ``moving`` map the text of a view to its name: of what stays where it is, and of what every batch
    brings anew. ``numbers`` does so for numbers, ``shown`` names the view of the flat gradient for a parameter,
    ``zeros`` lists how many zeros are wanted at once.
    """

    def __init__(self, step: StepProgram, dtype: str) -> None:
        self.step, self.dtype = step, dtype
        self.program: Program = with_masks_first(with_single_operations(step.program))
        self.emitter = Emitter(Routine("step", self.program, "", frozenset()), dtype)
        self.names = self.emitter.names
        self.index = IndexPrinter(self.emitter.sizes)
        self.constant = self._constant()
        self.large = any(_entries(self.program.arrays[name]) >= LARGE for name in step.parameters.values())
        self.samples = self._samples()
        self.folds = self._folds()
        self.regions = regions_of(self.program, list(step.parameters.values()), self.folds)
        self.descents: dict[str, Region] = {}
        if step.scaled and not {"buffers", "descents"} & step.without:
            gradients = {name: step.gradients[label] for label, name in step.parameters.items()}
            self.program, self.descents = descents(self.program, self.regions, gradients)
        self.whole = frozenset(fold.right for fold in self.folds)
        self.truths = truths(self.program)
        kept = frozenset(s.target.array.name for s in self.program.statements if self._keeps(s))
        made = self.whole - {array.name for array in self.program.inputs}
        self.memory: Memory = planned(self.program, kept, made, "in_place" not in step.without)
        arrays = self.program.arrays
        self._contents: list[list[Array]] = [[] for _ in self.memory.slots]
        for name, number in self.memory.places.items():
            self._contents[number].append(arrays[name])
        self._noted = frozenset(s.target.array.name for s in self.program.statements if s.note)
        self.given = {array.name for array in step.data} - self.whole
        self.fixed: dict[str, str] = {}
        self.moving: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.zeros: list[str] = []
        self._name_temporaries()

    def _samples(self) -> Expr | None:
        """The number of samples, where arrays are kept with samples first.

        In float64 OpenBLAS takes 3 to 10 % less time for large products if samples are rows in memory; in float32 it
        takes as much or more.
        """
        found = {array.shape[-1] for array in self.step.data if array.name in self.step.rows}
        plain = all(len(a.shape) <= 2 for a in self.program.arrays.values() if found & {*a.shape})
        wanted = self.dtype == "float64" and self.large and plain and "samples_first" not in self.step.without
        return found.pop() if wanted and len(found) == 1 else None

    def turned(self, shape: Sequence[Expr]) -> bool:
        """Whether an array of this shape is kept with samples first."""
        return len(shape) == 2 and shape[-1] == self.samples

    def _folds(self) -> tuple[Fold, ...]:
        if {"bias_fold", "buffers"} & self.step.without or self.samples is not None:
            return ()
        inputs = (Operand(array, ("i",)) for array in self.program.inputs if array.name in self.step.rows)
        copied = frozenset(o.array.name for o in inputs if len(o.array.shape) == 2 and narrow(o))
        gradients = {name: self.step.gradients[label] for label, name in self.step.parameters.items()}
        # Only what has planned memory of its own can have a row of ones in it.
        placed = copied | {s.target.array.name for s in self.program.statements if self._keeps(s)}
        return tuple(fold for fold in folds_of(self.program, gradients, copied) if fold.right in placed)

    def _constant(self) -> frozenset[str]:
        """What no input changes, computed once with the memory."""
        found: set[str] = set()
        for statement in self.program.statements:
            if statement.loop is None and set(statement.reads) <= found:
                found.add(statement.target.array.name)
        return frozenset(found - set(self.program.outputs.values()))

    def _keeps(self, statement: Statement) -> bool:
        """Whether the result goes to planned memory."""
        name, operation = statement.target.array.name, statement.operation
        taken = name in self.constant or name in self.step.gradients.values() or not statement.target.axes
        if taken or statement.loop is not None or "buffers" in self.step.without:
            return False
        if isinstance(operation, Reduction):
            return reduced(statement, operation, "", self.names) is not None
        if isinstance(operation, Contraction):
            return contracted(statement, operation, "", self.names) is not None
        return isinstance(operation, Elementwise | MatrixProduct)

    def first(self, arrays: Sequence[Array], shape: Sequence[Expr]) -> str:
        """The name that stands for all arrays of a shape in one slot."""
        alike = [array.name for array in arrays if array.shape == tuple(shape)]
        folded = [name for name in alike if name in self.whole]
        noted = [name for name in alike if name in self._noted]
        return (folded or noted or alike)[0]

    def _name_temporaries(self) -> None:
        """A temporary goes by the name of the quantity that has its memory before or after it, if there is one."""
        noted = self._noted
        for number, _ in enumerate(self.memory.slots):
            arrays = self.in_slot(number)
            for array in arrays:
                if array.name not in noted:
                    self.names[array.name] = self.names[self.first(arrays, array.shape)]

    def matrix(self, weight: str, gradient: bool) -> str:
        """The name of a weight with its bias in one matrix."""
        return f"{'d' if gradient else ''}{self.names[weight]}_{'b'}"

    def ones(self, right: str) -> str:
        """What a weight is multiplied by, with its row of ones."""
        if right not in self.memory.places:
            return f"{right}_ones"
        number = self.memory.places[right]
        arrays = self.in_slot(number)
        return f"{self.first(arrays, self.memory.slots[number].ones)}_ones"

    def number(self, e: Expr) -> str:
        text = self.emitter.scalar(e, {})
        if text not in self.numbers:
            self.numbers[text] = _WORDS.get(text.removesuffix(".0"), f"number{len(self.numbers) + 1}")
        return self.numbers[text]

    def filled(self, e: Expr, shape: Sequence[Expr]) -> str:
        """A number as often as an array of this shape has entries, the quicker operand of a maximum.

        Zeros are one piece of memory for all of a step; of other numbers, and beside large matrices, there is a row.
        """
        if e == 0 and not self.large:
            return self._zeros(shape)
        plain, turned = self.number(e), self.turned(shape)
        n = self.index.code(shape[0 if turned else -1])
        text = f"np.full({f'({n}, 1)' if turned else n}, {plain}) if {n} > 31 else {plain}"
        return self.fixed.setdefault(text, f"{plain}_row{len(self.fixed)}")

    def _zeros(self, shape: Sequence[Expr]) -> str:
        size = self.index.code(prod(shape))
        if size not in self.zeros:
            self.zeros.append(size)
        turned = self.turned(shape)
        text = tuple_text(map(self.index.code, reversed(shape) if turned else shape))
        view = f"zeros[:{size}].reshape({text}){'.T' if turned else ''}"
        return self.fixed.setdefault(view, f"zeros{len(self.fixed) + 1}")

    def logistic(self, out: str) -> str:
        """The logistic function for an array of this size."""
        return self.fixed.setdefault(f"logistic_for({out}.size)", f"logistic_{out}")

    def seen(self, name: str, view: str, suffix: str, array: str) -> str:
        """The name of a view that is made once, where its array stays where it is."""
        if not view:
            return name
        fixed = array in self.memory.places or array in self.step.parameters.values() or array in self.whole
        moving = array in self.given
        if not fixed and not moving and array not in self.constant:
            return name + view
        table = self.moving if moving else self.fixed
        if name + view not in table:
            taken = {*self.fixed.values(), *self.moving.values()}
            found = name + suffix
            while found in taken:
                found += "_"
            table[name + view] = found
        return table[name + view]

    def descent(self, region: Region, product: MatrixProduct, left: str, right: str, out: str) -> str | None:
        """The name of the call that takes this product off a region, if its factors stay where they are in a batch."""
        factors = {product.left.array.name, product.right.array.name}
        stay = all(name in self.memory.places or name in self.whole or name in self.given for name in factors)
        # What a batch brings makes the call anew, which takes longer than a small one saves.
        if not stay or (factors & self.given and region.stop - region.start < LARGE):
            return None
        matrix = self.matrix(region.weight, False) if region.bias else self.names[region.weight]
        table = self.moving if factors & self.given else self.fixed
        return table.setdefault(f"descent({matrix}, {left}, {right}, {out})", f"descend_{matrix}")

    def in_slot(self, number: int) -> list[Array]:
        """The arrays that a slot holds one after the other."""
        return self._contents[number]


def _entries(array: Array) -> float:
    size = prod(array.shape, Integer(1))
    return float(size) if size.is_Integer else 0.0


def contracted(statement: Statement, operation: Contraction, out: str, names: Mapping[str, str]) -> str | None:
    """The call for a contraction that writes to ``out``, where NumPy has one."""
    text = product_code(statement.target, operation.operands, lambda o: names[o.array.name])
    direct = text.startswith(("np.matmul(", "np.einsum(")) and ".transpose" not in text
    return f"{text[:-1]}, out={out})" if direct else None


def reduced(statement: Statement, operation: Reduction, out: str, names: Mapping[str, str]) -> str | None:
    """The call for a sum or a maximum that writes to ``out``, where NumPy has one."""
    labels = operation.operand.axes
    gone = [axis for axis, label in enumerate(labels) if label not in statement.target.axes]
    kept = tuple(label for label in labels if label in statement.target.axes)
    kinds = {"sum": "np.add.reduce", "max": "np.maximum.reduce"}
    if kept != statement.target.axes or operation.kind not in kinds:
        return None
    axis = gone[0] if len(gone) == 1 else tuple(gone)
    return f"{kinds[operation.kind]}({names[operation.operand.array.name]}, {axis}, None, {out})"
