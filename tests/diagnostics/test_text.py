"""The exact text of findings, with carets, label and help."""

from dataclasses import replace

import pytest
from strategies import SCHEMA

from policy_lang.diagnostics.model import Diagnostic, Fix, Label, Severity
from policy_lang.diagnostics.text import render, visible
from policy_lang.errors import PolicyError
from policy_lang.pipeline import compile_policy
from policy_lang.source import Source, Span

RENDERED = {
    'device.version < update.version && device.memory < "low"': """
fleet.policy:1:36: error[PL201]: cannot compare `device.memory` (int) with text
  | device.version < update.version && device.memory < "low"
  |                                    ^^^^^^^^^^^^^^^^^^^^^ declared as int in the schema
  = help: write a number, for example `256`
""",
    "1 < device.memory < 3": """
fleet.policy:1:19: error[PL104]: comparisons cannot be chained
  | 1 < device.memory < 3
  |                   ^ a second comparison of the same level
  = help: write `1 < device.memory && device.memory < 3`
""",
    "model == 'X100'": """
fleet.policy:1:1: error[PL202]: `model` is not known
  | model == 'X100'
  | ^^^^^
  = help: did you mean `device.model`?
""",
    "device.memry > 5": """
fleet.policy:1:8: error[PL203]: `device.memry` is not declared in the schema
  | device.memry > 5
  |        ^^^^^
  = help: did you mean `memory`?
""",
    "device.version < '1.2'": """
fleet.policy:1:18: error[PL210]: `1.2` is not a semantic version: it has two parts, not three
  | device.version < '1.2'
  |                  ^^^^^
  = help: did you mean `'1.2.0'`?
""",
    "device.version ^= '1.'": """
fleet.policy:1:1: error[PL206]: `^=` does not take `device.version` (version) and text
  | device.version ^= '1.'
  | ^^^^^^^^^^^^^^^^^^^^^^ always version
  = help: write `satisfies(device.version, '1')`; as text, `1.1` also begins `1.10`
""",
    "device.pro and device.load > 1": """
fleet.policy:1:12: error[PL109]: `and` is not an operator
  | device.pro and device.load > 1
  |            ^^^
  = help: write `&&`
""",
    "device.region = 'eu'": """
fleet.policy:1:15: error[PL108]: `=` is not an operator
  | device.region = 'eu'
  |               ^
  = help: write `==` to compare
""",
    "device.region == 'eu": """
fleet.policy:1:18: error[PL102]: the text is not closed on its line
  | device.region == 'eu
  |                  ^^^
  = help: end it with `'`
""",
    "device.pro ?? device.pro || true": """
fleet.policy:1:15: error[PL113]: `??` and `||` stand side by side without parentheses
  | device.pro ?? device.pro || true
  |               ^^^^^^^^^^^^^^^^^^
  = help: write `(a ?? b) || c` or `a ?? (b || c)`
""",
    "device.model == /(/": """
fleet.policy:1:17: error[PL219]: the regular expression is not valid: missing ): (
  | device.model == /(/
  |                 ^^^
  = help: the syntax is RE2's: no look-around and no back-references, so that matching stays linear
""",
    "device.region == 'mars'": """
fleet.policy:1:18: error[PL214]: `mars` is not a value of `device.region`
  | device.region == 'mars'
  |                  ^^^^^^
  = help: one of 'us-west', 'us-east', 'eu'
""",
    "rollout(101)": """
fleet.policy:1:9: error[PL218]: a percent must be from 0 to 100, not `101`
  | rollout(101)
  |         ^^^
  = help: write for example `rollout(5)` or `rollout(0.5)`
""",
    "device.pro &&\n  device.model": """
fleet.policy:2:3: error[PL208]: a condition is true or false; `device.model` (text) is not
  |   device.model
  |   ^^^^^^^^^^^^ declared as text in the schema
  = help: compare it, or ask whether it is there with `has(device.model)`
""",
    "": """
fleet.policy:1:1: error[PL107]: the policy is empty
  |
  | ^
  = help: write `true` for every device, `false` for none
""",
    "update.x > 1 && update.x ^= 'a'": """
fleet.policy:1:17: error[PL207]: `update.x` is used as number and as text
  | update.x > 1 && update.x ^= 'a'
  |                 ^^^^^^^^^^^^^^^ used as text here
  | update.x > 1 && update.x ^= 'a'
  | ^^^^^^^^^^^^ used as number here
  = help: a property has one type in the whole policy; declare it in a schema or convert it where it differs
""",
    "device.load == 1_000": """
fleet.policy:1:16: error[PL105]: `1_000` is not a number
  | device.load == 1_000
  |                ^^^^^
  = help: write for example `7`, `0.5`, `1e6` or `0xFF`
""",
    "update.published < '2026-01-01'": """
fleet.policy:1:20: error[PL211]: `2026-01-01` is not a timestamp
  | update.published < '2026-01-01'
  |                    ^^^^^^^^^^^^
  = help: write RFC 3339 with an offset, for example `'2026-01-31T00:00:00Z'`
""",
}


@pytest.mark.parametrize("text", RENDERED)
def test_findings_read_exactly_so(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy(text, schema=SCHEMA, name="fleet.policy")
    lines = [line.rstrip() for line in str(caught.value).splitlines()]
    assert lines == RENDERED[text].strip("\n").splitlines()


def diagnostic(text: str, start: int, end: int) -> Diagnostic:
    """A finding about a part of a text."""
    return Diagnostic("PL101", "no", Source(text), Label(Span(start, end), "here"))


def test_a_long_line_is_cut_around_the_place() -> None:
    lines = render(diagnostic("a" * 400 + "b" + "c" * 400, 400, 401)).splitlines()
    assert lines[1].startswith("  | …a")
    assert lines[1].endswith("c…")
    assert lines[1][lines[2].index("^")] == "b"
    assert len(lines[1]) < 170


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    lines = render(diagnostic("日本e\u0301x == y", 4, 5)).splitlines()
    assert lines[2] == "  |      ^ here"


def test_a_label_over_several_lines_marks_the_first() -> None:
    lines = render(diagnostic("ab\ncd", 1, 5)).splitlines()
    assert lines[1:] == ["  | ab", "  |  ^ here"]


def test_a_label_at_the_end_has_one_caret() -> None:
    assert render(diagnostic("ab", 2, 2)).splitlines()[2] == "  |   ^ here"


def test_text_that_could_move_other_text_is_hidden() -> None:
    """Nothing that a user writes can forge a line of a finding."""
    assert visible("a\u202eb\x1b[2J\n\u2028\t") == "a\ufffdb\ufffd[2J\ufffd\ufffd "
    with pytest.raises(PolicyError) as caught:
        compile_policy("device.region == '\u202e' && 'a\\\n' == model")
    assert "\u202e" not in str(caught.value)


def test_a_finding_without_a_source() -> None:
    assert render(Diagnostic("PL401", "no", field="a.b")) == "<document>: a.b: error[PL401]: no"


WIDE = Diagnostic(
    "PL322",
    "a sentence that is too long for a narrow screen, so that it is wrapped",
    Source("x" * 30 + " wrong " + "y" * 200, "a.policy"),
    Label(Span(31, 36), "a label that is long too"),
    (),
    "help that says in many words what to do, in more than one line",
    fix=Fix("write something else", ()),
    severity=Severity.WARNING,
    rule="null_comparison",
)


def test_a_rule_has_its_name_beside_the_code_and_a_fix_says_who_does_it() -> None:
    lines = render(WIDE).splitlines()
    assert lines[0].startswith("a.policy:1:32: warning[PL322 null_comparison]: a sentence")
    assert lines[-1] == "  = fix: write something else; `--fix` does it"
    assert render(replace(WIDE, help="write something else")).splitlines()[-1] == "  = fix: `--fix` does it"
    assert "fix:" not in render(replace(WIDE, rule=None))


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 120])
def test_a_narrow_screen(columns: int) -> None:
    """Sentences are wrapped at words, excerpts are cut around the place; nothing is wider, but for a word that is itself."""
    lines = render(WIDE, columns).splitlines()
    assert all(len(line) <= columns or " " not in line.strip() for line in lines)
    (carets,) = (line for line in lines if "^" in line)
    excerpt = lines[lines.index(carets) - 1]
    assert excerpt[carets.index("^") : carets.index("^") + 5] == "wrong"
    assert " ".join(" ".join(lines).replace("|", " ").split()).startswith(
        "a.policy:1:32: warning[PL322 null_comparison]: a sentence that"
    )


def test_a_wide_screen_wraps_nothing() -> None:
    assert render(WIDE, 1000) == "\n".join(render(WIDE, 1000).splitlines())
    assert len(render(WIDE, 1000).splitlines()) == 5


def test_wide_characters_are_cut_by_their_columns() -> None:
    lines = render(diagnostic("日" * 100, 50, 51), 40).splitlines()
    assert max(sum(2 if char == "日" else 1 for char in line) for line in lines) <= 40
    assert "^^ here" in lines[2]


def test_a_label_that_does_not_fit_beside_the_carets_stands_below() -> None:
    lines = render(diagnostic("a" * 60, 20, 60), 70).splitlines()
    assert lines[2:] == ["  | " + " " * 20 + "^" * 40 + " here"]
    lines = render(diagnostic("a" * 60, 0, 60), 66).splitlines()
    assert lines[2:] == ["  | " + "^" * 60, "  | here"]
