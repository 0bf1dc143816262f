"""What is done to the tree of a formula before anything is said of its letters."""

from __future__ import annotations

from symbackprop.verification.reading.dots import without_dots
from symbackprop.verification.reading.elaborate.antiderivatives import with_antiderivatives
from symbackprop.verification.reading.elaborate.counted_means import with_counted_means
from symbackprop.verification.reading.elaborate.determinants import with_determinants
from symbackprop.verification.reading.elaborate.instances import one_by_one
from symbackprop.verification.reading.elaborate.laws import law_apart
from symbackprop.verification.reading.elaborate.named_calls import named_apart
from symbackprop.verification.reading.elaborate.numbered import entries_named, numbered_apart
from symbackprop.verification.reading.elaborate.spelling import respelled
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Statement


def prepared(surface: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements apart and in the spellings under which their letters are known."""
    surface = with_antiderivatives(with_determinants(surface), scope)
    surface = respelled(one_by_one(without_dots(named_apart(surface, scope))), scope)
    surface = entries_named(numbered_apart(surface, scope), scope)
    return with_counted_means(law_apart(surface, scope), scope)
