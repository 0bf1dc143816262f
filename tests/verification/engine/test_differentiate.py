"""Letters that a note uses in two ways have no derivative by each other: an error that is caught, and never 0 or 1."""

from __future__ import annotations

import pytest

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.judge import judge
from symbackprop.verification.terms.build import delta, entry, num
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.differentiate import same_entry
from symbackprop.verification.terms.nodes import Diff

USES = {"an index": entry("c", "i"), "a number": entry("c", labels=("t",)), "two indices": entry("c", "i", "j")}


@pytest.mark.parametrize("use", USES)
def test_a_letter_in_two_uses(use: str) -> None:
    with pytest.raises(NotSupported, match="c with other numbers and indices"):
        same_entry(USES[use], entry("c"))
    assert judge(Claim(Diff(USES[use], entry("c")), num(1)), Context()).verdict.value != "proved"


def test_one_use() -> None:
    assert same_entry(entry("c", "i"), entry("c", "j")) == delta("i", "j")
