"""Training: data, gradient descent with derived kernels, and their check against gradients found in other ways."""

from symbackprop.training.checkpoints import Checkpoint
from symbackprop.training.cross_check import CrossCheck, cross_check
from symbackprop.training.data import datasets
from symbackprop.training.early_stopping import EarlyStopping
from symbackprop.training.history import Epoch, Result
from symbackprop.training.loop import train
from symbackprop.training.runs import run
from symbackprop.training.schedules import Constant, Cosine, Exponential, Schedule, Step, WarmUp, schedules
from symbackprop.training.tables import Table, read_csv

__all__ = [
    "Checkpoint",
    "Constant",
    "Cosine",
    "CrossCheck",
    "EarlyStopping",
    "Epoch",
    "Exponential",
    "Result",
    "Schedule",
    "Step",
    "Table",
    "WarmUp",
    "cross_check",
    "datasets",
    "read_csv",
    "run",
    "schedules",
    "train",
]
