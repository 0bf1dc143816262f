"""Every base claim is proved, in whatever spelling, and the same way every time."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from symbackprop.verification.judge import judge
from symbackprop.verification.terms.build import neg
from symbackprop.verification.terms.context import Claim
from symbackprop.verification.terms.nodes import Add, Mul, Term
from symbackprop.verification.terms.walk import Names, freshen, map_children
from symbackprop.verification.verdict import Verdict


def test_proved(base_case):
    judgement = judge(base_case.claim, base_case.context)
    assert judgement.verdict == Verdict.PROVED, judgement.message


def test_the_names_of_the_claims_differ(base_claims):
    names = [case.name for case in base_claims]
    assert len(set(names)) == len(names) >= 80


def test_opposite_is_refuted_or_zero(base_case):
    """left = -right is false, but for sides that are 0."""
    opposite = replace(base_case.claim, right=neg(base_case.claim.right))
    if judge(Claim(base_case.claim.left, Mul(()), base_case.claim.free), base_case.context).verdict == Verdict.PROVED:
        pytest.skip("one cannot tell 1 from -1 by this change")
    judgement = judge(opposite, base_case.context)
    if judgement.message.startswith("it depends on the law"):
        pytest.skip("of a letter without a stated law: the opposite holds for a symmetric one")
    zero = judge(replace(base_case.claim, left=Add(())), base_case.context).verdict == Verdict.PROVED
    assert judgement.verdict == (Verdict.PROVED if zero else Verdict.REFUTED)
    assert zero or judgement.counterexample is not None


def turned(term: Term) -> Term:
    """Sums and products in the opposite order."""
    term = map_children(term, turned)
    if isinstance(term, Add | Mul):
        return type(term)(tuple(reversed(term.terms if isinstance(term, Add) else term.factors)))
    return term


@pytest.mark.parametrize("change", ["swapped", "negated", "renamed", "turned"])
def test_same_verdict_in_another_spelling(base_claims, change):
    for case in base_claims[::5]:
        left, right = case.claim.left, case.claim.right
        pairs = {
            "swapped": (right, left),
            "negated": (neg(left), neg(right)),
            "renamed": (freshen(left, {}, Renamed()), freshen(right, {}, Renamed())),
            "turned": (turned(left), turned(right)),
        }
        claim = replace(case.claim, left=pairs[change][0], right=pairs[change][1])
        assert judge(claim, case.context).verdict == Verdict.PROVED, case.name


class Renamed(Names):
    """Fresh names that a note could contain."""

    def fresh(self) -> str:
        self.count += 1
        return f"bound{self.count}"


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import importlib.util
modules = []
for name in ("claims", "mutations", "networks"):
    spec = importlib.util.spec_from_file_location(name, sys.argv[2] + "/" + name + ".py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    modules.append(module)
from symbackprop.verification.judge import judge
cases = [(c.claim, c.context) for c in modules[0].base_claims()[::9]]
cases += [named[1:] for named in list(modules[2].network_claims())[::5]]
for base, context in cases:
    for claim in [base, *(m for _, m in list(modules[1].mutants(base))[::4])]:
        sys.stdout.write(repr(judge(claim, context)) + chr(10))
"""


def test_same_bytes_under_any_hash_seed():
    here = Path(__file__).resolve().parent
    outputs = set()
    for seed in ("0", "1"):
        command = [sys.executable, "-c", SCRIPT, str(here.parents[2]), str(here)]
        outputs.add(
            subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        )
    assert len(outputs) == 1 and len(outputs.pop().splitlines()) > 20
