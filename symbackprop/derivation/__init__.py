"""From a model to every gradient: steps and answers out of one engine, in index form and in matrix form."""

from symbackprop.derivation.backprop import derive
from symbackprop.derivation.step import Derivation, NotDerived, Step

__all__ = ["Derivation", "NotDerived", "Step", "derive"]
