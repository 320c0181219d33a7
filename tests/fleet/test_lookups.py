"""What the reference says of distinct values, as an engine stores it."""

from datetime import UTC, datetime

import pytest
from hostile import COLUMNS

from policy_lang.fleet.bindings import Bound
from policy_lang.fleet.builder import Form
from policy_lang.fleet.columns import Column
from policy_lang.fleet.lookups import decide, fits, physical_columns
from policy_lang.fleet.lower import Lookup
from policy_lang.fleet.values import FORMS, Deferral
from policy_lang.pipeline import compile_policy
from policy_lang.types.core import Core, type_of


def wanted(text: str, *names: str) -> Lookup:
    """The look-up of the first side of a comparison."""
    policy = compile_policy(text)
    node: Core = getattr(policy.core, "left", policy.core)
    columns = tuple(column for name in names if (column := COLUMNS.find((name,))) is not None)
    return Lookup(Bound(policy, node, ()), node, columns, FORMS[type_of(node).kind], Deferral(frozenset(columns), node, "x"))


@pytest.mark.parametrize(
    ("text", "values", "answers"),
    [
        ("device.model == /^X/", [("X1", True), ("Y", True), (None, True), (None, False)], [True, False, None, None]),
        ("version(device.model) == '1.0.0'", [("1.2.3", True), ("x", True)], ["a1a2a3s", None]),
        ("number(device.model) == 1.5", [("5", True), ("0.5", True)], [5.0, 0.5]),
        ("device.model.length == 3", [("abc", True)], [3]),
        ("timestamp(device.model) == '2026-01-01T00:00:00Z'", [("1970-01-01T00:00:01Z", True)], [1_000_000]),
        ("duration(device.model) == '1d'", [("1s", True), ("x", True)], [1_000_000, None]),
        ("device.model.trim() == 'a'", [(" b ", True)], ["b"]),
    ],
)
def test_answers(text: str, values: list[tuple[object, ...]], answers: list[object]) -> None:
    lookup = wanted(text, "model")
    assert physical_columns(lookup) == ("model", "model__present")
    got = list(decide(lookup, values))
    assert got == answers
    assert [type(answer) for answer in got] == [type(answer) for answer in answers]


def test_times_are_read_from_microseconds() -> None:
    moment = datetime(2026, 3, 2, 23, tzinfo=UTC).timestamp() * 10**6
    assert list(decide(wanted("hour(device.seen, 'Asia/Kolkata') == 4", "seen"), [(int(moment), True)])) == [4]


def test_what_fits_into_a_column() -> None:
    assert fits(2**63 - 1)
    assert fits("x" * 10**6)
    assert not fits(2**63)


def test_a_lookup_knows_its_form() -> None:
    assert wanted("device.model.length == 3", "model").form is Form.INTEGER
    assert isinstance(wanted("device.model.length == 3", "model").columns[0], Column)
