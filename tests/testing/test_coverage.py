from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Situation, compiled, policies, situations

from policy_lang.compiler.facts import as_moment
from policy_lang.compiler.policy import Policy
from policy_lang.pipeline import compile_policy
from policy_lang.source import Location
from policy_lang.testing.conditions import Link, Logical
from policy_lang.testing.coverage import Covered, Measured, PolicyCoverage, Share, join, report, total
from policy_lang.testing.influence import look
from policy_lang.testing.meter import Meter
from policy_lang.types.schema import Schema

Device = dict[str, bool | None]
SCHEMA = Schema.load({"properties": {name: {"type": "boolean"} for name in "abcd"}})


def meter(policy: Policy, file: str = "a.policy") -> Meter:
    """A meter that has seen nothing."""
    return Meter(policy, policy.core, file, "", lambda span: policy.source.location(span.start))


def covered(text: str, *devices: Device) -> PolicyCoverage:
    """What some devices, called 0, 1 and so on, cover of a policy."""
    found = meter(compile_policy(text, schema=SCHEMA))
    for number, device in enumerate(devices):
        found.note((device, {}, None), str(number))
    return report(found.measured)


def by_text(coverage: PolicyCoverage) -> dict[str, Covered]:
    """The terms by what is written."""
    return {term.text: term for term in coverage.terms}


def test_everything_is_covered() -> None:
    """One case more than there are conditions is enough."""
    found = covered("device.a && device.b", {"a": True, "b": True}, {"a": False, "b": True}, {"a": True, "b": False})
    assert found.conditions == (6, 6)
    assert found.mcdc == (2, 2)
    assert by_text(found)["device.b"] == Covered(
        "device.b", Location(1, 13), True, frozenset({True, False}), {True: "0", False: "2"}
    )
    assert all(term.is_complete for term in found.terms)


def test_all_values_do_not_show_that_each_decides() -> None:
    found = covered("device.a && device.b", {"a": True, "b": True}, {"a": False, "b": False})
    assert (found.conditions.percent, found.mcdc) == (100, (0, 2))
    assert by_text(found)["device.a"].pair == {True: "0"}
    assert not by_text(found)["device.a"].is_complete


def test_a_pair_has_different_outcomes() -> None:
    """`device.a` decides in both cases, is true in one and false in the other, and yet the outcome is the same."""
    same: list[Device] = [{"a": True, "b": True, "c": False}, {"a": False, "b": False, "c": True}]
    found = covered("device.a ? device.b : device.c", *same)
    assert not by_text(found)["device.a"].is_shown
    found = covered("device.a ? device.b : device.c", *same, {"a": False, "b": True, "c": False})
    assert by_text(found)["device.a"].pair == {True: "0", False: "2"}


def test_masking_lets_other_conditions_differ() -> None:
    """Unique-cause MC/DC asks that `c` and `d` stay the same; here they differ and are masked in both cases."""
    found = covered(
        "(device.a && device.b) || (device.c && device.d)",
        {"a": True, "b": True, "c": True, "d": False},
        {"a": False, "b": True, "c": False, "d": True},
    )
    assert by_text(found)["device.a"].is_shown


def test_unknown_is_seen_and_shows_nothing() -> None:
    found = covered("device.a || device.b", {"a": True}, {"a": None, "b": None})
    term = by_text(found)["device.a"]
    assert term.seen == {True, None}
    assert (term.missing, term.pair) == ((False,), {})
    assert by_text(found)["device.b"].seen == {None}


def test_a_negation_is_not_counted_apart() -> None:
    assert [term.text for term in covered("!device.a").terms] == ["device.a"]


def test_constants_are_not_counted() -> None:
    found = covered("true", {})
    assert (found.terms, found.is_asked, found.conditions.percent, found.mcdc.percent) == ((), False, 100, 100)


def test_decisions_inside_conditions_are_covered_too() -> None:
    found = covered("(device.a ? 1 : 2) == 1", {"a": True}, {"a": False})
    assert found.mcdc == (2, 2)
    assert [term.text for term in found.terms][1:] == ["device.a"]


def test_nothing_is_seen_without_cases() -> None:
    found = covered("device.a")
    assert (found.is_asked, found.conditions, found.mcdc) == (False, (0, 2), (0, 1))


@pytest.mark.parametrize(("share", "percent"), [((0, 0), 100), ((0, 3), 0), ((2, 3), 66), ((999, 1000), 99), ((3, 3), 100)])
def test_percent_is_rounded_down(share: tuple[int, int], percent: int) -> None:
    assert Share(*share).percent == percent


@pytest.mark.parametrize(("share", "limit", "expected"), [((2, 3), 66.6, True), ((2, 3), 66.7, False), ((0, 0), 100, True)])
def test_reaching_a_limit(share: tuple[int, int], limit: float, expected: bool) -> None:  # noqa: FBT001
    assert Share(*share).reaches(limit) is expected


def test_totals() -> None:
    assert total([Share(1, 2), Share(3, 4)]) == (4, 6)
    assert total([]) == (0, 0)


def test_two_files_about_one_policy_count_together() -> None:
    policy = compile_policy("device.a")
    one, two, other = meter(policy), meter(policy), meter(policy, "b.policy")
    one.note(({"a": True}, {}, None), "one")
    two.note(({"a": False}, {}, None), "two")
    two.note(({"a": True}, {}, None), "three")
    joined = [report(each) for each in join([one.measured, two.measured, other.measured])]
    assert [(each.file, each.conditions) for each in joined] == [("a.policy", (2, 2)), ("b.policy", (0, 2))]
    assert joined[0].terms[0].pair == {True: "one", False: "two"}
    assert one.measured.observations == {(True,): "one"}


def test_all_devices_cover_all() -> None:
    """Where conditions do not depend on each other, all combinations show each."""
    devices: list[Device] = [dict(zip("abcd", values, strict=True)) for values in product([True, False], repeat=4)]
    found = covered("device.a && (device.b || !device.c) ? device.d : device.a || device.c", *devices)
    first, last = (term for term in found.terms if term.text == "device.a")
    assert first.is_shown
    assert last.seen == {True, False}
    assert found.conditions.percent == 100


@given(policies(), st.lists(situations(3), min_size=1, max_size=3))
def test_each_pair_is_a_pair(text: str, drawn: list[list[Situation]]) -> None:
    """Both cases of a pair exist, the condition decides in both, and the decision has different outcomes."""
    policy = compiled(text)
    probe = meter(policy)
    for number, situation in enumerate(each for row in drawn for each in row):
        probe.note((situation.device, situation.update, as_moment(situation.now)), str(number))
    observed = {case: _first_decision(probe.measured, values) for values, case in probe.measured.observations.items()}
    own = len([term for term in probe.measured.decisions[0].descendants() if term.link not in {Link.CONSTANT, Link.NOT}])
    for position, term in enumerate(report(probe.measured).terms[:own]):
        if term.is_shown:
            sights = [observed[term.pair[value]][position] for value in (True, False)]
            assert [value for value, _, _ in sights] == [True, False]
            assert all(decides for _, decides, _ in sights)
            assert {outcome for _, _, outcome in sights} == {True, False}
        elif term.is_condition:
            outcomes = {(value, outcome) for _, (value, decides, outcome) in _at(observed, position) if decides}
            assert not any((True, outcome) in outcomes and (False, not outcome) in outcomes for outcome in (True, False))


Sight = tuple[Logical, bool, Logical]


def _first_decision(measured: Measured, values: tuple[Logical, ...]) -> list[Sight]:
    """Each counted term of the whole policy: its value, whether it decides, and the outcome."""
    decision = measured.decisions[0]
    outcome, terms = look(decision, values[: len(list(decision.leaves()))])
    return [(seen.value, seen.decides, outcome) for seen in terms if seen.term.link not in {Link.CONSTANT, Link.NOT}]


def _at(observed: dict[str, list[Sight]], position: int) -> list[tuple[str, Sight]]:
    return [(case, sights[position]) for case, sights in observed.items()]
