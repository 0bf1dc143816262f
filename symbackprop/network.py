"""A network as it is declared: layers and a loss, put together into a model."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias, cast

from sympy import Expr, Integer, Sum

from symbackprop.activations import Activation, activations, identity
from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.layers import Dense, Layer, layers
from symbackprop.layers.base import LayerEquations, sample_axis, sample_index
from symbackprop.losses import Loss, Penalty, half_squared_error, losses, penalised, read_penalty
from symbackprop.model import Assumption, Equation, Model
from symbackprop.quantities import OBJECTIVE, Quantity, Role, as_index, as_size

Width: TypeAlias = int | str | Expr
Shape: TypeAlias = Width | tuple[Width, ...]


@dataclass(frozen=True, init=False)
class Network:
    """Layers on top of an input of ``n_in`` numbers, ended by a loss.

    ``n_in`` is a width, or a tuple of sizes for an input of several axes: ``(T, n)`` for a sequence, ``(channels,
    height, width)`` for an image. Sizes and the batch size are positive integers or symbols (strings become symbols);
    without ``batch`` the equations are those of one example. A size that is neither raises
    :class:`~symbackprop.errors.ShapeMismatch`. The loss is taken along the last axis of the output and summed over
    the others. A ``penalty`` on the weights, such as ``l2("1/100")``, is added to J once, however many samples there
    are.

    >>> from symbackprop.activations import sigmoid, tanh
    >>> net = Network(3, Dense(4, tanh), Dense(2, sigmoid), loss=half_squared_error)
    >>> [q.label for q in net.model.parameters]
    ['w^1', 'b^1', 'w^2', 'b^2']
    """

    shape: tuple[Expr, ...]
    layers: tuple[Layer, ...]
    loss: Loss
    batch: Expr | None
    penalty: Penalty | None

    def __init__(
        self,
        n_in: Shape,
        *layers: Layer,
        loss: Loss = half_squared_error,
        batch: Width | None = None,
        penalty: Penalty | None = None,
    ) -> None:
        if not layers:
            raise InvalidSpec("a network needs at least one layer, such as Dense(2, sigmoid)")
        for layer in layers:
            if not isinstance(layer, Layer):
                raise InvalidSpec(f"a layer is declared like Dense(2, sigmoid), not {layer!r}")
        if not isinstance(loss, Loss):
            raise InvalidSpec(f"a loss is one of symbackprop.losses, such as half_squared_error, not {loss!r}")
        if not (penalty is None or isinstance(penalty, Penalty)):
            raise InvalidSpec(f"a penalty is declared like l2('1/100'), not {penalty!r}")
        shape = n_in if isinstance(n_in, tuple) else (n_in,)
        object.__setattr__(self, "shape", tuple(map(as_size, shape)))
        object.__setattr__(self, "layers", tuple(layers))
        object.__setattr__(self, "loss", loss)
        object.__setattr__(self, "batch", None if batch is None else as_size(batch))
        object.__setattr__(self, "penalty", penalty)

    @property
    def n_in(self) -> Expr:
        """The width of the input (of its last axis)."""
        return self.shape[-1]

    @cached_property
    def model(self) -> Model:
        """The network's equations in order, ending with the loss J and its penalty."""
        batched = self.batch is not None
        role = Role.POSITION if self.layers[0].reads_positions else Role.INPUT
        x = Quantity(role, Integer(0), (*sample_axis(self.batch), *self.shape), batched)
        stated: list[LayerEquations] = []
        previous = x
        for number, layer in enumerate(self.layers, start=1):
            stated.append(layer.equations(Integer(number), previous, self.batch))
            previous = stated[-1].output
        y = Quantity(Role.TARGET, None, previous.axes, batched)
        objective, agreed = objective_equation(self.loss, previous, y, self.batch)
        functions: dict[str, Expr | None] = {}
        for part in stated:
            for name, form in part.functions.items():
                if functions.setdefault(name, form) != form:
                    raise InvalidSpec(f"two different activations are both named {name!r}; give one another name")
        model = Model(
            equations=(*(e for part in stated for e in part.equations), objective),
            inputs=(x, *(p for part in stated for p in (*part.parameters, *part.given)), y),
            objective=objective.quantity,
            functions=functions,
            assumptions=(*(a for part in stated for a in part.assumptions), *agreed),
            batch=self.batch,
            starts={label: start for part in stated for label, start in part.starts.items()},
            claims=tuple(claim for part in stated for claim in part.claims),
        )
        return model if self.penalty is None else penalised(model, self.penalty)

    def over_samples(self, batch: Width) -> Network:
        """The same network on a batch of so many samples."""
        return Network(self.shape, *self.layers, loss=self.loss, batch=batch, penalty=self.penalty)

    @classmethod
    def from_spec(
        cls,
        spec: str,
        activation: str = "sigmoid",
        loss: str = "half_squared_error",
        batch: Width | None = None,
        penalty: Penalty | None = None,
    ) -> Network:
        """A dense network from ``"3-4-2"``, one activation name for all layers or one each (``"tanh,sigmoid"``).

        >>> Network.from_spec("3-n-2", "tanh,softmax", "cross_entropy").n_in
        3
        >>> Network.from_spec("3")
        Traceback (most recent call last):
            ...
        symbackprop.errors.InvalidSpec: '3' names 1 width; give the input and each layer, such as 3-4-2
        """
        widths = [_width(word.strip(), spec) for word in spec.split("-")]
        if len(widths) < 2:
            raise InvalidSpec(f"{spec!r} names 1 width; give the input and each layer, such as 3-4-2")
        names = [name.strip() for name in activation.split(",")]
        names = names * (len(widths) - 1) if len(names) == 1 else names
        if len(names) != len(widths) - 1:
            raise InvalidSpec(
                f"{spec!r} has {len(widths) - 1} layers and {activation!r} names {len(names)} activations; "
                "give one for all or one a layer"
            )
        layers = [Dense(width, activations[name]) for width, name in zip(widths[1:], names, strict=True)]
        return cls(widths[0], *layers, loss=losses[loss], batch=batch, penalty=penalty)

    @classmethod
    def from_toml(cls, source: str | Path | Mapping[str, object]) -> Network:
        """A network from a TOML file, or from its content as a mapping.

        Keys: ``n_in`` (a list for an input of several axes), ``loss``, ``batch``, ``penalty`` (``"l2=1/100"``) and
        ``[[layers]]`` with ``width``, ``activation``, ``bias``, or with a ``kind`` of the catalogue and its fields.

        >>> net = Network.from_toml({"n_in": 3, "layers": [{"width": 2, "activation": "tanh"}]})
        >>> net.layers[0].activation.name
        'tanh'
        >>> tokens = {"kind": "embedding", "words": 10, "width": 3}
        >>> Network.from_toml({"n_in": [5], "layers": [tokens, {"kind": "readout", "width": 2}]}).layers[0]
        Embedding(words=10, width=3)
        """
        table = source if isinstance(source, Mapping) else _read_toml(Path(source))
        _only(table, {"n_in", "loss", "batch", "penalty", "layers"}, "the network")
        entries = table.get("layers")
        if "n_in" not in table or not isinstance(entries, Sequence) or isinstance(entries, str):
            raise InvalidSpec("a network file needs n_in and one [[layers]] table a layer")
        stack = [_layer(entry, number) for number, entry in enumerate(entries, start=1)]
        batch, penalty = table.get("batch"), table.get("penalty")
        return cls(
            _sizes_entry(table["n_in"], "n_in"),
            *stack,
            loss=losses[str(table.get("loss", "half_squared_error"))],
            batch=None if batch is None else _size_entry(batch, "batch"),
            penalty=None if penalty is None else read_penalty(str(penalty)),
        )


def objective_equation(
    loss: Loss, output: Quantity, target: Quantity, batch: Expr | None
) -> tuple[Equation, tuple[Assumption, ...]]:
    """The equation J = loss(output, target), and what the loss agrees about the target."""
    sample, i, size = sample_index(batch), as_index("i"), output.axes[-1]
    between = output.axes[len(sample) : -1]
    names = ("t",) if len(between) == 1 else ("u", "v", "p", "q")
    places = tuple(as_index(name) for name, _ in zip(names, between, strict=False))

    def a(k: Expr) -> Expr:
        return output[*sample, *places, k]

    def y(k: Expr) -> Expr:
        return target[*sample, *places, k]

    example = loss.per_example(a, y, i, size)
    if places:
        example = Sum(example, *((place, 1, axis) for place, axis in zip(places, between, strict=True)))
    value = example if batch is None else loss.over(example, sample[0], batch)
    return Equation(OBJECTIVE, (), value), loss.assumptions(y, i, size)


def _width(word: str, spec: str) -> Expr:
    try:
        return as_size(word)
    except ShapeMismatch:
        raise InvalidSpec(
            f"{word!r} in {spec!r} is not a width; widths are positive integers or names, such as 3-n-2"
        ) from None


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSpec(f"{path}: not a TOML file ({error})") from None


def _only(table: Mapping[str, object], known: set[str], where: str) -> None:
    strange = sorted(set(table) - known)
    if strange:
        raise InvalidSpec(f"{where} has no key {strange[0]!r}; known: {', '.join(sorted(known))}")


def _size_entry(value: object, key: str) -> Expr:
    if isinstance(value, int | str) and not isinstance(value, bool):
        return _width(str(value), f"{key} = {value}")
    raise InvalidSpec(f"{key} is a positive integer or a name, not {value!r}")


def _sizes_entry(value: object, key: str) -> Shape:
    return tuple(_size_entry(one, key) for one in value) if isinstance(value, list) else _size_entry(value, key)


def _layer(entry: object, number: int) -> Layer:
    """A layer of the catalogue by its kind, its fields in the place of those of the catalogue's; dense without one."""
    if not isinstance(entry, Mapping) or "kind" not in entry:
        return _dense(entry, number)
    where, kind = f"layer {number}", str(entry["kind"])
    sample = layers[kind].layer
    own = {field.name: getattr(sample, field.name) for field in fields(cast(Any, sample)) if field.init}
    _only(entry, {"kind", *own}, f"{where} ({kind})")
    given = {key: _field(own[key], value, f"{where}: {key}") for key, value in entry.items() if key != "kind"}
    try:
        return cast(Layer, replace(cast(Any, sample), **given))
    except TypeError:
        raise InvalidSpec(f"{where}: a layer of the kind {kind} is declared in Python, not in a file") from None


def _field(sample: object, value: object, where: str) -> object:
    """The value of a field like the one in the catalogue: an activation, true or false, a size or several."""
    if isinstance(sample, Activation):
        return activations[str(value)]
    if isinstance(sample, bool):
        if not isinstance(value, bool):
            raise InvalidSpec(f"{where} is true or false, not {value!r}")
        return value
    found = _sizes_entry(value, where)
    return tuple(map(_plain, found)) if isinstance(found, tuple) else _plain(found)


def _plain(size: Width) -> Width:
    return int(size) if isinstance(size, Expr) and size.is_Integer else size


def _dense(entry: object, number: int) -> Dense:
    where = f"layer {number}"
    if not isinstance(entry, Mapping) or "width" not in entry:
        raise InvalidSpec(f"{where} needs a width")
    _only(entry, {"width", "activation", "bias"}, where)
    bias = entry.get("bias", True)
    if not isinstance(bias, bool):
        raise InvalidSpec(f"{where}: bias is true or false, not {bias!r}")
    name = entry.get("activation")
    return Dense(_size_entry(entry["width"], where), identity if name is None else activations[str(name)], bias)


__all__ = ["Network", "objective_equation"]
