"""The options of ``symbackprop run``: held-out data, CSV files, schedules, checkpoints, plots; bad input is exit 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symbackprop.cli import main
from symbackprop.commands.training_plots import boundary, fit, gradient_norms, losses
from symbackprop.kernels import Unavailable, c_compiler
from symbackprop.kernels.backend import backends
from symbackprop.optimizers import optimizers
from symbackprop.training import EarlyStopping, datasets, run
from symbackprop.training.loop import _Training
from symbackprop.training.oracles import oracles

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def flowers(tmp_path):
    """A file of two classes that one line divides."""
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f},{y:.3f},{'rose' if x > 100 * y else 'tulip'}" for x, y in rng.uniform(0, [100, 1], (60, 2))]
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(["length,width,kind", *rows]) + "\n", encoding="utf-8")
    return path


def outcome(capsys, *arguments):
    """The document that a run prints."""
    assert main(["run", *map(str, arguments), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_table_is_split_and_standardised(flowers, capsys):
    found = outcome(capsys, "2-8-1", "--data", flowers, "--target", "kind", "--epochs", "150")
    assert (found["samples"], found["held_out"]) == (48, 12)
    assert found["validation_accuracy"] > 0.9
    assert found["objective"] == "binary_cross_entropy"
    assert found["history"][-1]["validation_accuracy"] == found["validation_accuracy"]
    raw = outcome(capsys, "2-8-1", "--data", flowers, "--epochs", "2", "--validation", "0", "--no-standardise")
    assert (raw["samples"], raw["held_out"], raw["validation_accuracy"]) == (60, 0, None)
    other = outcome(capsys, "2-8-2", "--data", flowers, "--epochs", "2", "--validation", "1/2")
    assert (other["held_out"], other["objective"]) == (30, "cross_entropy")


def test_a_regression_by_column_number(flowers, capsys):
    flowers.write_text("".join(f"{k},{3 * k + 7}\n" for k in range(40)), encoding="utf-8")
    assert main(["run", "1-1", "--data", str(flowers), "--target", "1", "--epochs", "300"]) == 0
    printed = capsys.readouterr().out
    assert "R²        1.0000, held out 1.0000" in printed and "accuracy" not in printed


def test_schedule_and_early_stopping(capsys):
    arguments = ["2-8-1", "--data", "moons", "--schedule", "warm_up=2+cosine", "--epochs", "40"]
    found = outcome(capsys, *arguments)
    rates = [epoch["learning_rate"] for epoch in found["history"]]
    assert rates[0] < rates[2] > rates[20] > rates[39] > 0
    stopped = [
        "2-32-1",
        "--data",
        "moons",
        "--optimizer",
        "adam",
        "--lr",
        "0.05",
        "--validation",
        "0.5",
        "--early-stopping",
        "5",
    ]
    assert main(["run", *stopped]) == 0
    printed = capsys.readouterr().out
    assert "stopped   no better than epoch" in printed and "these are the parameters of epoch" in printed


@pytest.mark.parametrize(("rule", "least"), [("5,1/50", 0.02), ("5,0.02", 0.02), ("5", 0.0)])
def test_early_stopping_with_a_least_gain(rule, least, capsys):
    found = outcome(capsys, "2-8-1", "--data", "moons", "--validation", "0.5", "--early-stopping", rule)
    result = run("2-8-1", "moons", validation=0.5, early_stopping=EarlyStopping(5, least))
    assert len(found["history"]) == len(result.history) < 1000
    assert found["best_epoch"] == result.best_epoch


@pytest.mark.parametrize("rule", ["0", "x", "5,", "5,-1", "5,nan", "5,1/0", "5,1,1"])
def test_a_bad_rule_of_early_stopping(rule, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["run", "2-1", "--early-stopping", rule])
    assert ended.value.code == 2
    assert "argument --early-stopping: " in capsys.readouterr().err


def test_a_resumed_run_prints_the_same(tmp_path, capsys):
    arguments = ["2-4-1", "--data", "moons", "--optimizer", "adam", "--checkpoint"]
    whole = outcome(capsys, *arguments, tmp_path / "whole.npz", "--epochs", "6")
    outcome(capsys, *arguments, tmp_path / "parts.npz", "--epochs", "4")
    assert outcome(capsys, *arguments, tmp_path / "parts.npz", "--epochs", "6", "--resume") == whole
    assert (tmp_path / "parts.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    """Killed for good, at an epoch that nobody chose."""
    path, environment = tmp_path / "run.npz", {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "symbackprop",
        "run",
        "2-6-1",
        "--data",
        "moons",
        "--format",
        "json",
        "--checkpoint",
    ]
    process = subprocess.Popen([*command, str(path), "--epochs", "100000"], env=environment, stdout=subprocess.PIPE)
    while not path.exists() and process.poll() is None:
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    with np.load(path) as stored:
        done = len(json.loads(bytes(stored["content"]))["history"])
    epochs = ["--epochs", str(done + 20)]
    outputs = [
        subprocess.run([*command, *rest], env=environment, capture_output=True, check=True).stdout
        for rest in ([str(path), *epochs, "--resume"], [str(tmp_path / "whole.npz"), *epochs])
    ]
    assert outputs[0] == outputs[1]
    assert path.read_bytes() == (tmp_path / "whole.npz").read_bytes()


@pytest.mark.parametrize("oracle", ["complex_step", "torch", "jax", "autograd"])
def test_another_oracle(oracle, capsys):
    if oracle != "complex_step":
        pytest.importorskip(oracle, reason="a library of the extra 'oracles', which is not installed")
    assert main(["run", "2-4-1", "--epochs", "5", "--against", oracle]) == 0
    assert f"relative error, against {oracle}" in capsys.readouterr().out


FILES = {
    "empty.csv": "",
    "names.csv": "a,b\n",
    "words.csv": "a,b,c\n1,2,0\n1,red,1\n",
    "gap.csv": "a,b,c\n1,2,0\n1,,1\n",
    "ragged.csv": "1,2,0\n1,2\n",
    "three.csv": "1,2,x\n1,2,y\n1,2,z\n",
}
BAD = {
    "missing": (["--data", "none.csv"], "none.csv: cannot be read: No such file or directory"),
    "empty": (["--data", "empty.csv"], "empty.csv: no line with numbers"),
    "only names": (["--data", "names.csv"], "names.csv: no line with numbers"),
    "words": (["--data", "words.csv"], "words.csv:3: column 2 (b) is 'red', expected a finite number"),
    "a gap": (["--data", "gap.csv"], "gap.csv:3: column 2 (b) is empty, expected a finite number"),
    "ragged": (["--data", "ragged.csv"], "ragged.csv:2: 2 columns where the first line of data has 3"),
    "target": (["--data", "words.csv", "--target", "d"], "words.csv: no column 'd'; columns are named a, b, c, or"),
    "classes": (["--data", "three.csv"], "the target has 3 classes (x, y, z), the network has 1 outputs; give it 3"),
    "width": (["--data", "sine"], "the data have 1 inputs, the network has 2"),
    "schedule": (["--schedule", "linear"], "no schedule named 'linear'; known: constant, "),
    "resume": (["--resume"], "--resume goes on from a checkpoint; name it with --checkpoint FILE"),
    "no checkpoint": (["--checkpoint", "none.npz", "--resume"], "none.npz: there is no checkpoint to go on from"),
    "no folder": (["--checkpoint", "no/run.npz", "--epochs", "2"], "no/run.npz: the checkpoint cannot be written"),
    "no folder for a plot": (["--plot", "no/run.svg"], "no/run.svg: cannot be written: there is no folder no"),
    "no folder for the output": (["-o", "no/run.txt"], "no/run.txt: cannot be written: there is no folder no"),
    "a folder for the output": (["-o", "."], ".: cannot be written: it is a folder"),
    "penalty": (["--penalty", "l2=-1"], "the strength of a penalty is a number from 0, not -1"),
    "oracle": (["--against", "tensorflow"], "no oracle named 'tensorflow'; known: autograd, "),
    "backend": (["--backend", "fortran"], "no backend named 'fortran'; known: c, jax, numpy, torch"),
    "target of no file": (["--target", "a"], "a target is a column of a CSV file, and xor is none"),
    "held out": (["--validation", "0.01"], "a share of 0.01 of 4 samples cannot be held out"),
    "divergence": (
        ["--data", "moons", "--activation", "relu,identity", "--loss", "quadratic_cost", "--lr", "1e30"],
        "epoch",
    ),
}


TRAINED = _Training._epoch


def never(*_):
    """What is known beforehand is said beforehand."""
    pytest.fail("it was trained first")


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_one_line_and_exit_code_2(what, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    arguments, message = BAD[what]
    monkeypatch.setattr("symbackprop.training.loop._Training._epoch", never if "folder" in what else TRAINED)
    assert main(["run", "2-3-1", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.startswith("symbackprop: error: ") and message in printed.err
    assert printed.err.count("\n") == 1


def needs_a_compiler():
    try:
        c_compiler.compiler()
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("name", ["c", "jax", "torch"])
def test_another_backend_trains_the_same_network(name, capsys):
    wanted = outcome(capsys, "2-3-1", "--epochs", "4")
    if name != "c":
        pytest.importorskip(name, reason=f"the extra {name} is not installed")
    else:
        needs_a_compiler()
    found = outcome(capsys, "2-3-1", "--epochs", "4", "--backend", name)
    assert (found["backend"], wanted["backend"]) == (name, "numpy")
    assert found["cross_check"]["passed"]
    assert found["losses"] == pytest.approx(wanted["losses"], rel=1e-10)
    short = outcome(capsys, "2-3-1", "--epochs", "4", "--backend", name, "--dtype", "float32")
    assert short["dtype"] == "float32" and short["losses"] == pytest.approx(wanted["losses"], rel=1e-4)


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_a_backend_that_lacks_its_library_says_what_to_install(name, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, name, None)
    assert main(["run", "2-3-1", "--backend", name]) == 2
    assert f"pip install 'symbackprop[{name}]'" in capsys.readouterr().err


def test_a_backend_that_lacks_its_compiler_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", str(tmp_path / "cc"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(c_compiler, "compiler", c_compiler.compiler.__wrapped__)
    # What is compiled already needs none.
    assert main(["run", "2-3-1", "--activation", "sine,sigmoid", "--backend", "c"]) == 2
    assert "needs a C compiler" in capsys.readouterr().err


@pytest.mark.parametrize("share", ["1", "-0.1", "1/0", "x", "nan"])
def test_a_share_is_a_number_below_1(share, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["run", "2-1", f"--validation={share}"])
    assert ended.value.code == 2
    assert "is not a share from 0, less than 1" in capsys.readouterr().err


def test_what_is_drawn_is_what_was_recorded():
    result = run("2-8-1", "moons", epochs=30, validation=0.25)
    trained, held = losses(result, "title").curves
    assert list(trained.y) == [epoch.loss for epoch in result.history]
    assert list(held.y) == [epoch.validation_loss for epoch in result.history]
    assert [curve.label for curve in gradient_norms(result).curves] == ["layer 1", "layer 2"]
    plane = boundary(result)
    assert fit(result) is None and len(plane.points) == len(plane.classes) == 150
    corner = result.predict(np.array([[plane.across[0], plane.up[-1]]]))[0, 0]
    assert plane.values[-1][0] == pytest.approx(corner)
    assert plane.edges == [0.5] and boundary(run("2-3-2", "moons", epochs=2)).edges == [0.5]


def test_what_is_not_finite_is_null(capsys):
    arguments = ["1-8-1", "--data", "sine", "--activation", "relu,identity", "--lr", "1000", "--epochs", "1"]
    assert main(["run", *arguments, "--format", "json"]) == 1, "gradients that are not finite agree with nothing"
    printed = capsys.readouterr().out
    found = json.loads(printed, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert found["r2"] is None and found["losses"][0] > 1e100


@pytest.mark.parametrize("name", ["torch", "jax", "autograd"])
def test_an_oracle_that_lacks_its_library_is_said_before_training(name, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("symbackprop.training.loop._Training._epoch", never)
    assert main(["run", "2-3-1", "--against", name]) == 2
    assert f"{name} is not installed; install it with: pip install 'symbackprop[oracles]'" in capsys.readouterr().err


def test_the_help_names_what_there_is(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    printed = capsys.readouterr().out
    words = set(printed.replace(",", " ").split())
    assert {*datasets, *optimizers, *oracles, *backends} <= words
    assert "half_squared_error" not in printed


def test_a_line_is_drawn_in_the_units_of_the_data():
    X = np.linspace(10, 20, 50)[:, None]
    result = run("1-4-1", (X, 1000 * X), epochs=50, standardise=True)
    samples, line = fit(result).curves
    assert boundary(result) is None
    assert (min(samples.x), max(samples.y)) == (pytest.approx(10), pytest.approx(20000))
    assert line.y[-1] == pytest.approx(result.predict(np.array([[20.0]]))[0, 0])


def test_what_is_drawn_of_odd_trainings(tmp_path, monkeypatch):
    """A name that reads as a formula, a long one, many layers, one epoch."""
    pytest.importorskip("matplotlib", reason="matplotlib, of the extra 'plot', is not installed")
    monkeypatch.chdir(tmp_path)
    name = rf"a$\frac$b{'c' * 100}.csv"
    Path(name).write_text("".join(f"{k},{k % 5},{k % 2}\n" for k in range(20)), encoding="utf-8")
    assert main(["run", "-".join(["2", *["3"] * 30, "1"]), "--data", name, "--epochs", "1", "--plot", "run.svg"]) == 0
    words = Path("run.svg").read_text(encoding="utf-8")
    assert [f"layer {k}" for k in range(1, 32) if f">layer {k}<" in words] == [
        "layer 1",
        "layer 9",
        "layer 16",
        "layer 23",
        "layer 31",
    ]
    assert "…" in words and "c" * 50 not in words


@pytest.mark.parametrize(("spec", "data"), [("2-3-2", "moons"), ("1-3-1", "sine"), ("3-2", None)])
def test_the_file_of_a_plot_is_the_same_twice(spec, data, tmp_path, flowers):
    pytest.importorskip("matplotlib", reason="matplotlib, of the extra 'plot', is not installed")
    if data is None:
        flowers.write_text("".join(f"{k},{k % 5},{k % 3},{k % 2}\n" for k in range(20)), encoding="utf-8")
    for name in ("one.svg", "two.svg"):
        arguments = ["--data", data or str(flowers), "--epochs", "4", "--plot", str(tmp_path / name)]
        assert main(["run", spec, *arguments]) == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert (tmp_path / "one.svg").read_text(encoding="utf-8").count('id="axes_') == (2 if data is None else 3)
