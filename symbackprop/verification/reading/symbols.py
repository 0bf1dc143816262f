"""What a letter of a note stands for, how its name is spelled, and why that was decided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from symbackprop.verification.reading.surface import Name, Node, Script, Scripted
from symbackprop.verification.terms.functions import is_known
from symbackprop.verification.terms.nodes import Axis, Term

Kind: TypeAlias = Literal["quantity", "function", "size", "index"]
Place: TypeAlias = Literal["", "sup", "sub"]

# Upright words and commands for functions of one number, with the name that the term language has for them.
KNOWN_FUNCTIONS = dict(
    pair.split("=")
    for pair in [
        "ln=log",
        "logistic=sigmoid",
        "sig=sigmoid",
        "Sigmoid=sigmoid",
        "Tanh=tanh",
        "ReLU=relu",
        "Relu=relu",
        "heaviside=step",
        "Heaviside=step",
        "sgn=sign",
        "SiLU=silu",
        "Swish=swish",
        "GELU=gelu",
        "GeLU=gelu",
        "ELU=elu",
        "Softplus=softplus",
        "SoftPlus=softplus",
        "Mish=mish",
        "id=identity",
        "ReLU6=relu6",
        "lg=log10",
        "Abs=abs",
        "Exp=exp",
        "Log=log",
        "Sign=sign",
    ]
)
#: Ends the reason for the shape of a letter that only the formulas of the note together show.
AS_USED = "as it is used in the note"
DECLARED = "declared in the comment block"
GUESSED = " (a shape was guessed: declare it)"
#: Reasons for taking a letter for a number that nothing declares.
PLAIN = "a plain letter, read as a scalar"
IN_NAME, NUMBERED = "its subscript is part of its name", "a family numbered by its script"
DEFAULT_FUNCTIONS = {r"\sigma": "sigmoid", r"\Phi": "normal_cdf"}
ARRAY_FUNCTIONS = {"softmax": "softmax", "Softmax": "softmax", "logsumexp": "logsumexp", "log_softmax": "log_softmax"}
_LOOK_ALIKES = ((r"\epsilon", r"\varepsilon"), (r"\phi", r"\varphi"))
_ACCENT = re.compile(r"^\\(?:mathbf|vec|mathrm|boldsymbol|bm)\{(.*)\}$")
_SCRIPT = re.compile(r"\\(?:mathcal|mathscr)\{([a-z])\}")
_DRESS = re.compile(r"\\(?:text|mathrm|mathbf|mathit|textrm|operatorname|rm)\b|[{}\s]|\\[,;:! ]")


@dataclass(frozen=True)
class Symbol:
    """A decided letter: its kind, its axes (``None``: by usage), the labels of its family and where they are written.

    ``guessed`` is true for axes that usage gave to a declared letter.

    ``function`` is the known function it names; an empty one is an unknown function. ``result`` are the axes of the
    value of an unknown function of arrays (``None``: entry by entry). ``leading`` axes number samples or other members
    and may be indexed alone (``x_i`` is a vector). ``fixed`` are declared index letters that stand open in its
    definition (the class y of ``L = -log p_y``): indices that nobody writes. ``joins`` is set where the script names
    the two layers that the letter joins (``w^{10}``): which of the two numbers the member, and how much larger the
    other is. ``declared`` is false for a guess from usage, ``certain`` for a shape that is no ground to refute a
    formula. ``moments`` are mean and variance as written, ``law`` the law of which they are where one is stated.
    """

    name: str
    kind: Kind
    axes: tuple[Axis, ...] | None = ()
    labels: tuple[str, ...] = ()
    place: Place = ""
    function: str = ""
    result: tuple[Axis, ...] | None = None
    mean: Term | None = None
    variance: Term | None = None
    moments: tuple[str, str] | None = None
    inverse_of: str | None = None
    determinant_of: str | None = None
    law: str = ""
    leading: int = 0
    fixed: tuple[tuple[str, Axis], ...] = ()
    joins: tuple[int, int] | None = None
    declared: bool = True
    certain: bool = True
    guessed: bool = False
    why: str = ""

    @property
    def is_number(self) -> bool:
        """Whether a block declares a single number."""
        return self.kind == "quantity" and self.declared and self.axes == () and not self.labels

    @property
    def is_random(self) -> bool:
        return self.mean is not None


@dataclass(frozen=True)
class Table:
    """An array that is written as a function of what numbers its entries.

    ``letters`` stand in its brackets, ``numbers`` are those that number its entries, ``parameters`` the quantities on
    which the entries depend; over the letters ``over`` it is a distribution. ``stands`` is the letter under which its
    shape is declared, ``head`` what stands before the brackets where they are part of the name.
    """

    name: str
    letters: tuple[str, ...]
    numbers: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    stands: str = ""
    head: str = ""


@dataclass(frozen=True)
class Layers:
    """Where index letters tell layers apart: which stand below each letter of a block (sorted, one tuple an array), and
    the letters that are several arrays so."""

    below: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=lambda: MappingProxyType({}))
    split: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LabelledFamily:
    """A letter with labels below and above it, besides the one number of its members, which stands at ``place``.

    >>> LabelledFamily("z", ("r",), (), "sub").name, LabelledFamily("y", (), ("*",), "sub").name
    ('z_{r}', 'y^{*}')
    """

    base: str
    below: tuple[str, ...]
    above: tuple[str, ...]
    place: Place

    @property
    def name(self) -> str:
        low, high = ",".join(self.below), ",".join(self.above)
        return self.base + (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")


def known_function(name: str) -> str:
    """The name that the term language has for a function word, or an empty one.

    >>> known_function("ReLU"), known_function("ln"), known_function("loss")
    ('relu', 'log', '')
    """
    word = KNOWN_FUNCTIONS.get(name, name)
    return word if is_known(word) or word in ARRAY_FUNCTIONS else ""


def plain(raw: str) -> str:
    r"""A script's source without spaces, dress and brackets.

    >>> plain(r"\text{in}"), plain("l - 1"), plain("[l]")
    ('in', 'l-1', 'l')
    """
    return _DRESS.sub("", raw).replace("\\star", "*").replace("\\ast", "*").strip("()[]")


def undressed(name: str) -> str:
    r"""The letter below bold face or an arrow.

    >>> undressed(r"\mathbf{x}"), undressed(r"\hat{y}")
    ('x', '\\hat{y}')
    """
    while (match := _ACCENT.match(name)) is not None:
        name = match.group(1)
    return name


def alternatives(name: str) -> tuple[str, ...]:
    r"""The spellings under which a letter may be declared: itself, and the same letter in bold or plain."""
    bare = undressed(name)
    accent = re.match(r"^\\(hat|tilde|bar)\{(.*)\}$", bare)
    inner = (
        (rf"\{accent[1]}{{{undressed(accent[2])}}}", rf"\{accent[1]}{{\mathbf{{{undressed(accent[2])}}}}}")
        if accent
        else ()
    )
    return tuple(dict.fromkeys((name, bare, rf"\mathbf{{{bare}}}", rf"\vec{{{bare}}}", *inner)))


def look_alikes(name: str) -> tuple[str, ...]:
    r"""Letters that a plain ε or φ may stand for; script fonts have capitals only: ``\mathcal{z}`` is a z."""
    script = _SCRIPT.fullmatch(name)
    return (script[1],) if script else tuple(b if name == a else a for a, b in _LOOK_ALIKES if name in (a, b))


def spelled(base: str, subs: tuple[Script, ...], sups: tuple[Script, ...]) -> str:
    r"""The key of a letter together with scripts that belong to its name: ``n_{in}``, ``w^{10}``."""
    below = "".join(f"_{{{plain(script.raw)}}}" for script in subs)
    above = "".join(f"^{{{plain(script.raw)}}}" for script in sups)
    return base + below + above


def head_name(node: Node) -> Name | None:
    """The letter of a bare or scripted letter."""
    if isinstance(node, Scripted):
        return node.base if isinstance(node.base, Name) else None
    return node if isinstance(node, Name) else None


def argument_names(items: tuple[Node, ...]) -> tuple[str, ...]:
    """The letters that stand in a list of arguments, as they are spelled; nothing for what is no letter."""
    found = ((node, head_name(node)) for node in items)
    return tuple(
        "" if head is None else spelled(head.text, node.subs, node.sups) if isinstance(node, Scripted) else head.text
        for node, head in found
    )


def without_d(text: str) -> str:
    r"""The letter of ``dz`` or ``d\theta``; empty for every other name.

    >>> without_d("dW"), without_d("d"), without_d("dim")
    ('W', '', '')
    """
    rest = text[1:]
    single = len(rest) == 1 and rest.isalpha() or rest.startswith("\\")
    return rest if text.startswith("d") and single else ""
