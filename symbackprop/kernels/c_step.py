"""A training step as C: the memory of a batch, the function that loads one, and the step, alone or many in a row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from sympy import Expr, Integer, prod

from symbackprop.kernels.affine import usual
from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.c_body import CBody
from symbackprop.kernels.c_few import small
from symbackprop.kernels.c_loops import Functions
from symbackprop.kernels.c_memory import Slots, slots_of
from symbackprop.kernels.c_text import source_of, without_unused_sizes
from symbackprop.kernels.c_update import update_lines
from symbackprop.kernels.descents import LARGE, descents
from symbackprop.kernels.layout import WIDEST_INPUT, Region, regions_of
from symbackprop.kernels.numpy_body import of_loss
from symbackprop.kernels.program import Array, MatrixProduct, Statement
from symbackprop.kernels.step_program import StepProgram

_SUMMARY = """/* A training step of a network in {dtype}.

   A Plan holds the sizes of a batch, the settings of the optimizer and the memory to work in. plan() arranges the
   memory, load() copies a batch into it (one sample a row for the caller, one a column here), step() does one step, and
   steps() loads and does many. */"""


class CStep:
    """The source of a step; ``fields`` are those of a Plan that the caller sets, each of eight bytes, with its type."""

    def __init__(self, step: StepProgram, dtype: str) -> None:
        self.step, self.program, self.dtype = step, step.program, dtype
        self.few = small(step.program)
        self.down: dict[str, Region] = {}
        if step.scaled and "descents" not in step.without:
            gradients = {name: step.gradients[label] for label, name in step.parameters.items()}
            regions = regions_of(step.program, list(gradients), ())
            self.program, self.down = descents(step.program, regions, gradients)
        self.functions = Functions(dtype, "INLINE" if self.few else "static __attribute__((noinline))")
        self.rows = frozenset(array.name for array in step.data if self._wide(array))
        self.body = CBody(self.program, self.functions, self.rows, frozenset(self._spaced()), self.few)
        self.settings = [f"setting_{checked_name(s.name)}" for s in step.optimizer.settings]
        self.memory = [checked_name(s.name) for s in step.optimizer.memory]
        numbers = [*self.body.sizes.values(), "m_", "samples", "with_loss", "keep"]
        self.fields = [*((name, "long") for name in numbers)]
        self.fields += [(name, "double") for name in ("number", "rate", "loss", *self.settings)]
        self.fields += [
            (name, "real *") for name in ("work", "theta", "gradient", *(f"memory_{m}" for m in self.memory))
        ]

    def _wide(self, array: Array) -> bool:
        """Whether an input stays as it comes, one sample a row: a wide one that only products read."""
        readers = [s.operation for s in self.program.statements if array.name in s.reads]
        plain = all(isinstance(operation, MatrixProduct) for operation in readers)
        return plain and array.name in self.step.rows and len(array.shape) == 2 and usual(array.shape[0]) > WIDEST_INPUT

    def _spaced(self) -> Iterator[str]:
        """What has samples as its last axis and stands in memory of the plan."""
        data = {array.name: array for array in self.step.data}
        samples = {array.shape[-1] for name, array in data.items() if name in self.step.rows}
        inputs = {array.name for array in self.program.inputs}
        for name, array in self.program.arrays.items():
            if name in self._own or name in self.rows or (name in inputs and name not in self.step.rows):
                continue
            if len(samples) == 1 and array.shape and array.shape[-1] in samples:
                yield name

    def source(self, sizes: str) -> str:
        """All of the text; ``sizes`` is the type of a size in the BLAS."""
        body, loading, plan = (list(without_unused_sizes(part)) for part in (self._step(), self._load(), self._plan()))
        parts = [_SUMMARY.format(dtype=self.dtype), source_of(self.dtype, sizes), "\n".join(plan)]
        parts += list(self.functions.texts())
        if not self.step.scaled:
            parts.append("\n".join(update_lines(self.step.optimizer, self.dtype)))
        return "\n\n".join([*parts, "\n".join(body), "\n".join(loading), _STEPS]) + "\n"

    # Memory.

    @cached_property
    def _own(self) -> dict[str, str]:
        """The parameter whose part of the flat gradient an array is."""
        own: dict[str, str] = {}
        inputs = {array.name for array in self.program.inputs}
        for label, name in self.step.gradients.items():
            if name not in inputs:
                own.setdefault(name, self.step.parameters[label])
        return own

    @cached_property
    def _starts(self) -> dict[str, Expr]:
        """Where each parameter stands in the flat vectors."""
        found, start = dict[str, Expr](), Integer(0)
        for name in self.step.parameters.values():
            found[name] = start
            start = start + prod(self.program.arrays[name].shape)
        return found

    @cached_property
    def _slots(self) -> Slots:
        return slots_of(self.program, self.step.data, self._own, "in_place" not in self.step.without)

    def _plan(self) -> Iterator[str]:
        slots = list(self._slots.sized(self.body))
        yield "typedef struct {"
        yield from (f"    {kind}{'' if kind.endswith('*') else ' '}{name};" for name, kind in self.fields)
        yield from (f"    real *{checked_name(slot)};" for slot, _ in slots)
        yield "} Plan;"
        yield ""
        yield "EXPORTED long plan_size(void)"
        yield "{"
        yield "    return sizeof(Plan);"
        yield "}"
        yield ""
        yield "/* Hands out the memory of a batch; returns how many numbers that takes. */"
        yield "EXPORTED long plan(Plan *p)"
        yield "{"
        yield from self._named_sizes(False)
        yield f"    const long m_ = p->m_ = spaced(p->samples, {int(self.few)});"
        yield "    long used = 0;"
        for slot, size in slots:
            yield f"    p->{checked_name(slot)} = p->work + used;"
            yield f"    used += {size};"
        yield "    return used;"
        yield "}"

    def _named_sizes(self, spaced: bool = True) -> Iterator[str]:
        for name in (*self.body.sizes.values(), *(["m_"] if spaced else [])):
            yield f"    const long {name} = p->{name};"

    # The step.

    def _step(self) -> Iterator[str]:
        yield "/* All gradients and the update; J before it if asked for. */"
        yield "INLINE void step_of(Plan *p, const long m_)" if self.few else "EXPORTED void step(Plan *p)"
        yield "{"
        yield from self._named_sizes(not self.few)
        yield from self._pointers()
        yield ""
        for line in self._statements():
            yield line if line.startswith("#") else f"    {line}"
        yield "}"
        if self.few:
            yield _FEW

    def _pointers(self) -> Iterator[str]:
        start = self._starts
        for name in self.step.parameters.values():
            yield f"    real *{self.body.names[name]} = p->theta + {self.body.size(start[name])};"
        for name, parameter in self._own.items():
            yield f"    real *{self.body.names[name]} = p->gradient + {self.body.size(start[parameter])};"
        for name, slot in self._slots.places.items():
            yield f"    real *{self.body.names[name]} = p->{checked_name(slot)};"
        if self.step.scaled:
            yield f"    const real scale[1] = {{p->rate{'/p->samples' if self.step.mean else ''}}};"

    def _statements(self) -> Iterator[str]:
        own, early = of_loss(self.program), self._early()
        groups: list[tuple[bool, list[Statement]]] = []
        for statement in self.program.statements:
            for_loss = statement.target.array.name in own
            alone = statement.target.array.name in {*early, *self.down}
            if not groups or groups[-1][0] != for_loss or alone:
                groups.append((for_loss, []))
            groups[-1][1].append(statement)
            if alone:
                groups.append((for_loss, []))
        for for_loss, members in groups:
            found = list(self.body.lines(members))
            if members and members[0].target.array.name in self.down:
                found = self._going_down(members[0].target.array.name, found)
            if for_loss and members:
                found = ["if (p->with_loss) {", *(f"    {line}" for line in found), "}"]
            yield from found
            for statement in members:
                if statement.target.array.name in early:
                    yield from self._descent(*early[statement.target.array.name])
        loss = self.body.names[self.program.outputs["J"]]
        yield f"{'if (p->with_loss) ' if self.program.outputs['J'] in own else ''}p->loss = {loss}[0];"
        yield from self._late()
        yield "/* θ */"
        yield from self._updates(early)

    def _going_down(self, gradient: str, lines: list[str]) -> list[str]:
        """The update of a matrix in the product for its gradient, unless that is to be kept."""
        region, (*before, line) = self.down[gradient], lines
        update = list(self._descent(region.start, region.stop - region.start))
        if not (line.startswith("product(") and line.endswith(", 0, 0);")):
            return [*lines, *update]
        names = self.body.names
        direct = line.replace(f", {names[gradient]}, ", f", {names[region.weight]}, ").removesuffix("0);")
        kept = [f"    {text}" for text in (line, *update)]
        return [*before, "if (p->keep) {", *kept, "} else", f"    {direct}-1);"]

    def _late(self) -> Iterator[str]:
        """Gradients that are equal to others, or to an input."""
        for label, name in self.step.gradients.items():
            parameter = self.step.parameters[label]
            if self._own.get(name) != parameter:
                size = self.body.count(self.program.arrays[parameter])
                start = self.body.size(self._starts[parameter])
                yield f"memcpy(p->gradient + {start}, {self.body.names[name]}, sizeof(real)*({size}));"

    def _early(self) -> dict[str, tuple[Expr, Expr]]:
        """Large parameters by the gradient after which they can be updated, while that is near: start and size."""
        found = {}
        gradients = list(self.step.gradients.values())
        for name, parameter in self._own.items() if self.step.scaled else ():
            if name in self.down:
                continue
            size = prod(self.program.arrays[parameter].shape, Integer(1))
            if not (size.is_Integer and size >= LARGE and gradients.count(name) == 1):
                continue
            users = [
                s for s in self.program.statements if parameter in s.reads or name in (*s.reads, s.target.array.name)
            ]
            if users[-1].target.array.name == name and users[-1].loop is None:
                found[name] = (self._starts[parameter], size)
        return found

    def _descent(self, start: Expr, size: Expr) -> Iterator[str]:
        first, count = self.body.size(start), self.body.size(size)
        yield f"descend({count}, p->theta + {first}, p->gradient + {first});"

    def _updates(self, early: dict[str, tuple[Expr, Expr]]) -> Iterator[str]:
        total = sum((prod(self.program.arrays[name].shape) for name in self._starts), Integer(0))
        if not self.step.scaled:
            arguments = ["p->theta", "p->gradient", "p->number", *(f"p->{s}" for s in self.settings)]
            arguments += [f"p->memory_{name}" for name in self.memory]
            yield f"update({', '.join([self.body.size(total), *arguments])});"
            return
        down = {name: (region.start, region.stop - region.start) for name, region in self.down.items()}
        done_before = [{**early, **down}[name] for name in self._own if name in {*early, *down}]
        start: Expr = Integer(0)
        for done, size in [*done_before, (total, Integer(0))]:
            if done != start:
                yield from self._descent(start, done - start)
            start = done + size

    # Batches.

    def _load(self) -> Iterator[str]:
        yield "/* Copies a batch: its rows from `first` on, or those that `order` names from there on. */"
        yield "EXPORTED void load(Plan *p, const real *const *data, const long *order, long first)"
        yield "{"
        yield from self._named_sizes()
        for number, array in enumerate(self.step.data):
            name = checked_name(array.name)
            if array.name not in self.step.rows:
                yield f"    memcpy(p->{name}, data[{number}], sizeof(real)*({self.body.count(array)}));"
                continue
            count, rows = self.body.size(prod(array.shape[:-1])), self.body.size(array.shape[-1])
            kind, end = (
                ("by_rows", "")
                if array.name in self.rows
                else ("by_columns", self.body.size(self.body.shape(array)[-1]) + ", ")
            )
            yield f"    {kind}(p->{name}, data[{number}], {rows}, {count}, {end}order, first);"
        yield "}"


_FEW = """
EXPORTED void step(Plan *p)
{
    /* What is known when this is compiled needs no loops. */
    if (p->m_ == LANES)
        step_of(p, LANES);
    else
        step_of(p, p->m_);
}"""
_STEPS = """/* Many steps, each over the next samples; J of each is written to `losses` unless that is 0. */
EXPORTED void steps(Plan *p, long count, const real *const *data, const long *order, double *losses)
{
    p->with_loss = losses != 0;
    for (long k = 0; k < count; k++) {
        load(p, data, order, k * p->samples);
        p->keep = k == count - 1;
        step(p);
        p->number++;
        if (losses)
            losses[k] = p->loss;
    }
}"""
