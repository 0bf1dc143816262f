"""The letters of indices: a derivation has its own, a reader wants those of the notation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sympy import Expr, Indexed, Sum, Symbol, preorder_traversal

from symbackprop.errors import SymbackpropError
from symbackprop.notations import Notation
from symbackprop.quantities import TIMES, Quantity, as_index

#: An equation in plain text among words: ``k = i``, ``relu'(0) = 0``, ``Σ_k y_k = 1``.
_EQUATION = re.compile(r"(?:Σ_\w )?\w+(?:\([^()]*\)(?='))?'*(?:\(-?\w+\))? = [\w/.-]*\w(?:\(\w+\))?")

#: The letter of a sum that is named among words: ``the sum over k``.
_RUNS = re.compile(r"(?<=the sum over )\w\b")

#: In such an equation: the name of a function before its primes, or any other letters.
_WORD = re.compile(r"(?P<function>[A-Za-z]\w*(?:\([^()]*\))?)(?=')|[A-Za-z]+")


def preferred(chain: Sequence[Expr], notation: Notation, quantities: Mapping[str, Quantity]) -> dict[Symbol, Symbol]:
    """The notation's letter for every index of a chain, in the order in which a reader meets them.

    The renaming is one to one over the whole chain, so that nothing is captured.

    >>> from sympy import Integer
    >>> from symbackprop.notations import notations
    >>> from symbackprop.quantities import Role
    >>> w = Quantity(Role.WEIGHT, Integer(1), (Integer(2), Integer(3)))
    >>> i, j = as_index("i"), as_index("j")
    >>> preferred([w[j, i]], notations["nielsen"], {"w^1": w})
    {j: j, i: k}
    """
    samples, others = _indices(chain, quantities)
    taken = {str(s) for expression in chain for s in expression.free_symbols} - {s.name for s in (*samples, *others)}
    times = [s for s in others if s.name in TIMES]
    others = [s for s in others if s not in times]
    renaming: dict[Symbol, Symbol] = {}
    for indices, pool in ((times, notation.times), (samples, notation.samples), (others, notation.indices)):
        used = taken | {letter.name for letter in renaming.values()}
        letters = [letter for letter in pool if letter not in used]
        if len(indices) > len(letters):
            raise SymbackpropError(
                f"{len(indices)} indices need a letter and the notation {notation.name!r} has {len(letters)} left; "
                "give it more letters, or the sizes other names"
            )
        renaming |= {index: as_index(letter) for index, letter in zip(indices, letters, strict=False)}
    return renaming


def reworded(words: str, renaming: Mapping[Symbol, Symbol], notation: Notation) -> str:
    r"""Words with the equations among them between dollar signs, in the letters of the notation.

    >>> from symbackprop.notations import notations
    >>> renaming = {as_index("k"): as_index("i"), as_index("i"): as_index("j")}
    >>> reworded("only k = i survives", renaming, notations["d2l"])
    'only $i = j$ survives'
    >>> reworded("one term of the sum over k survives", renaming, notations["d2l"])
    'one term of the sum over $i$ survives'
    >>> print(reworded("tanh'(0) = 1 by convention", {}, notations["d2l"]))
    $\tanh'(0) = 1$ by convention
    >>> print(reworded("leaky_relu(1/5)'(0) = 1/5 by convention", {}, notations["d2l"]))
    $\mathrm{LeakyReLU}_{1/5}'(0) = 1/5$ by convention
    """
    names = {old.name: new.name for old, new in renaming.items()}

    def spelled(found: re.Match[str]) -> str:
        word = found[0]
        return notation.function(word) if found["function"] else names.get(word, word)

    def formula(found: re.Match[str]) -> str:
        return "$" + _WORD.sub(spelled, found[0]).replace("Σ_", r"\sum_") + "$"

    return _RUNS.sub(lambda found: f"${names.get(found[0], found[0])}$", _EQUATION.sub(formula, words))


def _indices(chain: Sequence[Expr], quantities: Mapping[str, Quantity]) -> tuple[list[Symbol], list[Symbol]]:
    """The indices over samples, and the others, each in the order of their first appearance."""
    samples: dict[Symbol, None] = {}
    others: dict[Symbol, None] = {}
    nodes = [node for expression in chain for node in preorder_traversal(expression)]
    for entry in (node for node in nodes if isinstance(node, Indexed)):
        quantity = quantities.get(str(entry.base.label))
        first = 1 if quantity is not None and quantity.batched else 0
        samples.update(dict.fromkeys(s for index in entry.indices[:first] for s in _symbols(index)))
        others.update(dict.fromkeys(s for index in entry.indices[first:] for s in _symbols(index)))
    for total in (node for node in nodes if isinstance(node, Sum)):
        others.update(dict.fromkeys(limit[0] for limit in total.limits))
    return list(samples), [s for s in others if s not in samples]


def _symbols(index: Expr) -> list[Symbol]:
    """The letters of an index that run; a size in it does not, and a position in it is an array with indices."""
    arrays = {entry.base.label for entry in index.atoms(Indexed)}
    running = (s for s in index.free_symbols - arrays if isinstance(s, Symbol) and not s.is_positive)
    return sorted(running, key=str)
