"""Which entries can depend on which at concrete labels, so that a derivative recomputes only what it can change."""

from __future__ import annotations

from symbackprop.verification.terms.context import Context, Definition
from symbackprop.verification.terms.nodes import Entry
from symbackprop.verification.terms.walk import entry_names, walk

Key = tuple[str, tuple[int, ...], tuple[int, ...]]  #: one entry of one member: name, labels, indices


class Reach:
    """Dependence by letters; in families whose members look back only, also by labels.

    >>> from symbackprop.verification.terms.build import at, entry, fn
    >>> state = Definition("h", (at("t"),), (), fn("tanh", entry("h", labels=(at("t") - 1,))))
    >>> reach = Reach(Context(definitions=(state,)))
    >>> reach.may(("h", (3,), ()), ("h", (1,), ())), reach.may(("h", (1,), ()), ("h", (3,), ()))
    (True, False)
    """

    def __init__(self, context: Context) -> None:
        self.uses: dict[str, set[str]] = {}
        for definition in context.definitions:
            self.uses.setdefault(definition.name, set()).update(entry_names(definition.body))
        for name, tensor in context.tensors.items():
            moments = [moment for moment in (tensor.mean, tensor.variance) if moment is not None]
            below = set().union(*map(entry_names, moments)) | ({tensor.matrix} if tensor.matrix else set())
            if below:
                self.uses.setdefault(name, set()).update(below)
        self.looks_back = all(self._looks_back(d) for d in context.definitions if d.labels)
        self.reached: dict[str, set[str]] = {}
        self.known: dict[tuple[str, int | None, str, int | None], bool] = {}

    def _looks_back(self, definition: Definition) -> bool:
        """Whether a member's body mentions no later member, and nothing without a label that is computed."""
        for node in walk(definition.body):
            if isinstance(node, Entry) and node.labels:
                shift = (node.labels[0] - definition.labels[0]).number
                if shift is None or shift > 0:
                    return False
            elif isinstance(node, Entry) and node.name in self.uses:
                return False
        return True

    def may(self, key: Key, target: Key) -> bool:
        """Whether the entry ``key`` can depend on the entry ``target``."""
        pair = (key[0], key[1][0] if key[1] else None, target[0], target[1][0] if target[1] else None)
        answer = self.known.get(pair)
        if answer is None:
            name, label, other, above = pair
            later = label is not None and above is not None and above > label
            answer = other in self._below(name) and not (later and self.looks_back)
            self.known[pair] = answer
        return answer

    def _below(self, name: str) -> set[str]:
        if name not in self.reached:
            seen: set[str] = set()
            queue = sorted(self.uses.get(name, ()))
            while queue:
                other = queue.pop()
                if other not in seen:
                    seen.add(other)
                    queue += sorted(self.uses.get(other, ()))
            self.reached[name] = seen
        return self.reached[name]
