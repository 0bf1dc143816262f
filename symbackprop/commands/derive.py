"""``symbackprop derive``: the gradients of a network or any layer, an activation, an initializer, an optimizer."""

from __future__ import annotations

from argparse import Namespace
from fractions import Fraction
from pathlib import Path

from symbackprop.activations import Activation, activations
from symbackprop.commands.matrices import read_matrix, read_values
from symbackprop.commands.output import deliver
from symbackprop.derivation import Derivation, derive, general_step, layer_step
from symbackprop.derivation.argument import Argument
from symbackprop.derivation.bounds import gradient_bound
from symbackprop.derivation.critical_points import critical_point
from symbackprop.derivation.definiteness import definiteness_argument
from symbackprop.derivation.linear_recurrence import TAKEN, linear_recurrence
from symbackprop.derivation.propagation import gain_argument, propagation_argument
from symbackprop.derivation.second_order import gauss_newton, hessian, hessian_vector_product
from symbackprop.derivation.truncation import truncated
from symbackprop.derivation.updates import update_argument
from symbackprop.derivation.variance import initializer_argument
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import initializers
from symbackprop.layers import layers
from symbackprop.losses import losses, read_penalty
from symbackprop.network import Network
from symbackprop.optimizers import optimizers
from symbackprop.quantities import Role
from symbackprop.rendering import render

DEFAULT_ACTIVATION = "sigmoid"
DEFAULT_LOSS = "half_squared_error"
_SUBJECTS = (
    "a network such as 3-4-2, --general, --activation NAME, --layer NAME, --initializer NAME, --optimizer NAME, "
    "--recurrence [MATRIX] or --definiteness MATRIX"
)


def execute(options: Namespace) -> int:
    """Print or write the derivation; always exit code 0."""
    if options.accuracy:
        return _measure(options)
    found = _subject(options)
    if options.cost and not isinstance(found, Derivation):
        raise InvalidSpec("--cost counts what a network, --general or --layer NAME computes; say one of them")
    if options.second_order:
        found = _second_order(found, options)
    elif options.of or options.by:
        raise InvalidSpec("--of and --by say what a --second-order derivative is taken of and by")
    if options.truncated:
        found = _truncated(found)
    text = render(found, options.notation, options.to, options.form, options.detail, options.cost)
    deliver(text if text.endswith("\n") else text + "\n", options.output)
    return 0


def _measure(options: Namespace) -> int:
    from symbackprop.commands.accuracy import accuracy_report  # NumPy and the kernels

    if any((options.spec, options.general, options.layer, options.initializer, options.optimizer, options.depth)):
        raise InvalidSpec("--accuracy measures an --activation, or a --loss with its outputs")
    deliver(accuracy_report(options.activation, options.loss), options.output)
    return 0


def _check_one(options: Namespace) -> None:
    """Exactly one thing is asked for."""
    of_matrix = (options.recurrence is not None, options.definiteness is not None)
    of_network = options.general or options.spec or options.activation
    if sum(map(bool, (options.initializer, options.optimizer, options.layer, of_network, *of_matrix))) > 1:
        raise InvalidSpec(f"say one thing to derive: {_SUBJECTS}")
    if options.critical_point is not None and not options.spec:
        raise InvalidSpec("--critical-point is one of a network whose widths are 1, such as 1-1-1")
    if options.positive and not any((*of_matrix, options.critical_point)):
        raise InvalidSpec("--positive says which letters of a matrix or of a --critical-point are positive")


def _of_numbers(options: Namespace) -> Argument | None:
    """What is derived of a matrix or of values that were typed."""
    positive = [name.strip() for name in options.positive.split(",")]
    if options.recurrence is not None:
        return linear_recurrence(read_matrix(options.recurrence, positive, TAKEN) if options.recurrence else None)
    if options.definiteness is not None:
        return definiteness_argument(read_matrix(options.definiteness, positive))
    if options.critical_point is not None:
        found = network(options.spec, options.activation, options.loss, options.batch, options.penalty)
        return critical_point(found, read_values(options.critical_point, positive))
    return None


def _subject(options: Namespace) -> Derivation | Activation | Argument:
    """What is derived."""
    _check_one(options)
    if (typed := _of_numbers(options)) is not None:
        return typed
    if options.layer:
        sample = layers[options.layer]
        return layer_step(sample.layer, *sample.shape, batch=sample.batch or options.batch)
    if options.initializer:
        return initializer_argument(initializers[options.initializer])
    if options.optimizer:
        return update_argument(optimizers[options.optimizer])
    if options.depth:
        return _depth(options)
    if options.general:
        function = activations[options.activation] if options.activation else None
        return general_step(function, losses[options.loss or DEFAULT_LOSS], batch=options.batch)
    if options.spec:
        return derive(network(options.spec, options.activation, options.loss, options.batch, options.penalty))
    if options.activation:
        return activations[options.activation]
    raise InvalidSpec(f"say what to derive: {_SUBJECTS}")


def _depth(options: Namespace) -> Argument:
    """What many layers of one activation do: its gain, a bound on gradients, or the propagation of variances."""
    if options.general or options.spec or not options.activation:
        raise InvalidSpec("--depth is about one activation; name it with --activation")
    activation = activations[options.activation]
    if options.depth == "propagation":
        return propagation_argument(activation, exact(options.weight_variance), exact(options.bias_variance))
    return gain_argument(activation) if options.depth == "gain" else gradient_bound(activation)


def exact(text: str) -> Fraction:
    """A number such as ``9/4`` or ``0.05``, exactly.

    >>> exact("0.05")
    Fraction(1, 20)
    """
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InvalidSpec(f"{text!r} is not a number such as 9/4 or 0.05") from None


def _second_order(found: Derivation | Activation | Argument, options: Namespace) -> Argument:
    """The second derivatives that are asked for; of the last pre-activation, or the input, where nothing is said."""
    if not isinstance(found, Derivation):
        raise InvalidSpec("--second-order differentiates what a network, --general or --layer NAME derives")
    if options.second_order == "product":
        return hessian_vector_product(found)
    computed = [e.quantity.label for e in found.model.equations if e.quantity.role is Role.PREACTIVATION]
    inputs = [q.label for q in found.model.inputs if q.role is Role.INPUT]
    of = options.of or (computed or inputs or [""])[-1]
    return (hessian if options.second_order == "hessian" else gauss_newton)(found, of, options.by)


def _truncated(found: Derivation | Activation | Argument) -> Argument:
    if not isinstance(found, Derivation):
        raise InvalidSpec("--truncated cuts the recursion of a recurrent --layer; it goes without --second-order")
    return truncated(found)


def network(
    spec: str, activation: str | None, loss: str | None, batch: str | None = None, penalty: str | None = None
) -> Network:
    """The network of a spec such as ``3-4-2`` or of a TOML file, which says its activations and loss itself."""
    if not spec.lower().endswith(".toml"):
        kept = None if penalty is None else read_penalty(penalty)
        return Network.from_spec(spec, activation or DEFAULT_ACTIVATION, loss or DEFAULT_LOSS, batch, kept)
    if activation or loss or batch or penalty:
        raise InvalidSpec(f"{spec} declares its activations, loss, batch and penalty itself; leave those options out")
    return Network.from_toml(Path(spec))
