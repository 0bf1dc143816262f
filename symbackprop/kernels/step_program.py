"""A training step as data: what a backend emits it from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol, expand, prod

from symbackprop.kernels.biases import with_biases
from symbackprop.kernels.compilation import Kernels, optimised_for
from symbackprop.kernels.lower import SCALE, lower, unscaled
from symbackprop.kernels.program import Array, MatrixProduct, Program
from symbackprop.kernels.rewriting import without_dead_code, without_unread
from symbackprop.kernels.slopes import with_masks_of_outputs
from symbackprop.optimizers import GRADIENT, PARAMETER, Optimizer

#: The passes of a step that can be left out, to see what each is worth.
PASSES = (
    *("bias_fold", "buffers", "descents", "folded_rate", "in_place", "joined_sums", "matrix_products"),
    *("output_masks", "repeats", "samples_first", "shared_functions"),
)


@dataclass(frozen=True)
class StepProgram:
    """All gradients of a batch, and what the optimizer makes of them.

    ``program`` has the outputs ``J`` and ``dJ/d`` with each label of a parameter; ``parameters`` and ``gradients`` give
    the name of the array for each label, in order. ``rows`` names the inputs with one sample a row. Where ``scaled``,
    the program has the input ``scale``, the learning rate times the weight of a sample (``mean`` over the batch: 1/N),
    gradients carry the learning rate, and the update is θ - gradient. ``without`` names the passes left out.
    """

    program: Program
    parameters: Mapping[str, str]
    gradients: Mapping[str, str]
    rows: frozenset[str]
    optimizer: Optimizer
    scaled: bool
    mean: bool
    without: frozenset[str] = frozenset()

    def rate(self, settings: Sequence[float]) -> float:
        """η as a number where the rule is θ - ηg, else 0; ``settings`` are those of the optimizer in order."""
        names, rate = self._rate
        if rate in names:
            return float(settings[names.index(rate)])
        return float(rate.subs(dict(zip(names, settings, strict=True)))) if rate is not None else 0.0

    @cached_property
    def _rate(self) -> tuple[list[Symbol], Expr | None]:
        return list(self.optimizer.settings), rate_of(self.optimizer)

    def largest_product(self, shapes: Sequence[tuple[int, ...]]) -> int:
        """The multiplications of the largest product of matrices, for data of these shapes, samples first."""
        values: dict[Expr, int] = {}
        for array, shape in zip(self.data, shapes, strict=True):
            own = (*shape[1:], *shape[:1]) if array.name in self.rows else shape
            values |= {size: n for size, n in zip(array.shape, own, strict=True) if not size.is_Integer}
        made = ((s.target.array, s.operation) for s in self.program.statements)
        counts = {prod(array.shape) * _along(o) for array, o in made if isinstance(o, MatrixProduct)}
        return max((int(count.xreplace(values)) for count in counts), default=0)

    @cached_property
    def data(self) -> tuple[Array, ...]:
        """The inputs that change from batch to batch."""
        own = {*self.parameters.values(), SCALE.name}
        return tuple(array for array in self.program.inputs if array.name not in own)


def step_program(kernels: Kernels, optimizer: Optimizer, without: frozenset[str] = frozenset()) -> StepProgram:
    """The program of a training step."""
    model, lowered = kernels.model, kernels.lowered
    scaled = model.batch is None and rate_of(optimizer) is not None and "folded_rate" not in without
    program = kernels.optimised
    if without:
        derived = lower(kernels.derivation, kernels.over_batch, model.batch is None, kernels.accuracy == "accurate")
        program = optimised_for(derived, list(program.outputs), model, kernels.accuracy, without)
    if not scaled:
        program = unscaled(program, kernels.over_batch)
    if "output_masks" not in without:
        program = without_dead_code(with_masks_of_outputs(program))
    program = without_unread(with_biases(program))
    own = {q.label: array.name for q, array in zip(model.inputs, lowered.inputs, strict=True)}
    return StepProgram(
        program,
        {label: own[label] for label in kernels.labels},
        {label: program.outputs[f"dJ/d{label}"] for label in kernels.labels},
        frozenset(array.name for array in program.inputs if array.name in lowered.sampled),
        optimizer,
        scaled,
        kernels.over_batch == "mean",
        without,
    )


def _along(product: MatrixProduct) -> Expr:
    """How many products are summed for one entry."""
    return product.left.array.shape[-2 if product.transpose_left else -1]


def rate_of(optimizer: Optimizer) -> Expr | None:
    """η where the rule is θ - ηg and remembers nothing, else ``None``.

    >>> from symbackprop.optimizers import adam, sgd
    >>> rate_of(sgd), rate_of(adam)
    (eta, None)
    """
    change = expand(PARAMETER - optimizer.parameter)
    rate = change.coeff(GRADIENT)
    known = set(optimizer.settings)
    plain = not optimizer.memory and expand(change - rate * GRADIENT) == 0 and rate.free_symbols <= known
    return rate if plain else None
