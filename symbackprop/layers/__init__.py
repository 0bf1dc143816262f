"""Layers: forward equations in index form; a layer is one small file, one registration and one export."""

from symbackprop.layers.attention import Attention, transformer_block
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers
from symbackprop.layers.convolution import Conv1d, Conv2d
from symbackprop.layers.dense import Dense, Readout
from symbackprop.layers.dropout import Dropout
from symbackprop.layers.embedding import Embedding
from symbackprop.layers.gating import Gated, Maxout
from symbackprop.layers.graphs import GraphConvolution
from symbackprop.layers.group_norm import GroupNorm
from symbackprop.layers.norms import BatchNorm, LayerNorm, RMSNorm
from symbackprop.layers.pooling import AveragePool, MaxPool
from symbackprop.layers.recurrent import GRU, LSTM, Recurrent
from symbackprop.layers.reshaping import Flatten
from symbackprop.layers.scaling import Bias, Scale
from symbackprop.layers.stacking import Residual, Stack

__all__ = [
    "GRU",
    "LSTM",
    "Attention",
    "AveragePool",
    "BatchNorm",
    "Bias",
    "Conv1d",
    "Conv2d",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Gated",
    "GraphConvolution",
    "GroupNorm",
    "Layer",
    "LayerEquations",
    "LayerNorm",
    "MaxPool",
    "Maxout",
    "RMSNorm",
    "Readout",
    "Recurrent",
    "Residual",
    "CatalogueEntry",
    "Scale",
    "Stack",
    "layers",
    "transformer_block",
]
