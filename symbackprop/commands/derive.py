"""``symbackprop derive``: the gradients of a network or any layer, an activation, an initializer, an optimizer."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from symbackprop.activations import activations
from symbackprop.commands.output import deliver
from symbackprop.derivation import derive, general_step, layer_step
from symbackprop.derivation.updates import update_argument
from symbackprop.derivation.variance import initializer_argument
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import initializers
from symbackprop.layers import layers
from symbackprop.losses import losses, read_penalty
from symbackprop.network import Network
from symbackprop.optimizers import optimizers
from symbackprop.rendering import render

DEFAULT_ACTIVATION = "sigmoid"
DEFAULT_LOSS = "half_squared_error"
_SUBJECTS = (
    "a network such as 3-4-2, --general, --activation NAME, --layer NAME, --initializer NAME or --optimizer NAME"
)


def execute(options: Namespace) -> int:
    """Print or write the derivation; always exit code 0."""
    of_network = options.general or options.spec or options.activation
    if sum(map(bool, (options.initializer, options.optimizer, options.layer, of_network))) > 1:
        raise InvalidSpec(f"say one thing to derive: {_SUBJECTS}")
    if options.cost and not (options.layer or options.general or options.spec):
        raise InvalidSpec("--cost counts what a network, --general or --layer NAME computes; say one of them")
    if options.layer:
        sample = layers[options.layer]
        subject = layer_step(sample.layer, *sample.shape, batch=sample.batch or options.batch)
        text = render(subject, options.notation, options.to, options.form, options.detail, options.cost)
    elif options.initializer:
        text = render(initializer_argument(initializers[options.initializer]), options.notation, options.to)
    elif options.optimizer:
        text = render(update_argument(optimizers[options.optimizer]), options.notation, options.to)
    elif options.general:
        function = activations[options.activation] if options.activation else None
        subject = general_step(function, losses[options.loss or DEFAULT_LOSS], batch=options.batch)
        text = render(subject, options.notation, options.to, options.form, options.detail, options.cost)
    elif options.spec:
        subject = derive(network(options.spec, options.activation, options.loss, options.batch, options.penalty))
        text = render(subject, options.notation, options.to, options.form, options.detail, options.cost)
    elif options.activation:
        text = render(activations[options.activation], options.notation, options.to)
    else:
        raise InvalidSpec(f"say what to derive: {_SUBJECTS}")
    deliver(text if text.endswith("\n") else text + "\n", options.output)
    return 0


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
