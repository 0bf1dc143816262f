r"""``e_i``, the i-th unit vector, where nothing else is called e: its length is what stands around it."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.state import Env, Reader
from symbackprop.verification.reading.labels import Reference
from symbackprop.verification.reading.shapes import Array
from symbackprop.verification.reading.surface import Name, Node
from symbackprop.verification.reading.symbols import undressed
from symbackprop.verification.terms.nodes import Delta
from symbackprop.verification.terms.walk import entry_names

UNIT = ("e", r"\hat{e}", r"\vec{e}")


def unit_vector(reader: Reader, node: Node, ref: Reference, env: Env) -> Array | None:
    """The unit vector that a declared family of vectors e is, of which nothing else is said."""
    symbol, items = ref.symbol, (*ref.labels, *ref.indices)
    if symbol is None or undressed(ref.name) not in UNIT or len(items) != 1 or not isinstance(items[0], Name):
        return None
    family = (len(symbol.labels), symbol.leading, len(symbol.axes or ())) in ((1, 0, 1), (0, 1, 2))
    if not family or not symbol.declared or symbol.is_random or _is_spoken_of(reader, ref.name):
        return None
    axis = (symbol.axes or ())[-1]
    index = reader.use_index(items[0].text, axis, node.span, env)
    reader.doubt = reader.doubt or f"{ref.name} is read as the unit vectors, and nothing says so"
    words = f"the {ref.name}_{items[0].text} are the unit vectors"
    return Array((axis,), lambda idx: Delta(idx[0], index)).noted(words)


def _is_spoken_of(reader: Reader, name: str) -> bool:
    scope = reader.scope
    return scope.defined(name) or any(name in entry_names(d.body) for d in scope.definitions)
