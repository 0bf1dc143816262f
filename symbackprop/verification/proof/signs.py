"""What is assumed about signs: forms that are above 0 or at least 0, and what follows by adding multiples of them."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.verification.proof.generators import Form, Gen

DEPTH = 3


@dataclass(frozen=True)
class SignFact:
    """``form > 0`` where ``strict``, else ``form >= 0``."""

    form: Form
    strict: bool


def bare(form: Form) -> tuple[Gen, bool] | None:
    """The generator of which a form is a rational multiple, and whether that is above 0."""
    single = form.single
    if single is None or single[1].bounds or len(single[1].factors) != 1 or single[1].factors[0][1] != 1:
        return None
    return single[1].factors[0][0], single[0] > 0


def known_gens(facts: tuple[SignFact, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The keys of the generators that are assumed to be above 0, and of those below 0."""
    found: tuple[set[str], set[str]] = (set(), set())
    for fact in facts:
        gen = bare(fact.form) if fact.strict else None
        if gen is not None:
            found[0 if gen[1] else 1].add(gen[0].key)
    return frozenset(found[0]), frozenset(found[1])
