from pathlib import Path

import pytest

from policy_lang.rollout.ledger import Grant, Limits
from policy_lang.selection.model import Gate
from policy_lang.testing.cases import load_suite
from policy_lang.testing.coverage import report
from policy_lang.testing.judges import EmptyLedger, Judge, judge_of
from policy_lang.testing.results import CaseResult


@pytest.fixture(autouse=True)
def _catalog(tmp_path: Path) -> None:
    image = "    product: router\n    url: https://example.com/7.bin\n    checksum: " + '"' + "0" * 64 + '"\n'
    (tmp_path / "catalog.yaml").write_text(
        "updates:\n"
        "  - id: r8\n    version: 3.0.0\n    paused: true\n    policy: device.pro == true\n"
        + image
        + "  - id: r7\n    version: 2.0.0\n    policy: |\n      // of customers\n      device.pro == true\n"
        + image
        + "  - id: r6\n    version: 1.5.0\n    rollout: {max_devices: 1}\n    policy: device.version < update.version\n"
        + image
    )


def judge(folder: Path, text: str, *, measure: bool = True) -> tuple[Judge, list[CaseResult]]:
    """The judge of a text, and the results of its cases."""
    (folder / "a.test.yaml").write_text(text)
    suite = load_suite(folder / "a.test.yaml")
    found = judge_of(suite, measure=measure)
    return found, [found.judge(case) for case in suite.cases]


def test_each_verdict(tmp_path: Path) -> None:
    text = """\
expression: device.a == 1
cases:
  - {name: one, device: {a: 1}, expect: match}
  - {name: two, device: {a: 2}, expect: no match}
  - {name: three, expect: unknown}
  - {name: four, expect: unknown, cause: device.a}
  - {name: five, device: {a: 2}, expect: match}
  - {name: six, expect: no match}
"""
    _, results = judge(tmp_path, text)
    assert [result.passed for result in results] == [True, True, True, True, False, False]
    assert [result.message for result in results[4:]] == ["expected match, got no match", "expected no match, got unknown"]
    assert [result.explanation is None for result in results] == [True, True, True, True, False, False]
    assert results[4].location == (7, 5)


def test_another_cause(tmp_path: Path) -> None:
    text = "expression: device.a == 1 && device.b == 1\ncases: [{name: one, device: {a: 1}, expect: unknown, cause: device.a}]"
    _, (result,) = judge(tmp_path, text)
    assert result.message == "expected cause device.a, got cause device.b"


def test_a_cause_where_nothing_is_unknown(tmp_path: Path) -> None:
    text = "expression: device.a == 1\ncases: [{name: one, device: {a: 1}, expect: unknown, cause: device.a}]"
    _, (result,) = judge(tmp_path, text)
    assert result.message == "expected unknown, got match; expected cause device.a, got cause none"


def test_the_time_is_that_of_the_case(tmp_path: Path) -> None:
    text = """\
expression: now < timestamp('2026-05-01T00:00:00Z')
now: 2026-01-01T00:00:00Z
cases:
  - {name: one, expect: match}
  - {name: two, now: 2026-06-01T00:00:00Z, expect: no match}
"""
    _, results = judge(tmp_path, text)
    assert all(result.passed for result in results)


def test_no_clock_is_read(tmp_path: Path) -> None:
    text = "expression: now > timestamp('2020-01-01T00:00:00Z')\ncases: [{name: one, expect: unknown, cause: now}]"
    _, (result,) = judge(tmp_path, text)
    assert result.passed


def test_each_outcome_of_a_catalog(tmp_path: Path) -> None:
    text = """\
catalog: catalog.yaml
device: {product: router, version: 1.0.0, id: d1}
cases:
  - {name: one, device: {pro: true}, expect: r7, gates: {r8: paused, r7: offered}}
  - {name: two, device: {pro: false}, expect: r6, gates: {r7: policy false}}
  - {name: three, device: {pro: false, id: d2}, expect: r6}
  - {name: four, device: {version: 9.0.0}, expect: up to date}
  - {name: five, device: {version: 9.0.0}, expect: nothing}
  - {name: six, device: {pro: true}, expect: nothing, gates: {r6: policy false}}
  - {name: seven, device: {product: null}, expect: r7}
"""
    _, results = judge(tmp_path, text)
    assert [result.passed for result in results] == [True, True, True, True, True, False, False]
    assert results[5].message == "expected nothing, got r7; expected gate of r6 policy false, got gate of r6 not tried"
    assert [(tried.update, tried.gate) for tried in results[5].trace] == [("r8", Gate.PAUSED), ("r7", Gate.OFFERED)]
    assert (results[6].message, results[6].trace) == ("expected r7, got no product", ())


def test_only_what_the_decision_asked_is_measured(tmp_path: Path) -> None:
    """The paused update has no measurement; r6 is certain for candidates; what stands behind the offer is not asked."""
    text = """\
catalog: catalog.yaml
device: {product: router, version: 1.0.0, id: d1}
cases:
  - {name: one, device: {pro: true}, expect: r7}
"""
    found, _ = judge(tmp_path, text)
    coverage = {each.title: report(each) for each in found.measured()}
    assert set(coverage) == {"r7", "r6"}
    assert coverage["r6"].terms == ()
    assert coverage["r7"].conditions == (1, 2)
    assert coverage["r7"].terms[0].place == (13, 7)


@pytest.mark.parametrize("subject", ["expression: device.pro == true", "catalog: catalog.yaml"])
def test_nothing_is_measured_where_nobody_asks(subject: str, tmp_path: Path) -> None:
    expect = "unknown" if subject.startswith("expression") else "nothing"
    found, (result,) = judge(tmp_path, f"{subject}\ncases: [{{name: one, expect: {expect}}}]", measure=False)
    assert result.passed
    assert found.measured() == ()


def test_each_request_finds_the_ledger_empty() -> None:
    limits = Limits(max_devices=1)
    ledger = EmptyLedger()
    assert [ledger.grant("r7", device, limits, None) for device in ("a", "b", "b")] == [Grant.NEW] * 3
    assert ledger.peek("r7", "", limits, None) is Grant.NO_ID
