"""Data sets are seeded and have the shapes they state; a bad CSV file is an error with its place."""

from __future__ import annotations

import sys
import zipfile

import numpy as np
import pytest

from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.network import Network
from symbackprop.training import run, train
from symbackprop.training.data import datasets
from symbackprop.training.preparation import fitted, load, split
from symbackprop.training.samples import Samples
from symbackprop.training.scaling import Column, Scaling
from symbackprop.training.tables import Table, read_csv

BUNDLED = {"iris", "wine", "breast_cancer", "digits"}
WHY = "scikit-learn, of the extra 'sklearn', is not installed"


@pytest.fixture
def available(request):
    """Skip what comes with scikit-learn where it is not installed."""
    if request.node.callspec.params["name"] in BUNDLED:
        pytest.importorskip("sklearn", reason=WHY)


@pytest.mark.parametrize("name", datasets)
def test_each_data_set_is_a_table_drawn_from_its_seed(name, available):
    table, again = datasets[name](3), datasets[name](3)
    assert table.X.ndim == table.Y.ndim == 2
    assert len(table.X) == len(table.Y)
    assert np.array_equal(table.X, again.X)
    assert np.array_equal(table.Y, again.Y)
    if table.classes:
        assert np.array_equal(np.unique(table.Y), np.arange(len(table.classes)))
    assert name in {"xor", *BUNDLED} or not np.array_equal(table.X, datasets[name](4).X)


@pytest.mark.parametrize("name", datasets)
def test_each_data_set_is_learnt_as_well_as_it_says(name, available):
    """With seed 0 and what ``symbackprop run SPEC --data NAME`` takes; held-out samples where there are any."""
    entry = datasets[name]
    result = run(entry.spec, name)
    measured = [result.accuracy, result.r2] if not entry.held_out else [result.validation_accuracy]
    assert max(score for score in measured if score is not None) >= entry.score
    assert (result.held_out is None) == (entry.held_out == 0)
    assert result.cross_check().passed


@pytest.mark.parametrize("name", ["spirals", "moons", "circles", "sine"])
def test_what_is_learnt_of_a_toy_holds_for_another_draw(name):
    result, fresh = run(datasets[name].spec, name), datasets[name](1)
    output = result.predict(fresh.X)
    if name == "sine":
        assert np.mean((output - fresh.Y) ** 2) < 0.01
    else:
        assert np.mean((output > 0.5) == (fresh.Y > 0.5)) >= 0.97


def test_a_data_set_of_an_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for name in sorted(BUNDLED):
        with pytest.raises(InvalidSpec, match=rf"{name} comes with scikit-learn; .*symbackprop\[sklearn\]"):
            load(name)


@pytest.mark.parametrize("name", ["xor", "spirals", "moons", "circles"])
def test_classes_are_balanced(name):
    assert datasets[name](0).Y.mean() == 0.5


def test_a_csv_file(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("height,width,kind\n1,2,0\n\n3.5,-4e1,2\n", encoding="utf-8")
    table = read_csv(path)
    assert table.X.tolist() == [[1, 2], [3.5, -40]]
    assert table.Y.tolist() == [[0], [2]]
    assert load(str(path), n_in=1).Y.shape == (2, 2)
    assert fitted(table, (2,), (3,))[1].tolist() == [[1, 0, 0], [0, 0, 1]]
    assert fitted(table, (2,), (2,))[1].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("target", ["kind", "2"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_target_of_a_csv_file_by_name_or_number(tmp_path, target, separator):
    path = tmp_path / "data.csv"
    text = "height,kind,width\n1,dog,2\n3,cat,4\n5,dog,6\n".replace(",", separator)
    path.write_text(text, encoding="utf-8")
    table = read_csv(path, target)
    assert table.X.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert table.classes == ("cat", "dog")
    assert table.Y.tolist() == [[1], [0], [1]]
    assert fitted(table, (2,), (1,))[1].tolist() == [[1], [0], [1]]
    assert fitted(table, (2,), (2,))[1].tolist() == [[0, 1], [1, 0], [0, 1]]
    with pytest.raises(InvalidSpec, match=r"data.csv:2: column 2 \(kind\) is 'dog', expected a finite number"):
        read_csv(path, "height")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line with numbers"),
        ("a,b\n", "no line with numbers"),
        ("1,2\n3\n", "data.csv:2: 1 columns where the first line of data has 2"),
        ("1,2\n3,x\n", "data.csv:2: column 2 is 'x', expected a finite number"),
        ("1,2\n3,nan\n", "data.csv:2: column 2 is 'nan', expected a finite number"),
        ("1\n2\n", "1 columns, expected 1 inputs and then at least one target"),
        ("x,k\n1,\n2,a\n3,b\n", r"data.csv:2: column 2 \(k\) is empty, .*; a column of words is a class if no line"),
        ("x,k\n1,a\n2,1\n3,b\n", r"data.csv:2: column 2 \(k\) is 'a', .*; a column of words is a class if no line"),
    ],
)
def test_a_bad_csv_file_is_an_error_with_its_place(tmp_path, text, message):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSpec, match=message):
        read_csv(path)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("weight", "no column 'weight'; columns are named height, width, or numbered 1 to 2"),
        ("0", "no column '0'"),
        ("3", "no column '3'"),
    ],
)
def test_a_target_that_is_no_column_is_an_error_that_names_the_columns(tmp_path, target, message):
    path = tmp_path / "data.csv"
    path.write_text("height,width\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidSpec, match=message):
        read_csv(path, target)
    with pytest.raises(InvalidSpec, match="a target is a column of a CSV file, and xor is none"):
        load("xor", target=target)


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(InvalidSpec, match="cannot be read: No such file"):
        read_csv(tmp_path / "missing.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidSpec, match="bytes.csv:1: cannot be read as CSV: it is no UTF-8"):
        read_csv(tmp_path / "bytes.csv")
    (tmp_path / "twice.csv").write_text("a,a\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidSpec, match="2 columns are named 'a'; give the number, 1 to 2"):
        read_csv(tmp_path / "twice.csv", "a")
    with pytest.raises(InvalidSpec, match=r"data.txt: a file of data ends in .csv, .tsv or .npz"):
        load("data.txt")
    for data in (None, np.ones((4, 2)), ([[1.0]],), ([[1j]], [[1.0]])):
        with pytest.raises(InvalidSpec, match="data is a name, a file, a pair"):
            load(data)
    (tmp_path / "one.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(InvalidSpec, match="'a' is the only column"):
        read_csv(tmp_path / "one.csv", "a")
    with pytest.raises(UnknownName, match="no data set named 'xorr'; known: breast_cancer, circles"):
        load("xorr")
    with pytest.raises(InvalidSpec, match="a pair"):
        load((["one"], [[1]]))
    with pytest.raises(InvalidSpec, match=r"the shapes are \(3,\) and \(2, 1\)"):
        load(([1, 2, 3], [[1], [2]]))
    with pytest.raises(InvalidSpec, match="the data have 2 inputs, the network has 3"):
        fitted(load("xor"), (3,), (1,))
    with pytest.raises(InvalidSpec, match="nor of class numbers 0 to 2, for 3 outputs"):
        fitted(Table(np.ones((2, 2)), np.array([[0.0], [3.0]])), (2,), (3,))
    with pytest.raises(InvalidSpec, match=r"the target has 3 classes \(a, b, c\), the network has 1 outputs"):
        fitted(Table.of_classes(np.ones((3, 2)), ["a", "b", "c"]), (2,), (1,))


@pytest.mark.parametrize("as_table", [True, False])
@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        (np.zeros((0, 1)), np.zeros((0, 1)), "the data have no samples"),
        (np.zeros((2, 1)), np.zeros(2), r"the shapes are \(2, 1\) and \(2,\)"),
        (np.zeros((2, 1)), np.zeros((3, 1)), r"the shapes are \(2, 1\) and \(3, 1\)"),
        (np.zeros((2, 1)), np.array([["a"], ["b"]]), "data is a name, .* could not convert"),
    ],
)
def test_arrays_are_looked_at_also_in_a_table(X, Y, message, as_table):
    with pytest.raises(InvalidSpec, match=message):
        train(Network.from_spec("1-1"), Table(X, Y) if as_table else (X, Y), epochs=1)


def test_members_that_are_no_arrays_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("X", b"x")
        archive.writestr("Y.npy", b"y")
    with pytest.raises(InvalidSpec, match=r"data.npz: X is not made of finite numbers"):
        load(tmp_path / "data.npz")


def test_words_are_no_inputs():
    result = run("1-1", (np.arange(6.0)[:, None], np.ones((6, 1)) / 2), epochs=1, standardise=True)
    with pytest.raises(InvalidSpec, match="X is not an array of real numbers"):
        result.predict([["a"], ["b"]])


def test_one_class_is_no_task_and_a_long_list_is_cut():
    with pytest.raises(InvalidSpec, match=r"the target has one class \(a\), so there is nothing to learn"):
        fitted(Table.of_classes(np.ones((2, 2)), ["a", "a"]), (2,), (1,))
    many = Table.of_classes(np.ones((1000, 2)), [f"name {n:03}" for n in range(1000)])
    with pytest.raises(InvalidSpec, match=r"1000 classes \(name 000, .*, name 007, …\), the network has 1 outputs"):
        fitted(many, (2,), (1,))


def test_classes_held_out_have_the_numbers_of_the_training_data():
    net, X = Network.from_spec("1-3", "softmax", "cross_entropy"), np.zeros((3, 1))
    wanted = [[0, 0, 1], [0, 1, 0]]
    for own, held in (
        (Table.of_classes(X, ["a", "b", "c"]), Table.of_classes(X[:2], ["c", "b"])),
        ((X, [[1], [2], [3]]), (X[:2], [[3], [2]])),
    ):
        assert train(net, own, epochs=1, validation=held).held_out[1].tolist() == wanted
    for own, held, known in (
        (Table.of_classes(X, ["a", "b", "c"]), Table.of_classes(X[:2], ["c", "d"]), "class d, .* have: a, b, c"),
        ((X, [[1], [2], [3]]), (X[:2], [[3], [4]]), "class 4, .* have: 1, 2, 3"),
    ):
        with pytest.raises(InvalidSpec, match=f"the data held out have the {known}"):
            train(net, own, epochs=1, validation=held)
    with pytest.raises(
        InvalidSpec, match=r"validation is a share such as 0.2, or data of its own \(X, Y\), not 'moons'"
    ):
        train(Network.from_spec("2-1"), "moons", validation="moons")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (([[1.0], [np.nan]], [[0.0], [1.0]]), "X has nan in row 2, column 1, which is no finite number"),
        (([[1.0], [2.0]], [[0.0], [np.inf]]), "Y has inf in row 2, column 1, which is no finite number"),
        (([[1.0], [1e300]], [[0.0], [1.0]]), "X has inf in row 2, column 1, which is no finite number of float32"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_no_number_is_named_before_training(data, message):
    net, clean = Network.from_spec("1-1"), ([[1.0]], [[0.0]])
    with pytest.raises(InvalidSpec, match=message):
        train(net, data, dtype="float32")
    held = message.replace(" has", "( held out)? has", 1)
    with pytest.raises(InvalidSpec, match=held):
        train(net, clean, dtype="float32", validation=data)


def test_a_row_has_the_number_it_has_in_the_data():
    X, Y = np.arange(20.0)[:, None], np.zeros((20, 1))
    for bad in (3, 17):
        with pytest.raises(InvalidSpec, match=f"Y has nan in row {bad + 1}, column 1"):
            train(Network.from_spec("1-1"), (X, np.where(bad == X, np.nan, Y)), validation=0.5)
        with pytest.raises(InvalidSpec, match=f"and sample {bad + 1} has 2"):
            wrong = np.where(bad == X, 2, Y)
            train(Network.from_spec("1-1", "sigmoid", "binary_cross_entropy"), (X, wrong), validation=0.5)


def test_targets_are_not_scaled_away_from_what_a_loss_takes():
    X = np.arange(8.0)[:, None]
    for loss, Y in (("poisson", X + 1), ("binary_cross_entropy", X / 10)):
        result = train(Network.from_spec("1-1", "sigmoid", loss), (X, Y), epochs=1, standardise=True)
        assert np.array_equal(result.Y, Y) and np.allclose(result.X.std(), 1)


@pytest.mark.parametrize(
    ("loss", "Y", "message"),
    [
        ("binary_cross_entropy", [[0.0], [2.0]], "takes targets from 0 to 1, and sample 2 has 2"),
        ("binary_cross_entropy_from_logits", [[-1.0], [1.0]], "takes targets from 0 to 1, and sample 1 has -1"),
        ("hinge", [[0.0], [2.0]], "takes targets -1 or 1, and sample 1 has 0"),
        ("poisson", [[3.0], [-1.0]], "takes targets from 0, and sample 2 has -1"),
    ],
)
def test_targets_that_a_loss_is_not_made_for_are_refused(loss, Y, message):
    with pytest.raises(InvalidSpec, match=f"the loss {loss} {message}"):
        train(Network.from_spec("1-1", "sigmoid", loss), ([[0.0], [1.0]], Y), epochs=1)


def test_the_two_classes_of_a_hinge_are_signs():
    net = Network.from_spec("2-8-1", "tanh,identity", "hinge")
    result = train(net, "circles", "adam", 0.02, epochs=100)
    assert sorted(set(result.Y.ravel())) == [-1, 1]
    table = datasets["circles"](0)
    assert result.accuracy == np.mean((result.predict(table.X) > 0) == (table.Y > 0.5)) > 0.95


def test_a_constant_target_is_no_class_once_it_is_scaled():
    result = run("1-1", Table(np.arange(6.0)[:, None], np.full((6, 1), 3.5)), epochs=1, validation=0)
    assert result.Y.tolist() == [[0]] * 6
    assert (result.accuracy, result.r2, result.history[0].accuracy) == (None, None, None)


@pytest.mark.filterwarnings("error")
def test_large_and_constant_columns_are_scaled():
    X = np.array([[1e300, 0.1, 1.0], [-1e300, 0.1, 2.0], [0.0, 0.1, 6.0]])
    column = Column.of(X)
    assert np.allclose(column.mean, [0, 0.1, 3]) and np.allclose(
        column.deviation, [1e300 * np.sqrt(2 / 3), 1, np.sqrt(14 / 3)]
    )
    assert np.array_equal(column.mean[2:], X[:, 2:].mean(axis=0))
    assert column.mean[1] == 0.1 and column.deviation[1] == 1


def test_rows_take_the_shape_of_the_input():
    X, Y = fitted(Table(np.arange(24.0).reshape(2, 12), np.zeros((2, 1))), (3, 2, 2), (1,))
    assert X.shape == (2, 3, 2, 2)
    assert X[1, 2, 1, 1] == 23


def test_a_share_is_held_out_once_and_only():
    X = np.arange(50.0)[:, None]
    samples = Samples(X, -X, {"M": 2 * X}, {"A": np.eye(3)})
    kept, held = split(samples, 0.2, seed=3)
    assert len(held) == 10
    assert sorted([*kept.X.ravel(), *held.X.ravel()]) == X.ravel().tolist()
    for part in (kept, held):
        assert np.array_equal(part.Y, -part.X) and np.array_equal(part.given["M"], 2 * part.X)
        assert np.array_equal(part.given["A"], np.eye(3))
    assert not np.array_equal(held.X, split(samples, 0.2, seed=4)[1].X)
    for share in (0.0, 1.0, 0.001, -1.0):
        with pytest.raises(InvalidSpec, match="cannot be held out"):
            split(samples, share, seed=0)


def test_scaling_is_fitted_on_the_training_part_alone():
    rng = np.random.default_rng(0)
    X = rng.normal(5, 3, (40, 2))
    Y = 100 + 20 * X[:, :1]
    result = run("2-1", (X, Y), validation=0.25, standardise=True, epochs=200)
    assert np.allclose(result.X.mean(axis=0), 0) and np.allclose(result.X.std(axis=0), 1)
    assert np.allclose(result.Y.mean(), 0) and np.allclose(result.Y.std(), 1)
    assert not np.allclose(result.held_out[0].mean(axis=0), 0, atol=1e-3)
    assert result.validation_r2 > 0.99
    assert np.allclose(result.predict(X), Y, atol=1)
    column = Scaling.fitted(np.array([[2.0], [2.0]]), Y, targets=False)
    assert column.inputs(np.array([[3.0]])).tolist() == [[1.0]]
