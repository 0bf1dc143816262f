"""The statements of a step as NumPy calls that write to memory that is there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sympy import Expr, Max, Min, Symbol, prod

from symbackprop.kernels.descents import LARGE
from symbackprop.kernels.layout import Region
from symbackprop.kernels.numpy_calls import call
from symbackprop.kernels.numpy_places import Places, contracted, reduced
from symbackprop.kernels.program import (
    Contraction,
    Elementwise,
    MatrixProduct,
    Operand,
    Program,
    Reduction,
    Statement,
)
from symbackprop.kernels.rewriting import without_dead_code
from symbackprop.kernels.stable import expit


class Body:
    """The lines of ``step``: the statements in order, those for J alone under a condition, and the update."""

    def __init__(self, places: Places) -> None:
        self.places, self.step, self.program, self.names = places, places.step, places.program, places.names
        self.down: set[Region] = set()
        self.folds = {name: fold for fold in places.folds for name in (fold.weight, fold.weight_gradient)}
        self.folded = {name for fold in places.folds for name in (fold.bias, fold.bias_gradient)}
        self.notes = {statement.target.array.name: statement.note for statement in self.program.statements}
        #: The first parameter with each gradient.
        gradients = reversed(list(self.step.gradients.items()))
        self.parameters = {name: self.step.parameters[label] for label, name in gradients}

    def lines(self) -> Iterator[str]:
        own = of_loss(self.program)
        if own:
            yield "J = None"
        statements = [s for s in self.program.statements if s.target.array.name not in self.places.constant]
        before: list[str] = []
        for key, group in groupby(statements, key=lambda s: (s.target.array.name in own, s.loop and s.loop.number)):
            if key == (False, None):
                found, before = self._straight(tuple(group))
            elif key[0]:
                found, before = [*before, *self._of_loss(tuple(group))], []
            else:
                found, before = list(self._loop(tuple(group), before)), []
            yield from found
        yield from before
        yield from self._late()
        if self.step.scaled:
            yield "# θ"
            yield from self._updates()
        yield "return J"

    def _of_loss(self, members: tuple[Statement, ...]) -> Iterator[str]:
        """What J alone needs."""
        found, after = (self._loop(members, []), ()) if members[0].loop else self._straight(members)
        yield "if loss:"
        yield from (f"    {line}" for line in (*found, *after))

    def _loop(self, members: tuple[Statement, ...], before: list[str]) -> Iterator[str]:
        """A loop, with what is computed for it before it."""
        yield f"# {', '.join(s.note for s in members if s.note)}"
        yield from before
        yield from self.places.emitter.loop(members)

    def _straight(self, members: tuple[Statement, ...]) -> tuple[list[str], list[str]]:
        """The lines of named steps, and those after the last one: they are for a loop that follows."""
        found, pending = list[str](), list[str]()
        for statement in members:
            pending += self._statement(statement)
            if statement.note and pending:
                found += [f"# {self._note(statement)}", *pending]
                pending = []
        return found, pending

    def _note(self, statement: Statement) -> str:
        """What a statement computes; a folded bias goes with its weight."""
        fold = self.folds.get(statement.target.array.name)
        return ", ".join([statement.note, *([self.notes[fold.bias_gradient]] if fold else [])])

    def _statement(self, statement: Statement) -> list[str]:
        name = statement.target.array.name
        if name in self.folded:
            return []
        place = self.names[name]
        parameter = self.parameters.get(name)
        if name in self.places.memory.places or parameter:
            line = self._into(statement, place)
            if line is not None:
                if parameter:
                    self.places.shown[parameter] = place
                return [line, *self._bias(statement, place)]
        lines = self.places.emitter.statement(statement)
        if name in self.places.memory.places:
            *before, last = lines
            return [*before, f"np.copyto({place}, {last.partition(' = ')[2]})"]
        return lines

    def _updates(self) -> Iterator[str]:
        """θ - gradient: of all at once, or of what is left where large matrices are done."""
        if not self.down:
            yield "np.subtract(theta, gradient, theta)"
        for left, run in groupby(self.places.regions, key=lambda region: region not in self.down):
            if left and self.down:
                yield self._update(list(run))

    def _update(self, run: list[Region]) -> str:
        """θ - gradient for what stands side by side."""
        start, stop = self.places.index.code(run[0].start), self.places.index.code(run[-1].stop)
        names = [self.names[region.weight] for region in run]
        names = [self.places.matrix(r.weight, False) if r.bias else name for r, name in zip(run, names, strict=True)]
        own = names[0] if len(run) == 1 else f"{names[0]}_to_{names[-1]}"
        theta, gradient = f"{own}_part", f"d{own}_part"
        self.places.fixed |= {f"theta[{start}:{stop}]": theta, f"gradient[{start}:{stop}]": gradient}
        return f"np.subtract({theta}, {gradient}, {theta})"

    def _late(self) -> Iterator[str]:
        """Copies to the flat gradient of what could not be computed there."""
        folded = {name for fold in self.places.folds for name in (fold.weight, fold.bias)}
        for label, name in self.step.gradients.items():
            parameter = self.step.parameters[label]
            if parameter not in self.places.shown and parameter not in folded:
                self.places.shown[parameter] = f"d{self.names[parameter]}_flat"
                yield f"np.copyto({self.places.shown[parameter]}, {self.names[name]})"

    def _into(self, statement: Statement, out: str) -> str | None:
        """The statement as one call that writes to ``out``."""
        operation = statement.operation
        if not statement.target.axes or statement.loop is not None:
            return None
        if isinstance(operation, Elementwise):
            views, expression = dict(operation.bindings), operation.expression
            extreme = isinstance(expression, Max | Min)

            def atom(e: Expr) -> str:
                if extreme and e.is_number:
                    return self.places.filled(e, statement.target.array.shape)
                return self._atom(e, views, statement.target)

            line = call(expression, out, atom)
            if line and isinstance(expression, expit):
                return line.replace("logistic(", f"{self.places.logistic(out)}(")
            return line
        if isinstance(operation, MatrixProduct):
            return self._product(statement, operation, out)
        if isinstance(operation, Contraction):
            return contracted(statement, operation, out, self.names)
        return reduced(statement, operation, out, self.names) if isinstance(operation, Reduction) else None

    def _product(self, statement: Statement, operation: MatrixProduct, out: str) -> str:
        left, right, out = self._factors(statement, operation, out)
        region = self.places.descents.get(statement.target.array.name)
        down = region and self.places.descent(region, operation, left, right, out)
        if region and down:
            self.down.add(region)
            return f"{down}(keep)"
        sizes = [prod(o.array.shape) for o in (statement.target, operation.left, operation.right)]
        samples_first = self.places.turned(statement.target.array.shape)
        large = samples_first or any(size.is_Integer and size >= LARGE for size in sizes)
        return _dot(left, right, out, large)

    def _factors(self, statement: Statement, operation: MatrixProduct, out: str) -> tuple[str, str, str]:
        """The texts of what is multiplied and of where the product goes, biases in it."""
        fold = self.folds.get(statement.target.array.name)
        if fold:
            error, out = self.names[operation.left.array.name], self.places.matrix(fold.weight, True)
            if not fold.turned:
                return error, f"{fold.right}_rows", out
            turned = self.places.seen(error, ".T", "_T", operation.left.array.name)
            return self.places.ones(fold.right), turned, out
        fold = self.folds.get(operation.left.array.name) if operation.bias else None
        if fold:
            matrix = self.places.matrix(fold.weight, False)
            matrix = self.places.seen(matrix, ".T", "_T", fold.weight) if fold.turned else matrix
            return matrix, self.places.ones(fold.right), out
        left, right = (
            self.places.seen(self.names[o.array.name], ".T", "_T", o.array.name) if turn else self.names[o.array.name]
            for o, turn in ((operation.left, operation.transpose_left), (operation.right, operation.transpose_right))
        )
        return left, right, out

    def _bias(self, statement: Statement, out: str) -> list[str]:
        """The bias of a product where it is no row of the weight."""
        bias = statement.operation.bias if isinstance(statement.operation, MatrixProduct) else None
        if bias is None or bias.array.name in self.folded:
            return []
        name = bias.array.name
        return [f"np.add({out}, {self.places.seen(self.names[name], '[:, None]', '_col', name)}, {out})"]

    def _atom(self, e: Expr, views: dict[Symbol, Operand], target: Operand) -> str:
        """The source of a view, or of what is the same everywhere."""
        if e in views and views[e].axes:
            operand = views[e]
            name = self.names[operand.array.name]
            text = self.places.emitter.aligned(operand, target.axes)
            suffix = "_col" if text.endswith("[:, None]") else "_view"
            return self.places.seen(name, text[len(name) :], suffix, operand.array.name)
        if not e.free_symbols & views.keys():
            return self.places.number(e)
        return self.places.emitter.scalar(e, views)


def _dot(left: str, right: str, out: str, large: bool) -> str:
    """A method costs half of the function ``np.dot``; where that is nothing, ``matmul`` takes 1 to 3 % less time."""
    return f"np.matmul({left}, {right}, {out})" if large else f"{left}.dot({right}, {out})"


def of_loss(program: Program) -> frozenset[str]:
    """The arrays that J alone needs."""
    outputs = {key: name for key, name in program.outputs.items() if key != "J"}
    needed = without_dead_code(Program(program.inputs, program.statements, outputs)).statements
    own = {s.target.array.name for s in needed}
    return frozenset(s.target.array.name for s in program.statements if s.target.array.name not in own)
