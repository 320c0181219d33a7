from pathlib import Path

import pytest

from policy_lang.analysis.lint import lint_catalog, lint_policy
from policy_lang.analysis.registry import RULES_BY_NAME
from policy_lang.diagnostics.model import Diagnostic, Severity
from policy_lang.options import Options
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"type": "object", "properties": {"memory": {"type": "integer"}}})
UPDATE = {
    "id": "r7",
    "product": "p",
    "version": "2.0.0",
    "url": "https://example.com/7.bin",
    "checksum": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
NULL = RULES_BY_NAME["null_comparison"]
MATCH_ALL = RULES_BY_NAME["unlimited_match_all"]
YAML = """schema: {type: object, properties: {a: {type: string}}}
updates:
  - id: r7
    product: p
    version: 2.0.0
    policy: device.a == null
    url: https://example.com/7.bin
    checksum: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""


def codes(findings: list[Diagnostic]) -> list[str]:
    """The codes of findings."""
    return [finding.code for finding in findings]


def test_a_policy_that_compiles() -> None:
    assert lint_policy("device.version < update.version") == []


def test_every_error_of_a_policy() -> None:
    findings = lint_policy("memory > 5 && device.a == tier", name="fleet.policy")
    assert codes(findings) == ["PL202", "PL202"]
    assert {finding.source.name for finding in findings if finding.source} == {"fleet.policy"}


def test_a_policy_with_errors_has_no_other_findings() -> None:
    assert codes(lint_policy("device.a == null && memory > 5")) == ["PL202"]


def test_what_a_rule_finds() -> None:
    (finding,) = lint_policy("device.pro && device.a == null", rules=[NULL], name="fleet.policy")
    assert (finding.code, finding.rule, finding.severity) == ("PL322", "null_comparison", Severity.WARNING)
    assert finding.location == (1, 15)
    assert finding.fix is not None
    assert finding.source is not None
    assert finding.source.name == "fleet.policy"


def test_findings_come_in_the_order_of_the_text() -> None:
    findings = lint_policy("'a' == device.a && device.b == null && 'c' == device.c")
    places = [finding.primary.span.start for finding in findings if finding.primary is not None]
    assert len(set(codes(findings))) > 1
    assert places == sorted(places)


def test_only_the_rules_that_are_named_run() -> None:
    assert lint_policy("device.a == null", rules=[]) == []
    assert lint_policy("device.a == null", rules=[MATCH_ALL]) == []


def test_a_policy_against_a_schema() -> None:
    (finding,) = lint_policy("device.memry > 5", SCHEMA)
    assert finding.help == "did you mean `memory`?"


def test_the_limits_of_the_host() -> None:
    (finding,) = lint_policy("device.pro == true", options=Options(max_source=4))
    assert finding.code == "PL120"


def test_a_comment_suppresses() -> None:
    assert lint_policy("device.a == null // allow(null_comparison): as the contract has it") == []


def test_a_catalog_that_loads() -> None:
    assert lint_catalog({"updates": [{**UPDATE, "policy": "device.memory > 5"}]}, SCHEMA, rules=[NULL]) == []


def test_every_error_of_a_catalog() -> None:
    findings = lint_catalog({"updates": [{**UPDATE, "policy": "device.memory > 'low'", "paused": "no"}]}, SCHEMA)
    assert {finding.field for finding in findings} == {"updates[0].policy", "updates[0].paused"}


def test_what_rules_find_in_a_catalog_without_a_file() -> None:
    findings = lint_catalog({"updates": [{**UPDATE, "policy": "true"}]}, rules=[MATCH_ALL, NULL])
    assert [(each.code, each.field, each.location) for each in findings] == [("PL363", "updates[0].policy", None)]
    (finding,) = lint_catalog({"updates": [{**UPDATE, "policy": "device.a == null"}]}, rules=[MATCH_ALL, NULL])
    assert finding.field == "updates[0].policy"
    assert finding.fix is not None
    assert finding.fix.edits


def test_a_finding_in_a_file_has_its_place_there(tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(YAML)
    (finding,) = lint_catalog(file, rules=[NULL, MATCH_ALL])
    assert finding.location == (6, 13)
    assert finding.field == "updates[0].policy"
    assert finding.fix is not None
    assert finding.fix.edits == ()


def test_policies_without_errors_are_judged_beside_those_with() -> None:
    updates = [{**UPDATE, "policy": "device.a == null"}, {**UPDATE, "id": "r8", "version": "2.1.0", "policy": "nope"}]
    assert codes(lint_catalog({"updates": updates}, rules=[NULL, MATCH_ALL])) == ["PL322", "PL202"]


def test_a_catalog_with_errors_is_not_judged_as_a_whole() -> None:
    assert codes(lint_catalog({"updates": [{**UPDATE, "policy": "true", "paused": "no"}]})) == ["PL506"]


def test_nothing_is_judged_by_a_wrong_schema() -> None:
    catalog = {
        "schema": {"type": "object", "properties": {"a": {"type": "nothing"}}},
        "updates": [{**UPDATE, "policy": "device.a == null"}],
    }
    assert codes(lint_catalog(catalog)) == ["PL401"]


def test_the_same_policy_is_judged_once_and_reported_for_each_update(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def look(subject: object, _book: object) -> tuple[()]:
        seen.append(subject)
        return ()

    monkeypatch.setattr("policy_lang.analysis.inspection.look_at_policy", look)
    updates = [{**UPDATE, "id": f"r{number}", "version": f"2.{number}.0", "policy": "device.a == null"} for number in range(3)]
    lint_catalog({"updates": updates})
    assert len(seen) == 1
    monkeypatch.undo()
    assert codes(lint_catalog({"updates": updates}, rules=[NULL])) == ["PL322"] * 3


@pytest.mark.parametrize(
    "written",
    [
        "device.a == null # allow(null_comparison): why",
        "'device.a == null // allow(null_comparison): why'",
        "|\n      // allow(PL322): why\n      device.a == null",
        "'device.a == null' # allow(PL322): why",
    ],
)
def test_a_comment_in_a_catalog_suppresses(written: str, tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(YAML.replace("device.a == null", written))
    assert codes(lint_catalog(file, rules=[NULL])) == []


def test_a_comment_on_the_line_before(tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(YAML.replace("    policy:", "    # allow(null_comparison): why\n    policy:"))
    assert codes(lint_catalog(file)) == []


def test_a_comment_in_a_catalog_that_does_nothing(tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(YAML.replace("device.a == null", "device.a == null # allow(PL322, unlimited_match_all): why"))
    (finding,) = lint_catalog(file)
    assert (finding.code, finding.location) == ("PL390", (6, 45))


def test_a_catalog_that_is_not_there(tmp_path: Path) -> None:
    (finding,) = lint_catalog(tmp_path / "catalog.yaml")
    assert finding.code == "PL501"
