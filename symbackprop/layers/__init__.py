"""Layers: forward equations in index form; a layer is one small file and one export."""

from symbackprop.layers.base import Layer, LayerEquations
from symbackprop.layers.dense import Dense

__all__ = ["Dense", "Layer", "LayerEquations"]
