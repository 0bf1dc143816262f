"""From a model to every gradient: steps and answers out of one engine, in index form and in matrix form."""

from symbackprop.derivation.backprop import derive
from symbackprop.derivation.bounds import gradient_bound
from symbackprop.derivation.critical_points import critical_point
from symbackprop.derivation.definiteness import definiteness, definiteness_argument
from symbackprop.derivation.general import general_step, layer_step
from symbackprop.derivation.linear_recurrence import linear_recurrence
from symbackprop.derivation.matrix_form import matrix_equations, matrix_form, matrix_steps
from symbackprop.derivation.propagation import gain_argument, propagation_argument
from symbackprop.derivation.second_order import gauss_newton, hessian, hessian_vector_product
from symbackprop.derivation.step import Derivation, NotDerived, Step
from symbackprop.derivation.truncation import cut, truncated
from symbackprop.derivation.well_formed import check_derivation, check_model

__all__ = [
    "Derivation",
    "NotDerived",
    "Step",
    "check_derivation",
    "check_model",
    "critical_point",
    "cut",
    "definiteness",
    "definiteness_argument",
    "derive",
    "gain_argument",
    "gauss_newton",
    "general_step",
    "gradient_bound",
    "hessian",
    "hessian_vector_product",
    "layer_step",
    "linear_recurrence",
    "matrix_equations",
    "matrix_form",
    "matrix_steps",
    "propagation_argument",
    "truncated",
]
