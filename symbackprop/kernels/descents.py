"""Matrices that go down while the product for their gradient is made: W - ε aᵀ is one call, and ∂J/∂W never is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symbackprop.kernels.layout import Region
from symbackprop.kernels.program import MatrixProduct, Program, Statement

#: From so many entries on a matrix is large: its last layer of products waits for it, and they go through ``matmul``.
LARGE = 1 << 16

#: From so many entries on the call is worth it where nothing has to wait.
_WORTH = 1 << 12

DESCENT = '''

def descent(w, left, right, gradient):
    """A call for w - ∂J/∂w, where the gradient is the product of left and right."""

    def call(keep):
        np.matmul(left, right, gradient)
        np.subtract(w, gradient, w)

    return call
'''


def descents(
    program: Program, regions: Sequence[Region], gradients: Mapping[str, str]
) -> tuple[Program, dict[str, Region]]:
    """The program, and the regions that go down where their gradient is made, by the name of that.

    ``gradients`` gives the name of the gradient for that of each parameter. Where a large matrix is read after its
    gradient, the product for that moves behind the quantity that reads it.
    """
    found: dict[str, Region] = {}
    for region in regions:
        size = region.stop - region.start
        if not size.is_Integer or size < _WORTH:
            continue
        gradient = gradients[region.weight]
        statements = program.statements
        number = _of_product(statements, gradient)
        alone = [*gradients.values()].count(gradient) == 1 and not any(gradient in s.reads for s in statements)
        if number is None or not alone:
            continue
        last = max((n for n, s in enumerate(statements) if {region.weight, region.bias} & {*s.reads}), default=0)
        if last > number:
            behind = next((n for n, s in enumerate(statements) if n >= last and s.note), None)
            if size < LARGE or behind is None or any(s.loop for s in statements[number : behind + 1]):
                continue
            moved = [*statements[:number], *statements[number + 1 : behind + 1], statements[number]]
            program = program.with_statements([*moved, *statements[behind + 1 :]])
        found[gradient] = region
    return program, found


def _of_product(statements: Sequence[Statement], gradient: str) -> int | None:
    """Where the gradient is made, if by a product of two matrices."""
    for number, statement in enumerate(statements):
        if statement.target.array.name == gradient:
            operation = statement.operation
            plain = isinstance(operation, MatrixProduct) and operation.bias is None and statement.loop is None
            return number if plain else None
    return None
