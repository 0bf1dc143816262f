"""The command line: exit codes, errors in one line, and output files that are never half written."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sympy import symbols

from symbackprop import __version__
from symbackprop.cli import main, parser
from symbackprop.commands.notes import notes_in
from symbackprop.commands.output import deliver, write_file
from symbackprop.errors import InvalidSpec
from symbackprop.initializers import initializers
from symbackprop.notations import notations
from symbackprop.optimizers import optimizers
from symbackprop.rendering import formats
from symbackprop.verification.check import check_text
from symbackprop.verification.codes import codes

ROOT = Path(__file__).resolve().parents[2]


def symbackprop(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with a note or two possible on standard input."""
    command = [sys.executable, "-m", "symbackprop", *arguments]
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, capture_output=True, text=True, env=whole, cwd=ROOT, encoding="utf-8")


@pytest.mark.parametrize("notation", notations)
def test_derive_in_every_notation(notation: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "2-3-1", "--notation", notation, "--detail", "result"]) == 0
    assert capsys.readouterr().out.startswith("# ")


@pytest.mark.parametrize("to", formats)
def test_derive_to_every_format(to: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert main(["derive", "2-2", "--to", to, "--form", "matrix", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").endswith("\n")


def test_derive_the_general_step_and_an_activation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--general", "--to", "latex"]) == 0
    assert r"h'(z^{l}_{j})" in capsys.readouterr().out
    assert main(["derive", "--activation", "tanh", "--to", "latex"]) == 0
    assert r"\tanh'(z)" in capsys.readouterr().out


def test_derive_a_network_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.toml"
    file.write_text('n_in = 2\n[[layers]]\nwidth = 3\nactivation = "tanh"\n', encoding="utf-8")
    assert main(["derive", str(file), "--detail", "result"]) == 0
    assert r"\tanh" in capsys.readouterr().out
    assert main(["derive", str(file), "--loss", "squared_error"]) == 2


def test_run_trains_and_compares_the_gradients(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "2-4-1"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("2-4-1 (tanh, sigmoid; binary_cross_entropy) on xor: 4 samples, 1000 epochs of momentum")
    assert "accuracy  100.0%" in printed and "against the reference" in printed


def test_run_as_json(tmp_path: Path) -> None:
    target = tmp_path / "run.json"
    assert main(["run", "1-3-1", "--data", "sine", "--epochs", "5", "--format", "json", "-o", str(target)]) == 0
    document = json.loads(target.read_text(encoding="utf-8"))
    assert len(document["losses"]) == 5 and document["accuracy"] is None
    assert document["activations"] == ["tanh", "identity"] and document["objective"] == "quadratic_cost"
    assert document["cross_check"]["passed"] and set(document["cross_check"]["errors"]) == {"w^1", "b^1", "w^2", "b^2"}


def test_run_on_a_file_of_numbers_and_a_declared_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data.csv").write_text("a,b,class\n0,0,0\n1,1,1\n0,1,0\n", encoding="utf-8")
    (tmp_path / "net.toml").write_text('n_in = 2\n[[layers]]\nwidth = 1\nactivation = "sigmoid"\n', encoding="utf-8")
    data = ["--data", str(tmp_path / "data.csv"), "--epochs", "3"]
    assert main(["run", str(tmp_path / "net.toml"), *data]) == 0
    assert "(sigmoid; half_squared_error)" in capsys.readouterr().out
    assert main(["run", "2-2-1", *data]) == 0
    assert "(tanh, sigmoid; binary_cross_entropy)" in capsys.readouterr().out


@pytest.mark.parametrize("to", [name for name in formats if name != "html"])
@pytest.mark.parametrize("name", optimizers)
def test_derive_an_optimizer(name: str, to: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--optimizer", name, "--to", to]) == 0
    printed = capsys.readouterr().out
    assert r"\theta_{t}" in printed.replace("\\\\", "\\") and "lamda" not in printed


@pytest.mark.parametrize("name", initializers)
def test_derive_an_initializer(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed ends in the declared variance, as a formula that the check reads."""
    assert main(["derive", "--initializer", name]) == 0
    solved = r"^\\mathrm\{Var\}\(w\) +&= (.*?) && \\text\{(?:solved for it|as declared)\}"
    (variance_tex,) = re.findall(solved, capsys.readouterr().out, re.MULTILINE)
    tex = rf"\mathrm{{Var}}(w) = {variance_tex}"
    variance = initializers[name].variance(*symbols("n_{in} n_{out}"))
    sizes = r"n_{\mathrm{in}}: scalar, n_{\mathrm{out}}: scalar"
    declared = str(variance).replace("_{in}", r"_{\mathrm{in}}").replace("_{out}", r"_{\mathrm{out}}")
    said = f"<!-- symbackprop\nsymbols: {{w: 'random(0, {declared})', {sizes}}}\n"
    report = check_text(f"{said}-->\n$${tex}$$\n")
    assert [found.verdict.value for found in report] == ["proved"], (tex, report[0].message)


def test_a_plot_needs_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["run", "2-1", "--plot", str(tmp_path / "loss.svg")]) == 2
    printed = capsys.readouterr()
    assert "symbackprop[plot]" in printed.err and printed.out == ""


def test_a_plot_of_the_loss(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert main(["run", "2-2-1", "--epochs", "3", "--plot", str(tmp_path / "loss.svg")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["loss.svg"]
    assert "<svg" in (tmp_path / "loss.svg").read_text(encoding="utf-8")


WRONG = {
    "plot": (
        ["run", "2-1", "--plot", "loss.gif"],
        "loss.gif: a plot is written to a file that ends in .svg, .png, .pdf",
    ),
    "initializer": (["derive", "--initializer", "x"], "no initializer named 'x'; known: he, "),
    "two subjects": (["derive", "3-2", "--initializer", "he"], "say one thing to derive"),
    "update": (["derive", "--optimizer", "x"], "no optimizer named 'x'; known: adagrad, "),
    "optimizer and initializer": (["derive", "--optimizer", "sgd", "--initializer", "he"], "say one thing to derive"),
    "no spec": (["derive"], "say what to derive: a network such as 3-4-2"),
    "spec": (["derive", "3-x!"], "is not a width"),
    "activation": (["derive", "3-2", "--activation", "tan"], "no activation named 'tan'; known: celu, "),
    "loss": (["derive", "3-2", "--loss", "x"], "no loss named 'x'; known: "),
    "notation": (["derive", "3-2", "--notation", "x"], "no notation named 'x'; known: backward_epsilon, "),
    "format": (["derive", "3-2", "--to", "x"], "no format named 'x'; known: "),
    "output": (["derive", "3-2", "-o", "/no/such/folder/x"], "/no/such/folder/x: cannot be written: No such file"),
    "no file": (["derive", "none.toml"], "none.toml: cannot be read"),
    "code": (["explain", "SBP999"], "no code named 'SBP999'; known: "),
    "data": (["run", "2-1", "--data", "x"], "no data set named 'x'; known: breast_cancer, circles, "),
    "optimizer": (["run", "2-1", "--optimizer", "x"], "no optimizer named 'x'; known: adagrad, "),
    "note": (["check", "none.md"], "none.md: no such file or folder"),
    "report format": (["check", "README.md", "--format", "x"], "no format named 'x'; known: github, html, json, "),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_error_is_one_line_and_exit_code_2(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = WRONG[what]
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.startswith("symbackprop: error: ") and message in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["x"], ["check", "a", "--timeout", "0"], ["check", "a", "--jobs=-1"], ["run", "2-1", "--epochs=0"]],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: symbackprop" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--version"], ["--help"], ["derive", "--help"], ["check", "--help"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"symbackprop {__version__}\n")


def test_every_command_has_its_module() -> None:
    actions = [action.choices for action in parser()._actions if action.dest == "command"]
    modules = {path.stem for path in (ROOT / "symbackprop" / "commands").glob("*.py")}
    shared = {"__init__", "accuracy", "notes", "output", "pages", "plotting", "training_plots", "watching"}
    shared |= {"kernel_errors", "matrices", "measured"}
    assert set(actions[0] or ()) == modules - shared


def test_the_hook_for_pre_commit_is_a_command_of_ours() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    program, *arguments = hook["entry"].split()
    options = parser().parse_args([*arguments, "a.md", "b.tex"])
    assert (program, options.command, options.quiet, options.paths) == ("symbackprop", "check", True, ["a.md", "b.tex"])
    assert hook["language"] == "python" and set(hook["types_or"]) == {"markdown", "jupyter", "tex"}


def test_explain_lists_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(codes)


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m symbackprop derive 3-3-3-3-3-3-3-3 --batch n | head -c 10"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.stderr == ""


def test_an_ascii_terminal_is_survived() -> None:
    done = symbackprop("explain", "SBP030", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and done.stdout.isascii()


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.md"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    write_file(target, "new\r\n")
    assert target.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InvalidSpec, match="cannot be written: No space left"):
        write_file(target, "newer")
    assert target.read_bytes() == b"new\r\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.md"]


def test_a_device_is_written_to(capsys: pytest.CaptureFixture[str]) -> None:
    deliver("text", os.devnull)
    assert capsys.readouterr().err == f"wrote {os.devnull}\n"


def test_a_folder_stands_for_its_notes(tmp_path: Path) -> None:
    for name in ("b.md", "a.tex", "c.py", "sub/d.ipynb", ".git/e.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    found = list(notes_in([str(tmp_path / "b.md"), str(tmp_path), "-", "-"]))
    assert [Path(path).name for path in found] == ["b.md", "a.tex", "d.ipynb", "-"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidSpec, match="no notes in this folder; looked for "):
        list(notes_in([str(tmp_path / "empty")]))
