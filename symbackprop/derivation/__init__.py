"""From a model to every gradient: steps and answers out of one engine, in index form and in matrix form."""

from symbackprop.derivation.backprop import derive
from symbackprop.derivation.general import general_step, layer_step
from symbackprop.derivation.matrix_form import matrix_equations, matrix_form, matrix_steps
from symbackprop.derivation.step import Derivation, NotDerived, Step
from symbackprop.derivation.well_formed import check_derivation, check_model

__all__ = [
    "Derivation",
    "NotDerived",
    "Step",
    "check_derivation",
    "check_model",
    "derive",
    "general_step",
    "layer_step",
    "matrix_equations",
    "matrix_form",
    "matrix_steps",
]
