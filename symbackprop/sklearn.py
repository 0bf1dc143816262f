"""Estimators of scikit-learn that train derived kernels: for pipelines, grid searches and cross-validation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np

from symbackprop.activations import activations
from symbackprop.errors import InvalidSpec, ShapeMismatch, UnknownName
from symbackprop.kernels import Kernels, compile_kernels
from symbackprop.layers import Dense
from symbackprop.losses import losses, read_penalty
from symbackprop.network import Network
from symbackprop.training import EarlyStopping, Result, train
from symbackprop.training.classes import one_hot
from symbackprop.training.numbers import real, whole

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
except ImportError:
    raise ImportError(
        "symbackprop.sklearn needs scikit-learn; install it with: pip install 'symbackprop[sklearn]'"
    ) from None

Precision = Literal["float32", "float64"]


@lru_cache(maxsize=64)
def _compiled(
    widths: tuple[int, ...], activation: str, output: str, loss: str, penalty: str | None, dtype: Precision
) -> Kernels:
    """Kernels for a dense network; many fits of a search share them."""
    hidden = [Dense(width, activations[activation]) for width in widths[1:-1]]
    layers = [*hidden, Dense(widths[-1], activations[output])]
    strength = None if penalty is None else read_penalty(penalty)
    return compile_kernels(Network(widths[0], *layers, loss=losses[loss], penalty=strength), dtype=dtype)


class _MLP(BaseEstimator):
    """What the two estimators share."""

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] = (100,),
        activation: str = "relu",
        *,
        optimizer: str = "adam",
        learning_rate: float | None = None,
        schedule: str = "constant",
        penalty: str | None = None,
        batch_size: int = 50,
        max_iter: int = 200,
        random_state: Any = None,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        dtype: Precision = "float64",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.penalty = penalty
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.dtype = dtype

    def _train(self, X: Any, Y: Any, output: str, loss: str) -> None:
        """Fit to targets of shape (samples, outputs)."""
        hidden = np.atleast_1d(self.hidden_layer_sizes).tolist()
        try:
            widths = (X.shape[1], *(whole("an entry of hidden_layer_sizes", width, 1) for width in hidden), Y.shape[1])
            self._network = widths, self.activation, output, loss, self.penalty, self.dtype
            result = self._trained(X, Y)
        except (InvalidSpec, ShapeMismatch, UnknownName) as error:
            # Scikit-learn asks for this kind, and its own errors of this kind are caught by whoever uses it.
            raise ValueError(f"{type(self).__name__}: {error}") from error
        self.parameters_ = result.parameters
        self.history_ = result.history
        self.n_iter_ = len(result.history)
        self.loss_curve_ = [epoch.loss for epoch in result.history]
        self.loss_ = result.loss

    def _trained(self, X: Any, Y: Any) -> Result:
        share = real("validation_fraction", self.validation_fraction, positive=True) if self.early_stopping else None
        return train(
            self._kernels(),
            (X, Y),
            self.optimizer,
            self.learning_rate,
            self.max_iter,
            self.batch_size,
            int(check_random_state(self.random_state).randint(2**31 - 1)),
            schedule=self.schedule,
            validation=share,
            early_stopping=EarlyStopping(self.n_iter_no_change, self.tol, restore_best=self.early_stopping),
            quiet=True,
        )

    def _kernels(self) -> Kernels:
        # What is compiled cannot be pickled, so the estimator keeps what to compile.
        return _compiled(*self._network)

    def _output(self, X: Any) -> Any:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=self.dtype, reset=False)
        return self._kernels().forward(self.parameters_, X)


class MLPClassifier(ClassifierMixin, _MLP):
    """A classifier: dense layers, and a sigmoid (two classes) or a softmax (more) on top of them.

    ``optimizer``, ``activation``, ``schedule`` and ``penalty`` (``"l2=1/1000"``) are those of ``symbackprop run``;
    ``learning_rate`` left out is the optimizer's own. Training ends after ``n_iter_no_change`` epochs that do not lower
    the loss by ``tol``: the loss of the training data, or with ``early_stopping`` that of ``validation_fraction`` of
    them, and then with the best parameters. After fitting, ``parameters_`` holds the arrays by label and ``history_``
    one :class:`~symbackprop.training.Epoch` each.

    >>> from symbackprop.training.data import moons
    >>> table = moons()
    >>> MLPClassifier((16,), random_state=0, learning_rate=0.02).fit(table.X, table.Y.ravel()).score(table.X, table.Y)
    1.0
    """

    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Train on X (samples, features) and one label a sample; returns the estimator."""
        X, y = validate_data(self, X, y, dtype=self.dtype)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"a classifier needs samples of two classes, and y has one class: {self.classes_[0]}")
        if len(self.classes_) == 2:
            self._train(X, numbers[:, None].astype(self.dtype), "sigmoid", "binary_cross_entropy")
        else:
            self._train(X, one_hot(numbers, len(self.classes_)), "softmax", "cross_entropy")
        return self

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, (samples, classes), in the order of ``classes_``."""
        output = self._output(X)
        return output if output.shape[1] > 1 else np.hstack([1 - output, output])

    def predict(self, X: Any) -> Any:
        """The likeliest label of each sample."""
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class MLPRegressor(RegressorMixin, _MLP):
    """A regressor: dense layers, a linear output and the quadratic cost; see :class:`MLPClassifier` for the settings.

    >>> from symbackprop.training.data import sine
    >>> table = sine()
    >>> regressor = MLPRegressor((16,), "tanh", random_state=0, learning_rate=0.02, max_iter=500)
    >>> regressor.fit(table.X, table.Y.ravel()).score(table.X, table.Y) > 0.98
    True
    """

    def fit(self, X: Any, y: Any) -> MLPRegressor:
        """Train on X (samples, features) and y (samples,) or (samples, targets); returns the estimator."""
        X, y = validate_data(self, X, y, dtype=self.dtype, multi_output=True, y_numeric=True)
        Y = np.asarray(y, self.dtype)
        self._one_column = Y.ndim == 1
        self._train(X, Y.reshape(len(Y), -1), "identity", "quadratic_cost")
        return self

    def predict(self, X: Any) -> Any:
        """The output for each sample, in the shape of the targets."""
        output = self._output(X)
        return output.ravel() if self._one_column else output

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
