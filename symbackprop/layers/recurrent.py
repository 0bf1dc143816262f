"""z_t = W x_t + U h_{t-1} + b, h_t = φ(z_t) for t = 1 … T, with h_0 = 0; and the gated forms of it, LSTM and GRU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Sum

from symbackprop.activations import Activation, sigmoid, tanh
from symbackprop.errors import ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.model import Equation
from symbackprop.quantities import Apply, Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class Recurrent(Layer):
    """Elman's recurrent layer: the state of a step feeds the next. Elman 1990.

    Takes a sequence (T, n) an example and hands on all states (T, width); weights W (width, n), U (width, width).
    T may be a symbol: the derivative is a recursion downwards in t.

    >>> from symbackprop.derivation import layer_step
    >>> results = layer_step(Recurrent("m"), "T", "n").results
    >>> print(*(f"{lhs} = {rhs}" for lhs, rhs in results.items() if "U" in str(lhs)))
    Partial(J, U^1[i, j]) = Sum(a^1[t - 1, j]*epsilon^1[t, i], (t, 1, T))
    """

    width: int | str | Expr
    activation: Activation = tanh

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        cell = _Cell(layer, previous, self.width, type(self).__name__)
        h = cell.output()
        z, parameters = cell.gate("", h)
        activated = Apply(self.activation.name, 0, z.lhs)
        return LayerEquations(
            (z, Equation(h, cell.indices, activated)), parameters, h, functions=self.activation.functions
        )


@dataclass(frozen=True)
class LSTM(Layer):
    """Long short-term memory with a forget gate: c_t = f_t c_{t-1} + i_t g_t, h_t = o_t tanh(c_t), elementwise.

    Gates i, f, o are sigmoids and g a tanh of W x_t + U h_{t-1} + b, each with weights of its own. Takes a sequence
    (T, n) and hands on the states h (T, width). Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000.
    """

    width: int | str | Expr

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        cell = _Cell(layer, previous, self.width, type(self).__name__)
        h, c = cell.output(), cell.named("c")
        stated, parameters = cell.gates(h, {"i": sigmoid, "f": sigmoid, "o": sigmoid, "g": tanh})
        into, forget, out, new = (cell.named(name)[cell.indices] for name in "ifog")
        memory = forget * c[cell.before] + into * new
        equations = (
            *stated,
            Equation(c, cell.indices, memory),
            Equation(h, cell.indices, out * Apply("tanh", 0, c[cell.indices])),
        )
        return LayerEquations(equations, parameters, h, functions={**sigmoid.functions, **tanh.functions})


@dataclass(frozen=True)
class GRU(Layer):
    """Gated recurrent unit: h_t = (1 - u_t) h_{t-1} + u_t g_t with g_t = tanh(W x_t + U (r_t h_{t-1}) + b).

    Gates u (update) and r (reset) are sigmoids of W x_t + U h_{t-1} + b. Takes a sequence (T, n) and hands on the
    states (T, width). Cho et al. 2014, eq. 5 to 8 (there with the roles of u and 1 - u exchanged).
    """

    width: int | str | Expr

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        cell = _Cell(layer, previous, self.width, type(self).__name__)
        h = cell.output()
        stated, parameters = cell.gates(h, {"u": sigmoid, "r": sigmoid})
        update, reset = cell.named("u")[cell.indices], cell.named("r")
        z, own = cell.gate("g", h, lambda j: reset[*cell.indices[:-1], j])
        new = cell.named("g")
        equations = (
            *stated,
            z,
            Equation(new, cell.indices, Apply("tanh", 0, z.lhs)),
            Equation(h, cell.indices, (1 - update) * h[cell.before] + update * new[cell.indices]),
        )
        functions = {**sigmoid.functions, **tanh.functions}
        return LayerEquations(equations, (*parameters, *own), h, functions=functions)


class _Cell:
    """What the recurrent layers share: the letters of one step and the affine map in front of a gate."""

    def __init__(self, layer: Expr, previous: Quantity, width: int | str | Expr, kind: str) -> None:
        if len(previous.axes) != 2 + previous.batched:
            raise ShapeMismatch(f"layer {layer}: {kind} takes a sequence (T, n) an example, not {previous.label}")
        self.layer, self.previous, self.width = layer, previous, as_size(width)
        self.indices = places(previous)
        self.axes = (*previous.axes[:-1], self.width)
        self.before = (*self.indices[:-2], self.indices[-2] - 1, self.indices[-1])

    def output(self) -> Quantity:
        return Quantity(Role.ACTIVATION, self.layer, self.axes, self.previous.batched)

    def named(self, name: str) -> Quantity:
        """An intermediate value of each step, such as a gate."""
        return Quantity(Role.INTERMEDIATE, self.layer, self.axes, self.previous.batched, name)

    def gate(
        self, name: str, h: Quantity, factor: Callable[[Expr], Expr] | None = None
    ) -> tuple[Equation, tuple[Quantity, ...]]:
        """z_i = Σ_j W_ij x_tj + Σ_j U_ij (factor_j) h_{t-1,j} + b_i with weights of its own."""
        label = f"_{name}" if name else ""
        i, j, fan_in = self.indices[-1], as_index("j"), self.previous.axes[-1]
        w = Quantity(Role.WEIGHT, self.layer, (self.width, fan_in), name="W" + label if name else "")
        u = Quantity(Role.WEIGHT, self.layer, (self.width, self.width), name="U" + label)
        b = Quantity(Role.BIAS, self.layer, (self.width,), name="b" + label if name else "")
        z = Quantity(Role.PREACTIVATION, self.layer, self.axes, self.previous.batched, "z" + label if name else "")
        state = h[*self.before[:-1], j] if factor is None else factor(j) * h[*self.before[:-1], j]
        step = self.indices[:-1]
        total = Sum(w[i, j] * self.previous[*step, j], (j, 1, fan_in)) + Sum(u[i, j] * state, (j, 1, self.width)) + b[i]
        return Equation(z, self.indices, total), (w, u, b)

    def gates(self, h: Quantity, kinds: dict[str, Activation]) -> tuple[tuple[Equation, ...], tuple[Quantity, ...]]:
        """Each gate by name with its activation: its pre-activation and its value, and the parameters in order."""
        equations: list[Equation] = []
        parameters: list[Quantity] = []
        for name, activation in kinds.items():
            z, own = self.gate(name, h)
            value = Equation(self.named(name), self.indices, Apply(activation.name, 0, z.lhs))
            equations += [z, value]
            parameters += own
        return tuple(equations), tuple(parameters)


layers.register(
    "recurrent", CatalogueEntry(Recurrent("m"), ("T", "n"), ((Recurrent(3), (4, 2)), (Recurrent(1), (1, 1))))
)
layers.register("lstm", CatalogueEntry(LSTM("m"), ("T", "n"), ((LSTM(3), (4, 2)), (LSTM(1), (1, 1)))))
layers.register("gru", CatalogueEntry(GRU("m"), ("T", "n"), ((GRU(3), (4, 2)), (GRU(1), (1, 1)))))
