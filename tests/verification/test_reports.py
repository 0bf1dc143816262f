"""Every format says the same, is valid, and carries no text of a note where it could act."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from junitparser import JUnitXml

from symbackprop.errors import UnknownName
from symbackprop.verification.check import check_text
from symbackprop.verification.codes import codes, explain
from symbackprop.verification.note import NotLookedAt, find_formulas
from symbackprop.verification.report import File, Finding, Report, schema
from symbackprop.verification.reports import Style, formats
from symbackprop.verification.reports.drawing import picture
from symbackprop.verification.reports.github import summary
from symbackprop.verification.verdict import Counterexample, Judgement, Verdict

POINT = Counterexample((("z", "0"),), "1/4", "3/4", "rationals")
WRONG = Judgement(Verdict.REFUTED, "SBP001", "the two sides differ", "exact point", ("z is real",), POINT, "b=c=e")
RIGHT = Judgement(Verdict.PROVED, message="", how="normal form", assumptions=("z is real", "h is smooth"))
OPEN = Judgement(Verdict.UNDECIDED, "SBP010", "agrees at 12 points, no proof found")
STRANGE = Judgement(Verdict.NOT_UNDERSTOOD, "SBP021", r"unknown macro \b at column 3")
DEFINED = Judgement(Verdict.DEFINITION)

HOSTILE = [
    "\n::error file=x::pwned",
    "\r##vso[task.complete]",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202eright to left\u2028next",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]><!--",
    "</code></article>&lt;",
    "%0A::warning::x",
]


def report(text: str, *judgements: list[tuple[str, Judgement]], path: str = "notes/a.md") -> Report:
    note = find_formulas(text, path=path)
    findings = [Finding.of(f, links) for f, links in zip(note.formulas, judgements, strict=True)]
    return Report(tuple(findings), (File(path, len(findings), note.not_looked_at),), {"seed": 0})


def sample() -> Report:
    return report(
        "$a=b$ w<sup>l</sup>\n\n$b=c=d$\n$e=f$ $g=h$ $i=j$ $k$",
        [("a=b", RIGHT)],
        [("b=c", RIGHT), ("c=d", WRONG)],
        [("e=f", OPEN)],
        [("g=h", STRANGE)],
        [("i=j", DEFINED)],
        [],
    )


def test_the_verdict_of_a_formula_is_that_of_its_worst_link() -> None:
    findings = sample().findings
    assert [f.verdict for f in findings] == [
        Verdict.PROVED,
        Verdict.REFUTED,
        Verdict.UNDECIDED,
        Verdict.NOT_UNDERSTOOD,
        Verdict.DEFINITION,
        Verdict.SKIPPED,
    ]
    chain = findings[1]
    assert (chain.code, chain.message, chain.counterexample) == ("SBP001", "the two sides differ", POINT)
    assert [link.verdict for link in chain.links] == [Verdict.PROVED, Verdict.REFUTED]
    assert chain.assumptions == ("z is real", "h is smooth")


def test_exit_codes() -> None:
    good = report("$a=b$", [("a=b", RIGHT)])
    assert good.exit_code() == good.exit_code(strict=True) == good.exit_code(require=1) == 0
    assert good.exit_code(require=2) == 1
    assert report("$a=b$", [("a=b", WRONG)]).exit_code() == 1
    for judgement in (OPEN, STRANGE):
        unsettled = report("$a=b$", [("a=b", judgement)])
        assert (unsettled.exit_code(), unsettled.exit_code(strict=True)) == (0, 1)


def test_an_expected_refutation_passes_and_a_missed_one_fails() -> None:
    text = "<!-- symbackprop-expect: refuted --> $a=b$"
    assert report(text, [("a=b", WRONG)]).exit_code(strict=True) == 0
    missed = report(text, [("a=b", RIGHT)])
    assert missed.exit_code() == 1
    for name, render in formats.items():
        if name not in ("json", "jsonl"):
            assert "expected refuted, but proved" in render(missed, Style()), name
    assert "error: expected refuted, but proved" in formats["text"](missed, Style())


def test_a_disabled_formula_is_skipped() -> None:
    off = report("<!-- symbackprop-disable --> $a=b$", [("a=b", WRONG)])
    assert off[0].verdict == Verdict.SKIPPED and off.exit_code() == 0


def test_a_report_is_no_truth_value() -> None:
    with pytest.raises(TypeError, match="not true or false"):
        bool(sample())


def test_text() -> None:
    assert formats["text"](sample(), Style()) == (
        "notes/a.md:3:2: error: the two sides differ [SBP001]\n"
        "    | b=c=d\n"
        "    | in: c=d\n"
        "    | at z = 0: left 1/4, right 3/4 (rationals)\n"
        "    | should be: b=c=e\n"
        "    | assuming: z is real; h is smooth\n"
        "notes/a.md:4:2: warning: agrees at 12 points, no proof found [SBP010]\n"
        "    | e=f\n"
        "notes/a.md:4:8: note: unknown macro \\b at column 3 [SBP021]\n"
        "    | g=h\n"
        "✗ notes/a.md: 6 formulas: 1 proved, 1 refuted, 1 undecided, 1 not understood, 1 definition, 1 skipped; "
        "not looked at: 1 sub/sup tag\n"
    )


def test_text_says_when_nothing_was_found() -> None:
    nothing = Report((), (File("a.md", 0, NotLookedAt(text_lines=2)),))
    assert "warning: no formula found; looked for $…$" in formats["text"](nothing, Style())
    assert "not looked at: 2 lines of plain-text mathematics" in formats["text"](nothing, Style())


def test_json_fits_the_schema_and_comes_back() -> None:
    document = json.loads(formats["json"](sample(), Style()))
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert document["counts"]["refuted"] == 1
    assert tuple(Finding.from_json(finding) for finding in document["findings"]) == sample().findings
    lines = formats["jsonl"](sample(), Style()).splitlines()
    assert [json.loads(line) for line in lines] == document["findings"]


def test_the_schema_refuses_another_document() -> None:
    document = json.loads(formats["json"](sample(), Style()))
    document["findings"][0]["verdict"] = "fine"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(document)


def test_sarif() -> None:
    log = json.loads(formats["sarif"](sample(), Style()))
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert rules == set(codes)
    assert [r["ruleId"] for r in run["results"]] == ["SBP001", "SBP010", "SBP021"]
    assert {r["level"] for r in run["results"]} == {"error", "warning", "note"}
    first = run["results"][0]["locations"][0]["physicalLocation"]
    assert first["artifactLocation"] == {"uri": "notes/a.md"}
    assert (first["region"]["startLine"], first["region"]["startColumn"], first["region"]["endColumn"]) == (3, 2, 7)


def test_sarif_fits_its_schema() -> None:
    """The OASIS schema of SARIF 2.1.0, without its descriptions."""
    path = Path(__file__).with_name("sarif-2.1.0.schema.json")
    validator = jsonschema.Draft4Validator(json.loads(path.read_text(encoding="utf-8")))
    log = json.loads(formats["sarif"](sample(), Style()))
    validator.validate(log)
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator.is_valid(log)


def test_a_sarif_fingerprint_survives_moved_lines_and_tells_twins_apart() -> None:
    def prints(text: str, *links: list[tuple[str, Judgement]]) -> list[str]:
        results = json.loads(formats["sarif"](report(text, *links), Style()))["runs"][0]["results"]
        return [result["partialFingerprints"]["formula/v1"] for result in results]

    twins = prints("$a=b$ $a=b$", [("a=b", WRONG)], [("a=b", WRONG)])
    assert len(set(twins)) == 2
    assert prints("moved\n\n$a=b$", [("a=b", WRONG)]) == twins[:1]


def test_github_annotations_show_what_is_refuted_first() -> None:
    lines = formats["github"](report("$a=b$ $c=d$", [("a=b", OPEN)], [("c=d", WRONG)]), Style()).splitlines()
    assert lines[0].startswith("::error file=notes/a.md,line=1,endLine=1,col=8,title=symbackprop SBP001,endColumn=11::")
    assert lines[1].startswith("::warning ")
    assert lines[2] == "0 proved, 1 refuted, 1 undecided"


def test_the_summary_of_a_github_step_is_a_table() -> None:
    table = summary(sample()).splitlines()
    assert table[0] == "### symbackprop: 1 proved, 1 refuted, 1 undecided, 1 not understood, 1 definition, 1 skipped"
    assert table[4].startswith("| notes/a.md:3:2 | SBP001 | the two sides differ | ")
    assert len(table) == 7
    hostile = report("$a|b`=<img>$", [("", WRONG)], path="a|b.md")
    assert summary(hostile).splitlines()[4].count("|") == 5
    assert "<img>" not in summary(hostile)


def test_junit_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text(formats["junit"](sample(), Style()), encoding="utf-8")
    (suite,) = JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert (suite.tests, suite.failures, suite.skipped) == (6, 1, 3)
    assert len(list(suite)) == 6


class Page(HTMLParser):
    """The tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_html_is_one_file_without_scripts_or_network() -> None:
    page = formats["html"](sample(), Style())
    tags = Page(page).found
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in tags}
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import", page)
    assert sum(tag == "article" for tag, _ in tags) == 5 and "1 without a claim" in page
    used = {a["href"] for tag, a in tags if tag == "use"}
    assert used == {f"#{a['id']}" for tag, a in tags if tag == "symbol"}
    assert "<pre>b=c=<del>d</del><ins>e</ins></pre>" in page


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", formats)
def test_text_of_a_note_never_acts(name: str, hostile: str) -> None:
    note = find_formulas("$a=b$", path=f"{hostile.strip()}.md")
    point = Counterexample(((hostile, hostile),), hostile, hostile, hostile)
    bad = Judgement(Verdict.REFUTED, "SBP001", hostile, hostile, (hostile,), point, hostile)
    finding = Finding.of(note.formulas[0], [(hostile, bad)])
    made = Report((finding,), (File(note.path, 1),), {hostile: hostile})
    text = formats[name](made, Style())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", text)
    if name == "text":
        assert not re.search(r"(?m)^\s*(?:::|##)", text)
    if name == "github":
        assert len(re.findall(r"(?m)^\s*(?:::|##)", text)) == 1
    if name in ("html", "junit"):
        harmless = Report((Finding.of(note.formulas[0], [("a=b", WRONG)]),), (File(note.path, 1),), {})
        expected = {tag for tag, _ in Page(formats[name](harmless, Style())).found}
        assert {tag for tag, _ in Page(text).found} <= expected | {"del", "ins"}


@pytest.mark.parametrize("name", formats)
def test_an_ascii_output_gets_ascii(name: str) -> None:
    made = report("$∂a=b$", [("∂a=b", WRONG)])
    formats[name](made, Style(unicode=False)).encode("ascii")


def test_color_is_used_only_where_it_is_wanted() -> None:
    assert "\x1b" not in formats["text"](sample(), Style())
    assert "\x1b[31merror" in formats["text"](sample(), Style(color=True))


@pytest.mark.parametrize("name", codes)
def test_every_code_is_explained(name: str) -> None:
    text = explain(name.lower())
    assert text.startswith(f"{name} (") and "Example: " in text
    assert codes[name].level in ("error", "warning", "note")


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UnknownName, match="no code named 'SBP999'; known: SBP001, "):
        explain("SBP999")


DRAWN = {
    "sum in parentheses": r"\left( \sum_i w_{ij} \delta_i \right) \sigma'(z_j)",
    "aligned": r"\begin{align} a &= b \\ &= c \end{align}",
    "cases": r"h' = \begin{cases} 0 & z < 0 \\ 1 & \text{otherwise} \end{cases}",
    "maximum": r"\max(0, x) + \alpha \min(0, x)",
    "Unicode": r"\frac{∂J}{∂w^{10}_ {i}} = ε^0 a^1_i",
}


@pytest.mark.parametrize("what", DRAWN)
def test_formulas_are_drawn(what: str) -> None:
    drawn = picture(DRAWN[what])
    assert drawn is not None and 'role="img"' in drawn and "currentColor" in drawn
    height = float(re.findall(r'height="([\d.]+)"', drawn)[0])
    assert 10 < height < 120


@pytest.mark.parametrize("tex", [r"\href{javascript:alert(1)}{x}", r"\w_j", "{" * 50 + "}" * 50, "x" * 5000, r"\frac{"])
def test_what_cannot_be_drawn_is_left_as_source(tex: str) -> None:
    assert picture(tex) is None


def test_every_glyph_of_a_page_is_in_it_once() -> None:
    r"""Also behind a glyph that is empty, as the space in ``\tanh (z)``."""
    page = formats["html"](check_text(r"$t = \tanh(z)$ $p = \mathrm{softmax}(z)$"), Style())
    glyphs, used = re.findall(r'<symbol id="([^"]+)"', page), set(re.findall(r'href="#([^"]+)"', page))
    assert used and used <= set(glyphs) and len(glyphs) == len(set(glyphs))
