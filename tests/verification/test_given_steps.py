"""A member of an earlier time with a key of its own may be given: a gradient of one step is then not called wrong."""

from __future__ import annotations

from symbackprop.verification.check import check_text
from symbackprop.verification.verdict import Verdict

STEP = r"'z_t = w x_t + u h_{t-1}', 'h_t = \tanh(z_t)'"


def verdict(symbols: str, cost: str, right: str) -> Verdict:
    block = f"given: [{STEP}, '{cost}']\nsymbols: {{L: scalar, \\ell: unknown, w: scalar, u: scalar, {symbols}}}"
    left = r"\frac{\partial L}{\partial u}"
    report = check_text(f"<!-- symbackprop\n{block}\n-->\n\n$$\n{left} = {right}\n$$\n", path="note.md")
    return next(iter(report)).verdict


def test_only_the_key_and_no_sum_leave_it_open() -> None:
    one = r"\frac{\partial L}{\partial z_t} h_{t-1}"
    plain = "h_t: scalar, z_t: scalar, x_t: scalar"
    both = plain + ", 'h_{t-1}': scalar"
    assert verdict(both, r"L = \ell(h_t)", one) is Verdict.NOT_UNDERSTOOD
    assert verdict(plain, r"L = \ell(h_t)", one) is Verdict.REFUTED
    assert verdict(both, r"L = \sum_{t=1}^T \ell(h_t)", one) is Verdict.REFUTED
    total = r"\sum_{t=1}^T \frac{\partial L}{\partial h_t} h_{t-1}"
    assert verdict(both, r"L = \sum_{t=1}^T \ell(h_t)", total) is Verdict.REFUTED
