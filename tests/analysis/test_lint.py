from pathlib import Path

from policy_lang.analysis.lint import lint_catalog, lint_policy
from policy_lang.options import Options
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"type": "object", "properties": {"memory": {"type": "integer"}}})
UPDATE = {"id": "r7", "product": "p", "version": "2.0.0", "url": "https://example.com/7.bin", "checksum": "00" * 32}


def test_a_policy_that_compiles() -> None:
    assert lint_policy("device.version < update.version") == []


def test_every_finding_of_a_policy() -> None:
    findings = lint_policy("memory > 5 && device.a == tier", name="fleet.policy")
    assert [finding.code for finding in findings] == ["PL202", "PL202"]
    assert {finding.source.name for finding in findings if finding.source} == {"fleet.policy"}


def test_a_policy_against_a_schema() -> None:
    (finding,) = lint_policy("device.memry > 5", SCHEMA)
    assert finding.help == "did you mean `memory`?"


def test_the_limits_of_the_host() -> None:
    (finding,) = lint_policy("device.pro == true", options=Options(max_source=4))
    assert finding.code == "PL120"


def test_a_catalog_that_loads() -> None:
    assert lint_catalog({"updates": [{**UPDATE, "policy": "true"}]}) == []


def test_every_finding_of_a_catalog() -> None:
    findings = lint_catalog({"updates": [{**UPDATE, "policy": "device.memory > 'low'", "paused": "no"}]}, SCHEMA)
    assert {finding.field for finding in findings} == {"updates[0].policy", "updates[0].paused"}


def test_a_catalog_that_is_not_there(tmp_path: Path) -> None:
    (finding,) = lint_catalog(tmp_path / "catalog.yaml")
    assert finding.code == "PL501"
