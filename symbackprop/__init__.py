"""Backpropagation derived, printed, judged and compiled: the public names, in pipeline order.

Importing the package imports nothing heavy; each name is loaded when it is first used.

>>> from symbackprop import Dense, Network, derive, tanh
>>> len(derive(Network(3, Dense(2, tanh))).results)
5
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symbackprop.activations import celu as celu
    from symbackprop.activations import elu as elu
    from symbackprop.activations import gaussian as gaussian
    from symbackprop.activations import gelu as gelu
    from symbackprop.activations import gelu_tanh as gelu_tanh
    from symbackprop.activations import hard_sigmoid as hard_sigmoid
    from symbackprop.activations import hard_swish as hard_swish
    from symbackprop.activations import hard_tanh as hard_tanh
    from symbackprop.activations import identity as identity
    from symbackprop.activations import leaky_relu as leaky_relu
    from symbackprop.activations import log_sigmoid as log_sigmoid
    from symbackprop.activations import log_softmax as log_softmax
    from symbackprop.activations import mish as mish
    from symbackprop.activations import prelu as prelu
    from symbackprop.activations import relu as relu
    from symbackprop.activations import relu6 as relu6
    from symbackprop.activations import rrelu as rrelu
    from symbackprop.activations import selu as selu
    from symbackprop.activations import sigmoid as sigmoid
    from symbackprop.activations import silu as silu
    from symbackprop.activations import sine as sine
    from symbackprop.activations import softmax as softmax
    from symbackprop.activations import softplus as softplus
    from symbackprop.activations import softsign as softsign
    from symbackprop.activations import step as step
    from symbackprop.activations import swish as swish
    from symbackprop.activations import tanh as tanh
    from symbackprop.activations import unknown as unknown
    from symbackprop.derivation import critical_point as critical_point
    from symbackprop.derivation import definiteness as definiteness
    from symbackprop.derivation import derive as derive
    from symbackprop.derivation import gain_argument as gain_argument
    from symbackprop.derivation import gauss_newton as gauss_newton
    from symbackprop.derivation import general_step as general_step
    from symbackprop.derivation import gradient_bound as gradient_bound
    from symbackprop.derivation import hessian as hessian
    from symbackprop.derivation import hessian_vector_product as hessian_vector_product
    from symbackprop.derivation import layer_step as layer_step
    from symbackprop.derivation import linear_recurrence as linear_recurrence
    from symbackprop.derivation import propagation_argument as propagation_argument
    from symbackprop.derivation import truncated as truncated
    from symbackprop.initializers import he as he
    from symbackprop.initializers import he_backward as he_backward
    from symbackprop.initializers import he_uniform as he_uniform
    from symbackprop.initializers import lecun as lecun
    from symbackprop.initializers import lecun_uniform as lecun_uniform
    from symbackprop.initializers import uniform_fan_in as uniform_fan_in
    from symbackprop.initializers import xavier as xavier
    from symbackprop.initializers import xavier_backward as xavier_backward
    from symbackprop.initializers import xavier_uniform as xavier_uniform
    from symbackprop.initializers import zeros as zeros
    from symbackprop.kernels import compile_kernels as compile_kernels
    from symbackprop.kernels import lambdify_elementwise as lambdify_elementwise
    from symbackprop.layers import GRU as GRU
    from symbackprop.layers import LSTM as LSTM
    from symbackprop.layers import Attention as Attention
    from symbackprop.layers import AveragePool as AveragePool
    from symbackprop.layers import BatchNorm as BatchNorm
    from symbackprop.layers import Bias as Bias
    from symbackprop.layers import Conv1d as Conv1d
    from symbackprop.layers import Conv2d as Conv2d
    from symbackprop.layers import Dense as Dense
    from symbackprop.layers import Dropout as Dropout
    from symbackprop.layers import Embedding as Embedding
    from symbackprop.layers import Flatten as Flatten
    from symbackprop.layers import Gated as Gated
    from symbackprop.layers import GraphConvolution as GraphConvolution
    from symbackprop.layers import GroupNorm as GroupNorm
    from symbackprop.layers import LayerNorm as LayerNorm
    from symbackprop.layers import Maxout as Maxout
    from symbackprop.layers import MaxPool as MaxPool
    from symbackprop.layers import Readout as Readout
    from symbackprop.layers import Recurrent as Recurrent
    from symbackprop.layers import Residual as Residual
    from symbackprop.layers import RMSNorm as RMSNorm
    from symbackprop.layers import Scale as Scale
    from symbackprop.layers import Stack as Stack
    from symbackprop.layers import transformer_block as transformer_block
    from symbackprop.losses import absolute_error as absolute_error
    from symbackprop.losses import binary_cross_entropy as binary_cross_entropy
    from symbackprop.losses import binary_cross_entropy_from_logits as binary_cross_entropy_from_logits
    from symbackprop.losses import cosine as cosine
    from symbackprop.losses import cross_entropy as cross_entropy
    from symbackprop.losses import cross_entropy_from_logits as cross_entropy_from_logits
    from symbackprop.losses import elastic_net as elastic_net
    from symbackprop.losses import focal as focal
    from symbackprop.losses import half_squared_error as half_squared_error
    from symbackprop.losses import hinge as hinge
    from symbackprop.losses import huber as huber
    from symbackprop.losses import kl_divergence as kl_divergence
    from symbackprop.losses import l1 as l1
    from symbackprop.losses import l2 as l2
    from symbackprop.losses import log_cosh as log_cosh
    from symbackprop.losses import mean_squared_error as mean_squared_error
    from symbackprop.losses import negative_log_likelihood as negative_log_likelihood
    from symbackprop.losses import penalised as penalised
    from symbackprop.losses import poisson as poisson
    from symbackprop.losses import quadratic_cost as quadratic_cost
    from symbackprop.losses import smoothed as smoothed
    from symbackprop.losses import squared_error as squared_error
    from symbackprop.network import Network as Network
    from symbackprop.optimizers import adagrad as adagrad
    from symbackprop.optimizers import adam as adam
    from symbackprop.optimizers import adamw as adamw
    from symbackprop.optimizers import clipped_sgd as clipped_sgd
    from symbackprop.optimizers import clipped_sgd_by_value as clipped_sgd_by_value
    from symbackprop.optimizers import momentum as momentum
    from symbackprop.optimizers import nesterov as nesterov
    from symbackprop.optimizers import rmsprop as rmsprop
    from symbackprop.optimizers import sgd as sgd
    from symbackprop.rendering import render as render
    from symbackprop.training import train as train
    from symbackprop.verification.api import verify as verify

__version__ = "0.1.0"

_PUBLIC = {
    "network": "Network",
    "layers": (
        "Dense Readout Flatten Scale Bias Conv1d Conv2d AveragePool MaxPool BatchNorm LayerNorm GroupNorm RMSNorm "
        "Dropout Embedding Recurrent LSTM GRU Attention transformer_block Gated Maxout GraphConvolution Residual Stack"
    ),
    "activations": (
        "identity sigmoid tanh relu leaky_relu prelu elu softplus swish silu gelu gelu_tanh softmax unknown "
        "celu selu rrelu relu6 hard_sigmoid hard_swish hard_tanh step mish log_sigmoid gaussian sine softsign "
        "log_softmax"
    ),
    "losses": (
        "squared_error half_squared_error quadratic_cost binary_cross_entropy cross_entropy "
        "binary_cross_entropy_from_logits cross_entropy_from_logits negative_log_likelihood kl_divergence "
        "focal hinge poisson cosine absolute_error huber log_cosh mean_squared_error l1 l2 elastic_net "
        "penalised smoothed"
    ),
    "initializers": (
        "xavier xavier_uniform he lecun zeros xavier_backward he_uniform he_backward lecun_uniform uniform_fan_in"
    ),
    "optimizers": "sgd momentum adam adagrad rmsprop adamw nesterov clipped_sgd clipped_sgd_by_value",
    "derivation": (
        "derive general_step layer_step hessian gauss_newton hessian_vector_product definiteness gradient_bound "
        "gain_argument propagation_argument truncated critical_point linear_recurrence"
    ),
    "rendering": "render",
    "kernels": "compile_kernels lambdify_elementwise",
    "training": "train",
    "verification.api": "verify",
}
_HOMES = {name: f"symbackprop.{room}" for room, names in _PUBLIC.items() for name in names.split()}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  (a list of names, put together)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    if name == "derive":
        # A derivation shows itself in a notebook; the rendering stage says how.
        import_module("symbackprop.rendering")
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
