import json
import re
import sys
from collections.abc import Callable

import pytest

from policy_lang.analysis.registry import RULES
from policy_lang.cli import main
from policy_lang.diagnostics.codes import CODES

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `policy rule`: the exit code, standard output and standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        return main(["rule", *arguments]), *capsys.readouterr()

    return call


def test_the_table_of_all_rules(run: Run) -> None:
    code, out, err = run()
    head, *rows = out.splitlines()
    assert (code, err) == (0, "")
    assert head.split() == ["code", "name", "severity", "fix", "title"]
    assert [row.split()[:2] for row in rows] == [[rule.code, rule.name] for rule in RULES]


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_table_fits(columns: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the screen, nothing is cut, and a title that goes on does so in its own column."""
    monkeypatch.setenv("COLUMNS", columns)
    _, out, _ = run()
    assert max(map(len, out.splitlines())) <= int(columns)
    start = out.index("title")
    rows = re.split(r"\n(?=PL)", out.rstrip())[1:]
    assert [" ".join(line[start:] for line in row.splitlines()) for row in rows] == [rule.title for rule in RULES]
    assert [row.split()[1] for row in rows] == [rule.name for rule in RULES]


def test_all_rules_as_json(run: Run) -> None:
    _, out, _ = run("--format", "json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["code"] for row in rows] == [rule.code for rule in RULES]
    assert set(rows[0]) == {"code", "name", "category", "severity", "fixable", "title"}


@pytest.mark.parametrize("word", ["PL322", "pl322", "null_comparison"])
def test_the_page_of_a_rule(word: str, run: Run) -> None:
    code, out, _ = run(word)
    assert code == 0
    assert out.startswith("# PL322 null_comparison\n\n*missing data · warning · has a fix*\n")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page(code: str, run: Run) -> None:
    assert run(code)[0] == 0


def test_the_page_of_an_error_as_json(run: Run) -> None:
    _, out, _ = run("PL203", "--format", "json")
    found = json.loads(out)
    assert (found["code"], found["name"], found["severity"]) == ("PL203", None, "error")
    assert found["page"].startswith("# PL203 a property is not declared\n")
    assert json.loads(run("PL322", "-f", "json")[1])["category"] == "missing data"


@pytest.mark.parametrize(
    ("word", "help_"), [("null_comparisn", "did you mean `null_comparison`?"), ("zzzzz", "`policy rule` lists all rules")]
)
def test_what_there_is_not(word: str, help_: str, run: Run) -> None:
    code, out, err = run(word)
    assert (code, out) == (2, "")
    assert err == f"error: `{word}` is neither a code nor a rule\n  = help: {help_}\n"


@pytest.mark.parametrize("colours", [{}, {"NO_COLOR": "1"}])
def test_a_terminal_gets_the_page_laid_out(colours: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COLUMNS": "80", "TERM": "xterm", **colours}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    _, out, _ = run("PL322")
    assert "PL322 null_comparison" in out
    assert "```" not in out
    assert ("\x1b[" in out) is not bool(colours)
