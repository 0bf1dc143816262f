r"""A notation as data: for each role a spelling, used to write formulas and to read them.

A spelling is LaTeX with placeholders in braces. ``w^{{l}}_{{indices}}`` has the placeholders ``{l}`` and ``{indices}``;
the braces around them are LaTeX's own. The placeholders are

=================  ====================================================================================================
``{l}``            the number of the layer, counted as the notation counts
``{l_out}``        the same, and ``{l_in}`` the number of the layer that feeds it (a weight joins two layers)
``{l_in,l_out}``   several parts, run together if each is one sign, else with commas: ``10``, but ``10,9`` and ``l+1,l``
``{indices}``      the indices of an entry, joined likewise: ``jk``, but ``j,k+1``
``{name}``         the letter of a further parameter
``{T}``            where the mark of a transpose goes (nothing, if the array is not transposed)
=================  ====================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Integer

from symbackprop.errors import InvalidSpec
from symbackprop.quantities import Quantity, Role, as_index
from symbackprop.registry import Registry

#: The last layer's number where the depth of the network is not a known number.
LAST = as_index("L")

#: The functions as most authors spell them; a notation may spell some of them otherwise.
FUNCTIONS: Mapping[str, str] = {
    "sigmoid": r"\sigma",
    "tanh": r"\tanh",
    "relu": r"\mathrm{ReLU}",
    "leaky_relu": r"\mathrm{LeakyReLU}",
    "prelu": r"\mathrm{PReLU}",
    "elu": r"\mathrm{ELU}",
    "softmax": r"\mathrm{softmax}",
    "softplus": r"\mathrm{softplus}",
    "swish": r"\mathrm{swish}",
    "gelu": r"\mathrm{GELU}",
    "gelu_tanh": r"\mathrm{GELU}_{\tanh}",
    "identity": r"\mathrm{id}",
    **{
        name: r"\mathrm{" + word + "}"
        for name, word in {
            "log_softmax": "logsoftmax",
            "log_sigmoid": "logsigmoid",
            "selu": "SELU",
            "celu": "CELU",
            "rrelu": "RReLU",
            "relu6": "ReLU6",
            "hard_sigmoid": "hardsigmoid",
            "hard_swish": "hardswish",
            "hard_tanh": "hardtanh",
        }.items()
    },
    **{name: "\\" + name for name in ("log", "exp", "sin", "cos", "sinh", "cosh")},
}

#: Roles whose quantities go by their own names.
_NAMED = frozenset({Role.INTERMEDIATE, Role.GIVEN, Role.POSITION})

_PLACEHOLDER = re.compile(
    r"(\\[A-Za-z]+)?\{((?:l|l_in|l_out|indices|name|T|operand|numerator|denominator)(?:,(?:l|l_in|l_out|indices))*)\}"
)


#: The width of a layer whose number is a letter.
_WIDTH = re.compile(r"(?P<letter>\w+)_\{(?P<layer>[A-Za-z])(?: (?P<shift>[+-] \d+))?\}")


@dataclass(frozen=True)
class Spelling:
    r"""How a quantity is written: one entry, the whole array for one example, and for a batch (one sample a row).

    >>> w = Spelling(r"w^{({l})}_{{indices}}", r"\mathbf{W}^{({l}){T}}")
    >>> fill(w.entry, {"l": ["2"], "indices": ["j", "k"]})
    'w^{(2)}_{jk}'
    >>> fill(w.array, {"l": ["2"], "T": [r"\top"]})
    '\\mathbf{W}^{(2)\\top}'
    """

    entry: str
    array: str
    batch: str = ""


@dataclass(frozen=True)
class Notation:
    r"""The whole of an author's conventions; everything that prints or reads a formula takes them from here.

    ``spellings`` has an entry for every role (those that go by their own names may be left to the parameters').
    ``gradients`` spells ∂J/∂q for the roles q that have a sign of their own for it (``dW``); every other derivative is
    written with ``derivative``. Layers are counted from ``first`` at the input, or, if ``from_output``, from 0 at the
    output. ``indices`` are the letters in the order of their use, ``samples`` those of the examples in a batch and
    ``times`` those of the steps of a sequence. ``transpose`` is the mark, ``transposed`` how an operand gets it that
    has no place for it. ``functions`` spells functions by their registered name, ``symbols`` parameters and sizes.
    """

    name: str
    title: str
    spellings: Mapping[Role, Spelling]
    gradients: Mapping[Role, Spelling] = field(default_factory=dict)
    first: int = 0
    from_output: bool = False
    indices: tuple[str, ...] = ("i", "j", "k", "m", "p", "q", "r")
    samples: tuple[str, ...] = ("s", "t", "r")
    times: tuple[str, ...] = ("t", r"\tau")
    transpose: str = "T"
    transposed: str = r"({operand})^{{T}}"
    hadamard: str = r"\odot"
    derivative: str = r"\frac{\partial {numerator}}{\partial {denominator}}"
    kronecker: str = r"\delta"
    ones: str = r"\mathbf{1}"
    functions: Mapping[str, str] = field(default_factory=lambda: FUNCTIONS)
    symbols: Mapping[str, str] = field(default_factory=lambda: {"slope": r"\alpha", "xhat": r"\hat{x}"})

    def __post_init__(self) -> None:
        missing = [role.value for role in Role if role not in self.spellings and role not in _NAMED]
        if missing:
            raise InvalidSpec(f"the notation {self.name!r} has no spelling for: {', '.join(missing)}")

    def spelling_of(self, quantity: Quantity) -> Spelling:
        """How a quantity is spelled: like a parameter, if it goes by its own name and the table says no more."""
        if quantity.goes_by_name:
            return self.spellings[Role.PARAMETER]
        return self.spellings.get(quantity.role) or self.spellings[Role.PARAMETER]

    def counted(self, layer: Expr, depth: Expr | int | None = None) -> Expr:
        """The number this notation gives to ``layer``, which is counted from 0 at the input.

        A symbolic ``l`` is a layer of the notation's own count: where layers are counted from the output, the next
        layer towards it is ``l - 1``. ``depth`` is the last layer's number (``L`` where it is not given).
        """
        if not self.from_output:
            return layer + self.first if layer.is_Integer else layer
        last = LAST if depth is None else depth
        general = {s: last - s for s in sorted(layer.free_symbols, key=str) if s != last}
        return (last - layer.subs(general, simultaneous=True)).expand()

    def uncounted(self, number: Expr, depth: Expr | int | None = None) -> Expr:
        """The layer, counted from 0 at the input, to which this notation gives ``number``; undoes :meth:`counted`."""
        if not self.from_output:
            return number - self.first if number.is_Integer else number
        return self.counted(number, depth)

    def entry(self, quantity: Quantity, indices: Sequence[str], depth: Expr | int | None = None) -> str:
        """One entry of ``quantity``, its indices already spelled."""
        return self._fill(self.spelling_of(quantity).entry, quantity, indices, depth)

    def array(self, quantity: Quantity, depth: Expr | int | None = None, *, transposed: bool = False) -> str:
        """The whole of ``quantity``, transposed if so wanted."""
        return self._whole(self.spelling_of(quantity), quantity, depth, transposed)

    def gradient_entry(self, quantity: Quantity, indices: Sequence[str], depth: Expr | int | None = None) -> str | None:
        """The derivative of J by one entry, where the notation has a sign of its own for it."""
        own = self.gradients.get(quantity.role)
        return self._fill(own.entry, quantity, indices, depth) if own else None

    def gradient_array(self, quantity: Quantity, depth: Expr | int | None = None) -> str | None:
        """The derivative of J by the whole, where the notation has a sign of its own for it."""
        own = self.gradients.get(quantity.role)
        return self._whole(own, quantity, depth, transposed=False) if own else None

    def function(self, name: str) -> str:
        r"""A function by its registered name; an unknown function goes by the name it was given.

        >>> [notations["d2l"].function(name) for name in ("relu", "h", "leaky_relu(1/5)", "erf")]
        ['\\mathrm{ReLU}', '\\phi', '\\mathrm{LeakyReLU}_{1/5}', '\\mathrm{erf}']
        """
        plain, _, constant = name.partition("(")
        spelled = self.functions.get(plain) or self.symbol(plain)
        return f"{spelled}_{{{constant.removesuffix(')')}}}" if constant else spelled

    def symbol(self, name: str) -> str:
        r"""A plain name: a letter, a Greek letter by name, a word, each perhaps with a subscript.

        >>> [notations["nielsen"].symbol(s) for s in ("n", "n_1", "alpha", "eta_in", "rate")]
        ['n', 'n_{1}', '\\alpha', '\\eta_{\\mathrm{in}}', '\\mathrm{rate}']
        """
        if name in self.symbols:
            return self.symbols[name]
        letter, _, label = name.partition("_")
        return _word(letter) + ("_{" + (label if not label.isalpha() else _word(label)) + "}" if label else "")

    def size(self, name: str, depth: Expr | int | None = None) -> str:
        """A width or other size by its name; the width of a layer, ``n_{l + 1}``, follows the count of the layers.

        >>> [notations["backward_epsilon"].size(name) for name in ("m", "n_{l + 1}", "n_{L - 1}")]
        ['m', 'n_{l-1}', 'n_{1}']
        """
        found = _WIDTH.fullmatch(name)
        if found is None:
            return self.symbol(name)
        layer = as_index(found["layer"]) + Integer((found["shift"] or "0").replace(" ", ""))
        return f"{self.symbol(found['letter'])}_{{{number(self.counted(layer, depth))}}}"

    def _whole(self, spelling: Spelling, quantity: Quantity, depth: Expr | int | None, transposed: bool) -> str:
        template = spelling.batch if quantity.batched and spelling.batch else spelling.array
        inside = transposed and "{T}" in template
        text = self._fill(template, quantity, (), depth, mark=self.transpose if inside else "")
        return self.transposed_of(text) if transposed and not inside else text

    def transposed_of(self, operand: str) -> str:
        """An already spelled operand with the mark of the transpose."""
        return fill(self.transposed, {"operand": [operand], "T": [self.transpose]})

    def _fill(
        self, template: str, quantity: Quantity, indices: Sequence[str], depth: Expr | int | None, mark: str = ""
    ) -> str:
        letter, _, label = quantity.name.partition("_")
        if label:
            label = self.symbol(label)
            indices = [f"{label},{joined(indices)}"] if indices else [label]
            template = template if "{indices}" in template or "_" in template else template + "_{{indices}}"
        values: dict[str, Sequence[str]] = {
            "indices": indices,
            "T": [mark],
            "name": [self.symbol(letter or "p")],
        }
        if quantity.layer is not None:
            out, fed_by = (self.counted(layer, depth) for layer in (quantity.layer, quantity.layer - Integer(1)))
            values |= {"l": [number(out)], "l_out": [number(out)], "l_in": [number(fed_by)]}
        return fill(template, values)


#: The notations by name.
notations = Registry[Notation]("notation")


def number(value: Expr) -> str:
    """A layer number or an index: ``3``, ``l``, ``l+1``, the letter first.

    >>> number(as_index("l") + 1), number(Integer(3)), number(LAST - 1)
    ('l+1', '3', 'L-1')
    """
    constant, rest = value.as_coeff_Add()
    text = str(rest).replace(" ", "").replace("*", "")
    return str(constant) if rest == 0 else text + (f"{int(constant):+d}" if constant != 0 else "")


def joined(parts: Sequence[str]) -> str:
    r"""Parts of one subscript, run together if each is a single sign, else with commas between.

    >>> joined(["1", "0"]), joined(["10", "9"]), joined(["l+1", "l"]), joined(["j", "k"])
    ('10', '10,9', 'l+1,l', 'jk')
    """
    return ("" if all(len(part) == 1 for part in parts) else ",").join(parts)


def fill(template: str, values: Mapping[str, Sequence[str]]) -> str:
    r"""``template`` with its placeholders replaced; an empty subscript or superscript disappears.

    >>> fill("w^{{l_in,l_out}}_{{indices}}", {"l_in": ["1"], "l_out": ["0"], "indices": []})
    'w^{10}'
    >>> fill(r"a^{\langle{l}\rangle}", {"l": ["l"]})
    'a^{\\langle l\\rangle}'
    """

    def value(found: re.Match[str]) -> str:
        text = joined([part for name in found[2].split(",") for part in values[name]])
        # A letter right after a control word would become part of it.
        between = " " if found[1] and text[:1].isalpha() else ""
        return (found[1] or "") + between + text

    text = _PLACEHOLDER.sub(value, template)
    return re.sub(r"[_^]\{\}", "", text.replace(",}", "}"))


def _word(name: str) -> str:
    if len(name) == 1 or name.isdigit():
        return name
    name = {"lamda": "lambda"}.get(name, name)  # SymPy's spelling, since Python has taken the word
    return "\\" + name if name in _GREEK else r"\mathrm{" + name + "}"


_GREEK = frozenset(
    re.findall(
        r"\w+",
        """alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi varphi
        chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega""",
    )
)
