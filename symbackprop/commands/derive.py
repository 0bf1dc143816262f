"""``symbackprop derive``: the gradients of a network, of any layer l, or the derivative of an activation."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from symbackprop.activations import activations
from symbackprop.commands.output import deliver
from symbackprop.derivation import derive, general_step
from symbackprop.errors import InvalidSpec
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.rendering import render

DEFAULT_ACTIVATION = "sigmoid"
DEFAULT_LOSS = "half_squared_error"


def execute(options: Namespace) -> int:
    """Print or write the derivation; always exit code 0."""
    if options.general:
        function = activations[options.activation] if options.activation else None
        subject = general_step(function, losses[options.loss or DEFAULT_LOSS], batch=options.batch)
        text = render(subject, options.notation, options.to, options.form, options.detail)
    elif options.spec:
        subject = derive(network(options.spec, options.activation, options.loss, options.batch))
        text = render(subject, options.notation, options.to, options.form, options.detail)
    elif options.activation:
        text = render(activations[options.activation], options.notation, options.to)
    else:
        raise InvalidSpec("say what to derive: a network such as 3-4-2, --general, or --activation NAME")
    deliver(text if text.endswith("\n") else text + "\n", options.output)
    return 0


def network(spec: str, activation: str | None, loss: str | None, batch: str | None = None) -> Network:
    """The network of a spec such as ``3-4-2`` or of a TOML file, which says its activations and loss itself."""
    if not spec.lower().endswith(".toml"):
        return Network.from_spec(spec, activation or DEFAULT_ACTIVATION, loss or DEFAULT_LOSS, batch)
    if activation or loss or batch:
        raise InvalidSpec(f"{spec} declares its activations, loss and batch itself; leave those options out")
    return Network.from_toml(Path(spec))
