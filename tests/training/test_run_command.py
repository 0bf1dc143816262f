"""``symbackprop run`` ends with exit code 1 where the gradients do not agree with those written by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from symbackprop.cli import main
from symbackprop.reference import ACTIVATIONS

RUN = ["run", "2-3-1", "--data", "xor", "--epochs", "3"]


def wrong_slope(z):
    return 1 - np.tanh(z)


def test_gradients_that_agree_end_with_0(capsys):
    assert main(RUN) == 0
    assert "more than" not in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_wrong_gradient_ends_with_1_and_is_named(monkeypatch, capsys, form):
    monkeypatch.setitem(ACTIVATIONS, "tanh", (np.tanh, wrong_slope))
    assert main([*RUN, "--format", form]) == 1
    printed = capsys.readouterr().out
    if form == "json":
        check = json.loads(printed)["cross_check"]
        assert check["passed"] is False
        assert check["errors"]["w^1"] > 1e-3
        assert check["errors"]["w^2"] < 1e-12
    else:
        assert [line.split()[0] for line in printed.splitlines() if "more than 1e-08" in line] == ["w^1", "b^1"]
