import pytest

from policy_lang.catalog.fields import read_count, read_text
from policy_lang.catalog.findings import Findings
from policy_lang.catalog.record import Record

KNOWN = ("policy", "paused", "rollout")


@pytest.fixture
def findings() -> Findings:
    return Findings(None)


def test_a_field_is_read(findings: Findings) -> None:
    record = Record(findings, (), {"policy": "true"}, KNOWN)
    assert record.required("policy", read_text) == "true"
    assert record.optional("paused", read_text, "no") == "no"
    assert record.is_sound


def test_a_missing_field_is_a_finding(findings: Findings) -> None:
    record = Record(findings, ("updates", 2), {}, KNOWN)
    assert record.required("paused", read_text) is None
    assert not record.is_sound
    (found,) = findings.found
    assert (found.code, found.message, found.field, found.help) == (
        "PL505",
        "the field `paused` is missing",
        "updates[2].paused",
        None,
    )


def test_the_help_for_a_missing_policy_says_how_to_mean_everyone(findings: Findings) -> None:
    Record(findings, (), {}, KNOWN).required("policy", read_text)
    assert findings.found[0].help == "write an expression, or `true` to mean every device"


def test_a_wrong_field_is_a_finding_and_reads_as_its_default(findings: Findings) -> None:
    record = Record(findings, (), {"policy": 5}, KNOWN)
    assert record.optional("policy", read_text, "instead") == "instead"
    assert record.required("policy", read_text) is None
    assert [each.message for each in findings.found] == ["`policy` must be text, not the number `5`"] * 2


@pytest.mark.parametrize(
    ("key", "field", "remedy"),
    [
        ("pausd", "pausd", "did you mean `paused`?"),
        ("Policy", "Policy", "did you mean `policy`?"),
        ("zzz", "zzz", "the keys here are `policy`, `paused`, `rollout`"),
        (5, '["5"]', "the keys here are `policy`, `paused`, `rollout`"),
    ],
)
def test_a_key_that_is_not_known_is_a_finding(findings: Findings, key: str, field: str, remedy: str) -> None:
    Record(findings, (), {key: 1}, KNOWN)
    (found,) = findings.found
    assert (found.code, found.field, found.help) == ("PL504", field, remedy)


def test_an_object_inside_is_a_record(findings: Findings) -> None:
    inner = Record(findings, (), {"rollout": {"n": 3}}, KNOWN).object("rollout", ("n",))
    assert inner is not None
    assert inner.required("n", read_count) == 3
    assert "n" in inner
    assert "m" not in inner


@pytest.mark.parametrize("raw", [{}, {"rollout": []}])
def test_an_object_that_is_absent_or_wrong_is_no_record(findings: Findings, raw: dict[str, object]) -> None:
    assert Record(findings, (), raw, KNOWN).object("rollout", ()) is None
    assert len(findings.found) == len(raw)


def test_a_record_is_judged_by_its_own_findings(findings: Findings) -> None:
    findings.add("PL507", "earlier", ())
    assert Record(findings, (), {}, KNOWN).is_sound
