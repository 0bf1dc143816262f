"""Training: data, gradient descent with derived kernels, and their check against backprop written by hand."""

from symbackprop.training.cross_check import CrossCheck, cross_check
from symbackprop.training.data import datasets, read_csv
from symbackprop.training.loop import Epoch, Result, train
from symbackprop.training.runs import run

__all__ = ["CrossCheck", "Epoch", "Result", "cross_check", "datasets", "read_csv", "run", "train"]
