"""Layers: forward equations in index form; a layer is one small file, one registration and one export."""

from symbackprop.layers.base import Layer, LayerEquations, Sample, layers
from symbackprop.layers.dense import Dense
from symbackprop.layers.norms import BatchNorm, LayerNorm, RMSNorm
from symbackprop.layers.recurrent import GRU, LSTM, Recurrent

__all__ = [
    "GRU",
    "LSTM",
    "BatchNorm",
    "Dense",
    "Layer",
    "LayerEquations",
    "LayerNorm",
    "RMSNorm",
    "Recurrent",
    "Sample",
    "layers",
]
