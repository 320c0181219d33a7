from unittest.mock import patch

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.policies import Policies
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.pipeline import check_policy
from policy_lang.types.schema import Schema

FIRST = ("updates", 0, "policy")
SECOND = ("updates", 1, "policy")


def test_the_same_text_is_compiled_once() -> None:
    findings = Findings(None)
    compiled = Policies(findings, Schema(), DEFAULT_OPTIONS)
    first = compiled.compile("device.pro == true", FIRST)
    assert first is not None
    assert compiled.compile("device.pro == true", SECOND) is first
    assert compiled.compile("device.pro", SECOND) is not first


def test_the_same_wrong_text_is_a_finding_each_time() -> None:
    findings = Findings(None)
    compiled = Policies(findings, Schema(), DEFAULT_OPTIONS)
    assert [compiled.compile("device.pro =", path) for path in (FIRST, SECOND)] == [None, None]
    assert {each.field for each in findings.found} == {"updates[0].policy", "updates[1].policy"}


def test_a_thousand_updates_with_one_policy_compile_it_once() -> None:
    updates = [
        {
            "id": f"release-{number}",
            "product": "thermostat",
            "version": f"1.{number}.0",
            "policy": "device.version < update.version",
            "url": "https://example.com/image.bin",
            "checksum": "00" * 32,
        }
        for number in range(1_000)
    ]
    with patch("policy_lang.catalog.policies.check_policy", wraps=check_policy) as compiled:
        catalog = Catalog.load({"updates": updates})
    assert compiled.call_count == 1
    assert [update.id for update in catalog.for_product("thermostat")[:2]] == ["release-999", "release-998"]


def test_policies_are_compiled_with_the_schema_and_the_options() -> None:
    findings = Findings(None)
    schema = Schema.load({"type": "object", "properties": {"memory": {"type": "integer"}}})
    assert Policies(findings, schema, DEFAULT_OPTIONS).compile("device.memory == 'x' && device.pro", FIRST) is None
    assert {each.code for each in findings.found} == {"PL201", "PL203"}
    findings.found.clear()
    assert Policies(findings, schema, Options(max_source=3)).compile("true", FIRST) is None
    assert [each.code for each in findings.found] == ["PL120"]


def test_without_a_right_schema_only_the_syntax_is_judged() -> None:
    findings = Findings(None)
    compiled = Policies(findings, None, DEFAULT_OPTIONS)
    assert compiled.compile("devce.pro", FIRST) is None
    assert not findings.found
    assert compiled.compile("device.pro = devce.pro", SECOND) is None
    assert [each.code for each in findings.found] == ["PL108"]
