"""``symbackprop derive``: the gradients of a network, of any layer l, or the derivative of an activation."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sympy import Symbol, latex, sqrt

from symbackprop.activations import activations
from symbackprop.commands.output import deliver
from symbackprop.derivation import derive, general_step, layer_step
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import Initializer, initializers
from symbackprop.layers import layers
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.rendering import render

DEFAULT_ACTIVATION = "sigmoid"
DEFAULT_LOSS = "half_squared_error"


def execute(options: Namespace) -> int:
    """Print or write the derivation; always exit code 0."""
    asked = [options.initializer, options.layer, options.general or options.spec or options.activation]
    if sum(map(bool, asked)) > 1:
        raise InvalidSpec(
            "say one thing to derive: a network, --general, --activation NAME, --layer NAME or --initializer NAME"
        )
    if options.layer:
        sample = layers[options.layer]
        subject = layer_step(sample.layer, *sample.shape, batch=sample.batch or options.batch)
        text = render(subject, options.notation, options.to, options.form, options.detail)
    elif options.initializer:
        text = variance_equation(initializers[options.initializer], options.to)
    elif options.general:
        function = activations[options.activation] if options.activation else None
        subject = general_step(function, losses[options.loss or DEFAULT_LOSS], batch=options.batch)
        text = render(subject, options.notation, options.to, options.form, options.detail)
    elif options.spec:
        subject = derive(network(options.spec, options.activation, options.loss, options.batch))
        text = render(subject, options.notation, options.to, options.form, options.detail)
    elif options.activation:
        text = render(activations[options.activation], options.notation, options.to)
    else:
        raise InvalidSpec(
            "say what to derive: a network such as 3-4-2, --general, --activation NAME, --layer NAME "
            "or --initializer NAME"
        )
    deliver(text if text.endswith("\n") else text + "\n", options.output)
    return 0


def variance_equation(initializer: Initializer, to: str) -> str:
    r"""The variance of a weight that an initializer declares, and the bound of its law where that is uniform.

    >>> print(variance_equation(initializers["he"], "latex"))
    \mathrm{Var}(w) = \frac{2}{n_{in}}
    """
    variance = initializer.variance(Symbol("n_{in}", positive=True), Symbol("n_{out}", positive=True))
    equation = rf"\mathrm{{Var}}(w) = {latex(variance)}"
    if to == "latex":
        return equation
    if to != "markdown":
        raise InvalidSpec(f"an initializer is printed as markdown or latex, not as {to}")
    law = "a normal law"
    if initializer.law == "uniform":
        law = f"a uniform law on $[-r, r]$, $r = {latex(sqrt(3 * variance))}$"
    drawn = f"The weights are independent, of mean zero, drawn from {law}." if variance else "Every weight is zero."
    return f"# {initializer.name}\n\n{drawn}\n\n$$\n{equation}\n$$\n"


def network(spec: str, activation: str | None, loss: str | None, batch: str | None = None) -> Network:
    """The network of a spec such as ``3-4-2`` or of a TOML file, which says its activations and loss itself."""
    if not spec.lower().endswith(".toml"):
        return Network.from_spec(spec, activation or DEFAULT_ACTIVATION, loss or DEFAULT_LOSS, batch)
    if activation or loss or batch:
        raise InvalidSpec(f"{spec} declares its activations, loss and batch itself; leave those options out")
    return Network.from_toml(Path(spec))
