"""Each pass does what it says and changes no number."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Symbol

from symbackprop.derivation import derive
from symbackprop.errors import IllFormed, ShapeMismatch
from symbackprop.kernels import compile_kernels, compile_steps, passes
from symbackprop.kernels.backend import Routine
from symbackprop.kernels.functions import with_closed_forms
from symbackprop.kernels.lower import lower
from symbackprop.kernels.numpy_backend import compile_numpy
from symbackprop.kernels.program import (
    Array,
    Contraction,
    MatrixProduct,
    Operand,
    Program,
    Reduction,
    Statement,
    check,
    elementwise,
    last_uses,
    view,
)
from symbackprop.kernels.reductions import joined_reductions
from symbackprop.kernels.rewriting import without_dead_code
from symbackprop.kernels.singles import with_single_operations
from symbackprop.layers import layers
from symbackprop.network import Network

PASSES = [
    passes.letter_axes,
    passes.without_copies,
    passes.without_repeats,
    without_dead_code,
    joined_reductions,
    passes.with_stable_forms,
    passes.with_shared_functions,
    passes.with_known_terms,
    passes.with_matrix_products,
    passes.with_reused_memory,
]
NET = Network.from_spec("3-4-2-2", "swish,prelu,softmax", "cross_entropy")


def plain():
    """The program as lowered, with closed forms put in and nothing else done."""
    derivation = derive(NET)
    lowered = passes.letter_axes(lower(derivation))
    return with_closed_forms(lowered, derivation.model.functions, "accurate")


def run(program):
    """The value of every output, by key."""
    compiled = compile_numpy((Routine("f", passes.with_stable_forms(program), "", frozenset()),), "float64")
    rng = np.random.default_rng(0)
    shapes = [tuple(5 if size.is_Symbol else int(size) for size in array.shape) for array in program.inputs]
    values = compiled.functions["f"](*(rng.normal(size=shape) for shape in shapes))
    return dict(zip(program.outputs, values if len(program.outputs) > 1 else (values,), strict=True))


@pytest.mark.parametrize("step", PASSES, ids=lambda step: step.__name__)
def test_a_pass_alone_changes_no_number(step):
    before, after = run(plain()), run(check(step(plain())))
    for key, value in before.items():
        np.testing.assert_allclose(after[key], value, rtol=1e-13, atol=1e-15)


def test_all_passes_together_change_no_number_and_shorten():
    program = plain()
    found = passes.optimised(program, lambda part: part)
    assert len(found.statements) < 0.7 * len(program.statements)
    before, after = run(program), run(check(found))
    for key, value in before.items():
        np.testing.assert_allclose(after[key], value, rtol=1e-13, atol=1e-15)


A, B = (Array(name, (Integer(2), Symbol("N"))) for name in "ab")
X = Array("x", (Integer(2), Symbol("N")))


def of(array, axes=("i", "j")):
    operand = Operand(array, axes)
    return elementwise(2 * view(operand), {view(operand): operand})


def test_last_uses_and_reuse():
    program = Program(
        (X,), (Statement(Operand(A, ("i", "j")), of(X)), Statement(Operand(B, ("i", "j")), of(A))), {"b": "b"}
    )
    assert last_uses(program) == {"x": 0, "a": 1, "b": 2}
    assert [s.reuses for s in passes.with_reused_memory(program).statements] == ["", "a"]
    kept = Program(program.inputs, program.statements, {"b": "b", "a": "a"})
    assert [s.reuses for s in passes.with_reused_memory(kept).statements] == ["", ""]


def test_repeats_and_dead_code_go():
    twice = (Statement(Operand(A, ("i", "j")), of(X)), Statement(Operand(B, ("i", "j")), of(X)))
    program = passes.without_repeats(Program((X,), twice, {"one": "a", "two": "b"}))
    assert len(program.statements) == 1
    assert program.outputs == {"one": "a", "two": "a"}
    assert without_dead_code(Program((X,), twice, {"two": "b"})).statements == twice[1:]


def test_a_sum_of_a_sum_is_one():
    rows, total = Array("r", (Symbol("N"),)), Array("t", ())
    program = Program(
        (X,),
        (
            Statement(Operand(rows, ("j",)), Reduction("sum", Operand(X, ("i", "j")))),
            Statement(Operand(total, ()), Reduction("sum", Operand(rows, ("k",)))),
        ),
        {"t": "t"},
    )
    (only,) = joined_reductions(program).statements
    assert only.operation.operand.array == X


@pytest.mark.parametrize(
    ("left", "right", "flags"),
    [
        ("ik", "kj", (False, False)),
        ("ki", "kj", (True, False)),
        ("ik", "jk", (False, True)),
        ("ki", "jk", (True, True)),
    ],
)
def test_every_orientation_is_a_matrix_product(left, right, flags):
    size = dict(zip("ijk", map(Integer, (2, 3, 4)), strict=True))
    arrays = [Array(name, tuple(size[label] for label in labels)) for name, labels in (("p", left), ("q", right))]
    operands = tuple(Operand(array, tuple(labels)) for array, labels in zip(arrays, (left, right), strict=True))
    target = Operand(Array("r", (Integer(2), Integer(3))), ("i", "j"))
    for order in (operands, operands[::-1]):
        program = Program(tuple(arrays), (Statement(target, Contraction(order)),), {"r": "r"})
        found = passes.with_matrix_products(program)
        operation = found.statements[0].operation
        assert isinstance(operation, MatrixProduct)
        assert (operation.transpose_left, operation.transpose_right) == flags
        np.testing.assert_allclose(run(found)["r"], run(program)["r"], rtol=1e-14)


def test_an_ill_formed_program_is_refused():
    target = Operand(A, ("i", "j"))
    with pytest.raises(IllFormed, match="reads 'b' before it is assigned"):
        check(Program((X,), (Statement(target, of(B)),), {}))
    with pytest.raises(IllFormed, match="assigns 'a' twice"):
        check(Program((X,), (Statement(target, of(X)), Statement(target, of(X))), {}))
    with pytest.raises(ShapeMismatch, match="axis i of 'a' is 2, elsewhere N"):
        check(Program((X,), (Statement(target, of(X, ("j", "i"))),), {}))
    with pytest.raises(ShapeMismatch, match="loses the axes"):
        row = Operand(Array("r", (Symbol("N"),)), ("j",))
        check(Program((X,), (Statement(row, of(X)),), {}))


def test_a_kernel_leaves_its_arguments_alone():
    kernels = compile_kernels(NET)
    parameters = kernels.init(0)
    X, Y = np.ones((3, 3)), np.ones((3, 2))
    copies = {label: value.copy() for label, value in parameters.items()}
    first = kernels.gradients(parameters, X, Y)
    second = kernels.gradients(parameters, X, Y)
    assert first[0] == second[0]
    assert all(np.array_equal(parameters[label], copies[label]) for label in copies)
    assert (X == 1).all()
    assert (Y == 1).all()


@pytest.mark.parametrize("name", layers)
def test_every_array_is_assigned_once_in_every_stage(name):
    """As derived, after the passes, and in the single operations of a step; and all of it can be printed."""
    layer, shape = layers[name].small[0]
    kernels = compile_kernels(Network(shape, layer, batch="N" if layers[name].batch else None))
    step = compile_steps(kernels).program.program
    for program in (kernels.lowered, kernels.optimised, step, with_single_operations(step)):
        assert check(program) is program
        assert len(str(program).split("\n")) == len(program.statements) + 2


def test_a_term_that_is_there_is_read():
    """The error of a softmax under a focal loss is a sum over classes and what stands under that sum, once."""
    kernels = compile_kernels(Network.from_spec("3-4-2", "tanh,softmax", "focal"))
    statements = {s.target.array.name: s.operation for s in kernels.optimised.statements}
    summed = {o.operand.array.name for o in statements.values() if isinstance(o, Reduction) and o.kind == "sum"}
    assert summed & {operand.array.name for operand in statements["e2"].operands}
    assert "log" not in str(statements["e2"].expression)
