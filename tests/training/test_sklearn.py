"""The estimators keep to everything that scikit-learn asks of an estimator, and train derived kernels."""

from __future__ import annotations

import pickle
import sys
from importlib import import_module

import numpy as np
import pytest

from symbackprop.kernels import compile_kernels
from symbackprop.network import Network
from symbackprop.training.data import circles, datasets

WHY = "scikit-learn, of the extra 'sklearn', is not installed"


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    monkeypatch.delitem(sys.modules, "symbackprop.sklearn", raising=False)
    with pytest.raises(ImportError, match=r"symbackprop.sklearn needs scikit-learn; .*symbackprop\[sklearn\]"):
        import_module("symbackprop.sklearn")


@pytest.fixture
def estimators():
    pytest.importorskip("sklearn", reason=WHY)
    return import_module("symbackprop.sklearn")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_whole_of_check_estimator(estimators, name):
    from sklearn.utils.estimator_checks import check_estimator  # noqa: PLC0415

    done = check_estimator(getattr(estimators, name)(), on_fail=None, on_skip=None)
    passed = [check["check_name"] for check in done if check["status"] == "passed"]
    failed = [
        (check["check_name"], check["exception"]) for check in done if check["status"] not in {"passed", "skipped"}
    ]
    assert failed == []
    assert len(passed) > 45
    # What is left out needs what is not there; with pandas and SCIPY_ARRAY_API=1 nothing is.
    left_out = [str(check["exception"]) for check in done if check["status"] == "skipped"]
    assert all("pandas is not installed" in reason or "SCIPY_ARRAY_API is not set" in reason for reason in left_out)


def test_its_gradients_are_derived(estimators):
    """One step of gradient descent over all samples is that of the kernel's own gradient."""
    table = circles()
    chosen = {"optimizer": "sgd", "learning_rate": 0.5, "max_iter": 1, "batch_size": 200, "random_state": 3}
    fitted = estimators.MLPClassifier((4,), "tanh", **chosen).fit(table.X, table.Y.ravel())
    kernels = compile_kernels(Network.from_spec("2-4-1", "tanh,sigmoid", "binary_cross_entropy"))
    start = kernels.init(int(np.random.RandomState(3).randint(2**31 - 1)))
    _, gradients = kernels.gradients(start, table.X, table.Y)
    for label, value in fitted.parameters_.items():
        assert np.allclose(value, start[label] - 0.5 * gradients[label], rtol=1e-12)


@pytest.mark.parametrize(("name", "wanted"), [("iris", 0.93), ("wine", 0.95), ("digits", 0.94)])
def test_cross_validation(estimators, name, wanted):
    from sklearn.model_selection import cross_val_score  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    table = datasets[name]()
    network = estimators.MLPClassifier((32,), random_state=0, learning_rate=0.01, max_iter=40)
    assert cross_val_score(make_pipeline(StandardScaler(), network), table.X, table.Y.ravel(), cv=3).mean() >= wanted


def test_labels_may_be_words(estimators):
    table = circles()
    words = np.array(["inside", "outside"])[(table.Y.ravel() == 0).astype(int)]
    fitted = estimators.MLPClassifier((8,), random_state=0, learning_rate=0.05).fit(table.X, words)
    assert fitted.classes_.tolist() == ["inside", "outside"]
    assert fitted.score(table.X, words) > 0.98
    assert np.allclose(fitted.predict_proba(table.X).sum(axis=1), 1)


def test_early_stopping_and_pickling(estimators):
    table = circles()
    fitted = estimators.MLPClassifier((8,), random_state=0, early_stopping=True, learning_rate=0.05, max_iter=2000)
    fitted.fit(table.X, table.Y.ravel())
    held = [epoch.validation_loss for epoch in fitted.history_]
    assert fitted.n_iter_ == len(held) < 2000
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own
    assert np.array_equal(again.predict_proba(table.X), fitted.predict_proba(table.X))


def test_several_targets_and_float32(estimators):
    X = np.linspace(-2, 2, 60)[:, None]
    Y = np.hstack([np.sin(X), np.cos(X)])
    fitted = estimators.MLPRegressor((16,), "tanh", random_state=0, learning_rate=0.02, max_iter=400, dtype="float32")
    assert fitted.fit(X, Y).score(X, Y) > 0.98
    assert fitted.predict(X).shape == (60, 2)
    assert {value.dtype.name for value in fitted.parameters_.values()} == {"float32"}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"activation": "tahn"}, "no activation named 'tahn'; known: .*tanh"),
        ({"optimizer": "adaam"}, "no optimizer named 'adaam'"),
        ({"learning_rate": "adaptive"}, "the learning rate is a positive number, not 'adaptive'"),
        ({"hidden_layer_sizes": "8"}, "an entry of hidden_layer_sizes is a whole number from 1, not '8'"),
        ({"hidden_layer_sizes": (4, 0)}, "an entry of hidden_layer_sizes is a whole number from 1, not 0"),
        ({"max_iter": 0}, "epochs is a whole number from 1, not 0"),
        ({"tol": None}, "min_delta is a number from 0, not None"),
        ({"early_stopping": True, "validation_fraction": "x"}, "validation_fraction is a positive number, not 'x'"),
        ({"early_stopping": True, "validation_fraction": 0.01}, "of 6 samples cannot be held out"),
        ({"dtype": "float16"}, "float16"),
    ],
)
def test_a_wrong_setting_is_an_error_of_the_kind_that_scikit_learn_asks_for(estimators, setting, message):
    X, y = np.arange(12.0).reshape(6, 2), [0, 1, 0, 1, 0, 1]
    for name in ("MLPClassifier", "MLPRegressor"):
        with pytest.raises(ValueError, match=message):
            getattr(estimators, name)(**setting).fit(X, y)


def test_a_search_over_numbers_of_numpy(estimators):
    from sklearn.model_selection import GridSearchCV  # noqa: PLC0415

    table, grid = circles(), {"batch_size": np.array([20, 50]), "hidden_layer_sizes": [(np.int64(4),), 8]}
    network = estimators.MLPClassifier(max_iter=3, random_state=0)
    search = GridSearchCV(network, grid, cv=2, error_score="raise").fit(table.X, table.Y.ravel())
    assert search.best_params_["batch_size"] in (20, 50)


def test_one_class_is_no_task(estimators):
    with pytest.raises(ValueError, match="y has one class: 1"):
        estimators.MLPClassifier().fit(np.zeros((3, 1)), [1, 1, 1])
