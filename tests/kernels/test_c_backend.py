"""What is particular to C: compiler and cache, products of any shape, functions to the last digits, many steps."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from scipy import special
from sympy import Symbol, zeta

from symbackprop.errors import InvalidSpec, NotDerivable
from symbackprop.kernels import Unavailable, c_compiler, compile_kernels, compile_steps
from symbackprop.kernels.c_printing import CPrinter
from symbackprop.kernels.c_text import source_of
from symbackprop.network import Network
from symbackprop.optimizers import optimizers

NET = Network.from_spec("3-7-5-4", "gelu,leaky_relu,softmax", "cross_entropy")
TYPES = {"float64": ctypes.c_double, "float32": ctypes.c_float}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("libraries")


@pytest.fixture(autouse=True)
def _compiler(folder, monkeypatch):
    """One cache for all tests here; without a compiler they are skipped."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    try:
        c_compiler.compiler()
    except Unavailable as reason:
        pytest.skip(str(reason))


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


@pytest.fixture(params=TYPES)
def dtype(request):
    return request.param


FUNCTIONS = {
    "exp_of": np.exp,
    "expm1_of": np.expm1,
    "tanh_of": np.tanh,
    "logistic": special.expit,
    "softplus": lambda x: np.logaddexp(0, x),
    "erfcx_of": special.erfcx,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_to_the_last_digits(name, dtype):
    """Within a few units in the last place wherever the value is normal; infinity and NaN as in NumPy."""
    loop = (
        f"EXPORTED void all(const real *x, real *y) {{ for (long i = 0; i < {len(GRID)}; i++) y[i] = {name}(x[i]); }}"
    )
    library = c_compiler.library(f"{source_of(dtype, 'int')}\n{loop}\n", dtype)
    x, found = GRID.astype(dtype), np.empty(len(GRID), dtype)
    library.all(pointer(x), pointer(found))
    with np.errstate(all="ignore"):
        wanted = FUNCTIONS[name](x.astype(float))
        rounded = wanted.astype(dtype)
        # SciPy's own erfcx loses digits below 0, where nothing calls it.
        known = x >= 0 if name == "erfcx_of" else x == x
        normal = known & np.isfinite(rounded) & (np.abs(wanted) >= np.finfo(dtype).tiny)
        error = np.abs(found - wanted)[normal] / np.abs(wanted)[normal]
    assert error.max() <= 8 * np.finfo(dtype).eps
    assert (np.isnan(found) == np.isnan(wanted)).all()
    assert (found[np.isinf(rounded)] == rounded[np.isinf(rounded)]).all()


_SIZES = np.logspace(-12, 3, 600)
GRID = np.concatenate([-_SIZES, _SIZES, np.linspace(-40, 40, 801), [0.0, -0.0, np.inf, -np.inf, np.nan]])


@pytest.mark.parametrize("by_blas", [False, True])
def test_products_of_any_shape(by_blas, dtype):
    """Every way to store a, b and c, with a bias and without, set and added; nothing beside c is written."""
    address, sizes = c_compiler.blas(dtype)
    library = c_compiler.loaded(source_of(dtype, sizes, whole=False), ("-DANOTHER",))
    library.use_gemm.argtypes = [ctypes.c_void_p, ctypes.c_double]
    library.use_gemm(address if by_blas else 0, 1.0)
    rng = np.random.default_rng(0)
    shapes = [(1, 1, 1), (2, 3, 1), (8, 4, 2), (1, 40, 33), (32, 2, 70), (9, 26, 17), (5, 49, 40), (70, 130, 300)]
    for (m, n, k), turned_a, turned_b, biased, add in product(shapes, *[[False, True]] * 4):
        a, b, bias = (rng.normal(size=shape).astype(dtype) for shape in ((m, k), (k, n), (m,)))
        out = rng.normal(size=(m, n + 3)).astype(dtype)
        wanted = a.astype(float) @ b + (bias[:, None] if biased else 0) + (out[:, :n] if add else 0)
        beside = out[:, n:].copy()
        a = np.asfortranarray(a) if turned_a else a
        b = np.asfortranarray(b) if turned_b else b
        steps = [[ctypes.c_long(step // array.itemsize) for step in array.strides] for array in (a, b, out)]
        numbers = map(ctypes.c_long, (m, n, k))
        parts = zip((a, b, out), steps, strict=True)
        placed = [argument for array, (row, column) in parts for argument in (pointer(array), row, column)]
        library.product(*numbers, *placed, pointer(bias) if biased else None, int(add))
        assert np.abs(out[:, :n] - wanted).max() < 40 * k**0.5 * np.finfo(dtype).eps, (m, n, k, turned_a, turned_b)
        assert (out[:, n:] == beside).all()


@pytest.mark.parametrize("backend", ["c", "numpy"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_many_steps_in_one_call(optimizer, backend):
    """The same as one after the other, in the order that is asked for; J of each step comes back."""
    kernels = compile_kernels(NET, backend=backend)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(22, 3)), np.eye(4)[rng.integers(0, 4, 22)]
    order = rng.permutation(22)
    one, many = (compile_steps(kernels, optimizer, seed=1) for _ in range(2))
    losses = []
    for start in range(0, 22, 5):
        chosen = order[start : start + 5]
        one.load(X[chosen], Y[chosen])
        losses.append(one.step(loss=True))
    np.testing.assert_allclose(many.epoch(X, Y, 5, order), losses, rtol=1e-13)
    assert many.count == one.count == 5
    for label, value in one.parameters.items():
        np.testing.assert_allclose(many.parameters[label], value, rtol=1e-12, atol=1e-15)
    assert len(many.epoch(X, Y, 22)) == 1
    with pytest.raises(InvalidSpec, match="names rows from 0 to 22; there are 22, from 0"):
        many.epoch(X, Y, 5, np.arange(23))
    with pytest.raises(InvalidSpec, match="a batch has at least one sample, not 0"):
        many.epoch(X, Y, 0)


def test_nothing_that_is_not_finite_is_hidden():
    steps = compile_steps(compile_kernels(NET), backend="c")
    X = np.ones((3, 3))
    X[1, 1] = np.nan
    steps.load(X, np.eye(4)[:3])
    assert np.isnan(steps.step(loss=True))
    assert np.isnan(steps.gradients["w^1"]).any()


def test_a_library_is_built_once(folder, monkeypatch):
    compile_kernels(NET, backend="c")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert any(path.suffix == ".so" for path in before)

    def version_alone(command, **options):
        assert command[1:] == ["--version"], "compiled again"
        return run(command, **options)

    run = subprocess.run
    monkeypatch.setattr(c_compiler.subprocess, "run", version_alone)
    compile_kernels(NET, backend="c")
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def _a_library(source="EXPORTED double one(void) { return 1; }"):
    """A small one, which takes no time to compile."""
    found = c_compiler.loaded(f"#define EXPORTED\n{source}\n", ("-O0",))
    found.one.restype = ctypes.c_double
    return found


def test_a_damaged_library_is_made_anew(tmp_path, monkeypatch):
    """One that is cut would end the process when it is loaded."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert _a_library().one() == 1
    (path,) = tmp_path.rglob("*.so")
    whole = path.read_bytes()
    for left in (whole[: len(whole) // 2], b"", b"no library"):
        path.unlink()  # this process still has the old one in its memory
        path.write_bytes(left)
        assert _a_library().one() == 1
    path.unlink()
    path.mkdir()
    assert _a_library().one() == 1


@pytest.mark.parametrize("place", ["a/file", "relative/path"])
def test_a_cache_that_cannot_be_written_to(place, tmp_path, monkeypatch):
    (tmp_path / "a").write_text("no folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "a"))
    monkeypatch.setenv("XDG_CACHE_HOME", place if place.startswith("relative") else str(tmp_path / place))
    assert _a_library().one() == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_two_processes_at_once(tmp_path):
    script = (
        "from symbackprop.kernels import c_compiler\n"
        "print(c_compiler.loaded('int one(void) { return 1; }', ('-O0',)).one())"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", script]
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[0].split() for process in started] == [[b"1"]] * 2


def test_the_compiler_may_have_options(monkeypatch):
    before = c_compiler.compiler()
    c_compiler.compiler.cache_clear()
    monkeypatch.setenv("CC", f"{before[0]} -DVALUE=7")
    try:
        assert _a_library("double one(void) { return VALUE; }").one() == 7
    finally:
        c_compiler.compiler.cache_clear()


def test_without_a_compiler_the_message_says_what_to_do(monkeypatch):
    c_compiler.compiler.cache_clear()
    monkeypatch.setattr(c_compiler.shutil, "which", lambda name: None)
    try:
        with pytest.raises(Unavailable, match=r"backend 'c' needs a C compiler \(cc, gcc or clang"):
            compile_kernels(NET, backend="c")
    finally:
        c_compiler.compiler.cache_clear()


def test_a_function_that_c_has_not_is_named():
    with pytest.raises(NotDerivable, match="backend 'c' has no zeta; use backend 'numpy'"):
        CPrinter({}, "float64").code(zeta(Symbol("z")))


def test_a_saved_source_compiles_on_its_own(tmp_path):
    steps = compile_steps(compile_kernels(NET), optimizers["adam"], backend="c")
    steps.save(tmp_path / "kernel.c")
    compiler = next(found for name in ("cc", "gcc", "clang") if (found := shutil.which(name)))
    command = [compiler, "-std=gnu11", "-O1", "-fPIC", "-shared", "-fopenmp-simd", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*command, "kernel.c", "-o", "kernel.so", "-lm"], cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "kernel.so"))
    assert library.plan_size() > 0


@pytest.mark.parametrize("many", [False, True])
def test_a_large_matrix_goes_down_in_the_product_for_its_gradient(dtype, many):
    kernels = compile_kernels(Network.from_spec("250-300-300-3", "tanh,relu,softmax", "cross_entropy"), dtype=dtype)
    made = {"settings": {"eta": 0.25}, "backend": "c"}
    kept, direct, plain = (compile_steps(kernels, **made, without=without) for without in ([], [], ["descents"]))
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(24, 250)), np.eye(3)[np.arange(24) % 3]
    for steps in (kept, direct, plain):
        if many:
            steps.epoch(X, Y, 8)
            continue
        for start in (0, 8, 16):
            steps.load(X[start : start + 8], Y[start : start + 8])
            steps.step(keep=steps is not direct)
    for label, wanted in plain.parameters.items():
        for steps in (kept, direct):
            near = 1e-13 if dtype == "float64" else 1e-5
            np.testing.assert_allclose(steps.parameters[label], wanted, rtol=0, atol=near)
        np.testing.assert_allclose(kept.gradients[label], plain.gradients[label], rtol=0, atol=1e-5)
    assert "w2, 300, 1, 0, -1);" in kept.source
    assert "p->keep)" not in plain.source
    if not many:
        with pytest.raises(InvalidSpec, match="were not kept"):
            _ = direct.gradients


def test_a_product_is_taken_off(dtype):
    """In blocks, by dots, entry by entry and by BLAS."""
    products, rng = c_compiler._products(dtype).product, np.random.default_rng(0)
    address, _ = c_compiler.blas(dtype)
    for rows, columns, along, least in product((1, 9), (1, 30), (3, 40), (0.0, 1e300)):
        c_compiler._products(dtype).use_gemm(address, ctypes.c_double(least))
        a, b = (rng.integers(-9, 9, shape).astype(dtype) for shape in ((rows, along), (along, columns)))
        for right in (b, np.asfortranarray(b)):
            c = np.ones((rows, columns), dtype)
            steps = [ctypes.c_long(n // right.itemsize) for n in (*a.strides, *right.strides, *c.strides)]
            sizes = map(ctypes.c_long, (rows, columns, along))
            products(*sizes, pointer(a), *steps[:2], pointer(right), *steps[2:4], pointer(c), *steps[4:], None, -1)
            np.testing.assert_array_equal(c, 1 - a @ b)
    c_compiler._products(dtype).use_gemm(address, ctypes.c_double(c_compiler._from_where()))


@pytest.mark.parametrize("samples", [1, 7, 16, 35])
def test_sums_of_rows(dtype, samples):
    """Of fewer rows than a vector has lanes, of more, and with columns left over."""
    net = Network.from_spec("3-37-2", "tanh,softmax", "cross_entropy")
    found, wanted = (compile_kernels(net, dtype=dtype, backend=backend) for backend in ("c", "numpy"))
    assert "row_sums(" in found.source
    rng, parameters = np.random.default_rng(0), wanted.init(0)
    X, Y = rng.normal(size=(samples, 3)), np.eye(2)[np.arange(samples) % 2]
    (_, one), (_, other) = (kernels.gradients(parameters, X, Y) for kernels in (found, wanted))
    for label in ("b^1", "b^2"):
        np.testing.assert_allclose(one[label], other[label], rtol=0, atol=1e-14 if dtype == "float64" else 1e-6)
