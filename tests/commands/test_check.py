"""``symbackprop check`` from end to end: what it prints, returns and changes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from symbackprop.cli import main
from symbackprop.verification.cache import standard_folder
from symbackprop.verification.report import schema
from symbackprop.verification.reports import formats

ROOT = Path(__file__).resolve().parents[2]
RIGHT = r"$\tanh'(z) = 1 - \tanh(z)^2$"
WRONG = r"$\tanh'(z) = 1 + \tanh(z)^2$"
STRANGE = r"$\tanh'(z) = \unknownmacro{z}$"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "note.md"


def check(note: Path, text: str, *options: str) -> int:
    note.write_bytes(text.encode())
    return main(["check", str(note), *options])


def test_exit_codes(note: Path) -> None:
    assert check(note, RIGHT) == check(note, RIGHT, "--strict") == check(note, RIGHT, "--require", "1") == 0
    assert check(note, RIGHT, "--require", "2") == 1
    assert check(note, WRONG) == 1
    assert (check(note, STRANGE), check(note, STRANGE, "--strict")) == (0, 1)
    assert check(note, f"<!-- symbackprop-expect: refuted -->\n{WRONG}") == 0
    assert check(note, f"<!-- symbackprop-disable-next-line -->\n{WRONG}") == 0


def test_what_is_wrong_is_shown_with_its_correction(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(note, f"one\n{RIGHT}\n{WRONG} {STRANGE}\n")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{note}:3:2: error: the two sides differ") and lines[0].endswith("[SBP001]")
    assert lines[1] == r"    | \tanh'(z) = 1 + \tanh(z)^2"
    assert "left" in lines[2] and "right" in lines[2]
    assert lines[3] == r"    | should be: \tanh'(z) = 1 - \tanh(z)^2"
    assert any(line.startswith(f"{note}:3:31: note: ") and line.endswith("[SBP021]") for line in lines)
    assert lines[-1] == f"✗ {note}: 3 formulas: 1 proved, 1 refuted, 1 not understood"


def test_fix_changes_the_formula_and_nothing_else(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"ä\r\n{WRONG}\r\n{RIGHT} \t\r\n"
    assert check(note, text, "--diff") == 1
    assert note.read_bytes() == text.encode()
    assert rf"+{RIGHT}" in capsys.readouterr().out
    assert check(note, text, "--fix") == 0
    assert note.read_bytes() == text.replace(WRONG, RIGHT).encode()


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for options, code in (([], 1), (["--fix"], 2), (["--diff"], 2)):
        stream = io.TextIOWrapper(io.BytesIO(WRONG.encode()), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", stream)
        assert main(["check", "-", *options]) == code
    assert "-:1:2: error: the two sides differ" in capsys.readouterr().out


@pytest.mark.parametrize("name", formats)
def test_every_format_goes_to_a_file(name: str, note: Path, tmp_path: Path) -> None:
    target = tmp_path / "report"
    assert check(note, WRONG, "--format", name, "-o", str(target)) == 1
    assert target.stat().st_size > 0
    if name == "json":
        jsonschema.Draft202012Validator(schema()).validate(json.loads(target.read_text(encoding="utf-8")))


def test_quiet_is_silent_on_success_only(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(note, RIGHT, "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert check(note, WRONG, "--quiet") == 1
    assert "1 refuted" in capsys.readouterr().out


def test_the_summary_of_a_github_step(note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    check(note, WRONG, "--format", "github")
    assert "| SBP001 |" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_note_without_formulas_says_what_was_looked_for(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(note, "no mathematics, but w<sub>j</sub>") == 0
    assert "no formula found; looked for" in capsys.readouterr().out


def test_a_wrong_comment_block_names_its_place(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(note, "\n<!-- symbackprop\nnotation: none\n-->\n$x$") == 2
    message = capsys.readouterr().err
    assert message.startswith("symbackprop: error: ") and "none" in message and "nielsen" in message


def test_the_report_is_the_same_under_any_hash_seed_and_any_number_of_jobs(note: Path) -> None:
    note.write_text("\n".join([RIGHT, WRONG, STRANGE, "<!-- symbackprop notation: nielsen -->"] * 6), encoding="utf-8")
    reports = set()
    for seed, jobs in (("0", "1"), ("1", "2"), ("2", "3")):
        command = [sys.executable, "-m", "symbackprop", "check", str(note), "--format", "json", "--jobs", jobs]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, env=environment, cwd=ROOT)
        assert done.returncode == 1, done.stderr
        reports.add(done.stdout)
    assert len(reports) == 1


def test_nothing_of_a_note_is_compiled_or_executed(note: Path) -> None:
    """An audit hook sees every compilation; after the imports there may be none."""
    note.write_text(r"$\tanh(z) = __import__('os').system('true')$ $x = \text{eval(1)}$ " + WRONG, encoding="utf-8")
    done = run_python(AUDITED, str(note))
    assert done.stdout == "3 []\n", done.stdout + done.stderr


AUDITED = r"""
import sys
from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas, read_note
from symbackprop.verification.settings import Settings

def work(note):
    return list(judge_share(note, Settings(), 0, len(note.formulas), frozenset()))

def listen(event, arguments):
    if event in ("compile", "exec"):
        seen.append((event, str(arguments)[:200]))

# The first judgement imports what it needs; another note, so that no result of it is at hand for the second.
work(find_formulas(r"$\sinh'(x) = 2 - \cosh(x)$ $z = \text{some}(1)$ $x =$", path="warm.md"))
seen = []
sys.addaudithook(listen)
print(len(work(read_note(sys.argv[1]))), seen)
"""


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment)


def test_the_audit_sees_what_is_compiled() -> None:
    assert "compile" in run_python(AUDITED.replace("print(len", "eval('1'); print(len"), os.devnull).stdout


def test_verdicts_are_kept_between_runs_and_can_be_cleared(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def out(*options: str) -> str:
        assert check(note, f"{WRONG} {RIGHT} {STRANGE}", "-v", *options) == 1
        return capsys.readouterr().out

    fresh = out("--no-cache")
    (verdicts,) = [standard_folder() / "verdicts"]  # type: ignore[operator]
    assert not verdicts.exists()
    assert fresh == out() == out() == out("--jobs", "2")
    assert len(list(verdicts.iterdir())) == 1
    assert main(["check", "--clear-cache"]) == 0
    assert not verdicts.exists()
    assert out("--clear-cache") == fresh
    assert len(list(verdicts.iterdir())) == 1


def test_nothing_to_check_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert "say what to check" in capsys.readouterr().err


BAD = {
    "undecodable.md": (b"\xff\xfe$a$", "not UTF-8 at byte 0"),
    "broken.ipynb": (b"{", "not a Jupyter notebook"),
    "block.md": (b"<!-- symbackprop\nnotation: none\n-->\n$x$", "block.md:2: no notation named 'none'"),
}


@pytest.mark.parametrize("name", formats)
def test_files_that_cannot_be_checked_do_not_keep_the_others_from_it(
    name: str, note: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = note.parent
    for bad, (data, _) in BAD.items():
        (folder / bad).write_bytes(data)
    (folder / "empty").mkdir()
    paths = [str(folder / bad) for bad in (*BAD, "missing.md", "empty")]
    assert check(note, WRONG, *paths, "--format", name) == 2
    printed = capsys.readouterr()
    if name == "text":
        assert f"{note}:1:2: error: the two sides differ" in printed.out
    else:
        assert all(bad in printed.out for bad in ("undecodable.md", "block.md", "missing.md")), printed.out
    assert "tanh" in printed.out
    lines = printed.err.splitlines()
    assert len(lines) == 5 and all(line.startswith("symbackprop: error: ") for line in lines)
    for words in (*(words for _, words in BAD.values()), "missing.md: no such file", "empty: no notes in this folder"):
        assert words in printed.err
    if name == "json":
        jsonschema.Draft202012Validator(schema()).validate(json.loads(printed.out))
        assert len(json.loads(printed.out)["unread"]) == 5


def test_the_report_on_the_others_goes_to_its_file_and_without_others_it_stays(note: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    missing = str(tmp_path / "none.md")
    assert main(["check", missing, missing + "x", "-o", str(target)]) == 2
    assert not target.exists()
    assert check(note, RIGHT, missing, "-o", str(target)) == 2
    assert "1 proved" in target.read_text(encoding="utf-8")


def test_fixing_and_explaining_go_on_past_a_bad_file(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = note.parent / "bad.md"
    bad.write_bytes(b"\xff")
    assert check(note, WRONG, str(bad), "--fix") == 2
    assert note.read_text(encoding="utf-8") == RIGHT
    assert check(note, "$o_i = \\sum_j w_{ij} x_j$", str(bad), "--explain-notation") == 2
    printed = capsys.readouterr()
    assert "'o': vector" in printed.out and printed.err.count("bad.md: not UTF-8") == 2


def run_cli(*arguments: str, shell: str = '"$@"', **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["sh", "-c", shell, "sh", sys.executable, "-m", "symbackprop", "check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, **options)  # type: ignore[call-overload]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
@pytest.mark.parametrize(
    ("shell", "paths", "code", "message"),
    [
        ('"$@" >&-', ["n.md"], 1, ""),
        ('"$@" <&-', ["-"], 2, "-: standard input is closed"),
        ('"$@" > /dev/full', ["n.md"], 2, "the output cannot be written: No space left on device"),
    ],
)
def test_streams_that_are_closed_or_full(shell: str, paths: list[str], code: int, message: str, tmp_path: Path) -> None:
    if "full" in shell and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    (tmp_path / "n.md").write_text(WRONG, encoding="utf-8")
    done = run_cli(*paths, shell=shell, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert done.stderr == (f"symbackprop: error: {message}\n" if message else "")


def test_line_ends_and_marks_of_windows(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"\ufeff---\r\ntitle: $x$\r\n---\r\n{WRONG}\r\n"
    assert check(note, text) == 1
    assert capsys.readouterr().out.startswith(f"{note}:4:2: error:")
    assert check(note, text, "--fix") == 0
    assert note.read_bytes() == text.replace(WRONG, RIGHT).encode()


def test_a_time_limit_beyond_all_waiting(note: Path) -> None:
    assert check(note, RIGHT, "--timeout", "1e300") == 0


def test_files_that_are_named_in_a_latex_file_are_said_not_to_be_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "main.tex"
    file.write_text(rf"\input{{one}} {RIGHT} \include{{two}} % \input{{three}}", encoding="utf-8")
    assert main(["check", str(file)]) == 0
    assert "not looked at: 2 files of \\input (name them too)" in capsys.readouterr().out


def test_a_note_of_many_formulas(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(note, "$a < b$ " * 5_000) == 0
    assert "5000 formulas" in capsys.readouterr().out
