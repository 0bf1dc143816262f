"""Data sets are seeded and have the shapes they state; a bad CSV file is an error with its place."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.training.data import datasets, fitted, load, read_csv


@pytest.mark.parametrize("name", datasets)
def test_each_data_set_is_a_pair_drawn_from_its_seed(name):
    X, Y = datasets[name](3)
    assert X.ndim == Y.ndim == 2
    assert len(X) == len(Y)
    again = datasets[name](3)
    assert np.array_equal(X, again[0])
    assert np.array_equal(Y, again[1])
    assert name == "xor" or not np.array_equal(X, datasets[name](4)[0])


@pytest.mark.parametrize("name", ["xor", "spirals", "moons", "circles"])
def test_classes_are_balanced(name):
    assert datasets[name](0)[1].mean() == 0.5


def test_a_csv_file(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("height,width,kind\n1,2,0\n\n3.5,-4e1,2\n", encoding="utf-8")
    X, Y = read_csv(path)
    assert X.tolist() == [[1, 2], [3.5, -40]]
    assert Y.tolist() == [[0], [2]]
    assert load(str(path), n_in=1)[1].shape == (2, 2)
    assert fitted((X, Y), 2, 3)[1].tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line with numbers"),
        ("a,b\n", "no line with numbers"),
        ("1,2\n3\n", "data.csv:2: 1 columns where the first line of numbers has 2"),
        ("1,2\n3,x\n", "data.csv:2: column 2 is 'x', expected a finite number"),
        ("1,2\n3,nan\n", "data.csv:2: column 2 is 'nan', expected a finite number"),
        ("1\n2\n", "1 columns, expected 1 inputs and then at least one target"),
    ],
)
def test_a_bad_csv_file_is_an_error_with_its_place(tmp_path, text, message):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSpec, match=message):
        read_csv(path)


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(InvalidSpec, match="cannot read"):
        read_csv(tmp_path / "missing.csv")
    with pytest.raises(UnknownName, match="no data set named 'xorr'; known: circles, moons"):
        load("xorr")
    with pytest.raises(InvalidSpec, match="a pair"):
        load((["one"], [[1]]))
    with pytest.raises(InvalidSpec, match=r"the shapes are \(3,\) and \(2, 1\)"):
        load(([1, 2, 3], [[1], [2]]))
    with pytest.raises(InvalidSpec, match="the data have 2 inputs, the network has 3"):
        fitted(load("xor"), 3, 1)
    with pytest.raises(InvalidSpec, match="not of class numbers 0 to 1 for 2 outputs"):
        fitted((np.ones((2, 2)), np.array([[0.0], [2.0]])), 2, 2)
