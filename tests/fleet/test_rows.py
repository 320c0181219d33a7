"""From a device to its row, and back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import hostile
import pytest
from hostile import COLUMNS, GIVEN

from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.rows import BAD, device_reader, microseconds, row_of


def read_back(device: dict[str, Any], columns: Columns = COLUMNS) -> dict[str, Any]:
    """The device of the row of a device."""
    row = row_of(device, columns)
    return device_reader(columns.rows)([row[name] for column in columns.rows for name in column.physical])


def test_a_row_answers_as_its_device() -> None:
    """The row of a device is as good as the device, for every policy over the schema of the table."""
    devices, policies, answers = hostile.reference(3000, 300)
    for device, expected in zip(devices, answers, strict=True):
        back = read_back(device)
        assert [policy.evaluate_by_reference(back, GIVEN.update, GIVEN.now) for policy in policies[::6]] == expected[::6]


def test_values_come_back() -> None:
    device = {
        "id": "1",
        "version": "1.0.0",
        "memory": 5,
        "load": 0.5,
        "pro": True,
        "tags": ["a", None],
        "site": {"floor": 3},
        "seen": datetime(2026, 1, 1, tzinfo=UTC),
        "uptime": timedelta(days=7),
    }
    assert read_back(device) == device


@pytest.mark.parametrize(
    ("device", "back"),
    [
        ({"memory": "x"}, {"memory": BAD}),
        ({"memory": None}, {}),
        ({"site": {}}, {"site": {}}),
        ({"site": 5}, {"site": BAD}),
        ({"site": {"floor": "x"}}, {"site": {"floor": BAD}}),
        ({"region": "moon"}, {"region": BAD}),
        ({"version": 1.5}, {"version": BAD}),
        ({"version": "1.x"}, {"version": "1.x"}),
        ({"uptime": "999999999d"}, {"uptime": BAD}),
        ({"tags": "a, b"}, {"tags": ["a", "b"]}),
        ({"model": "\ud800"}, {"model": BAD}),
    ],
)
def test_what_is_bad_stays_present(device: dict[str, Any], back: dict[str, Any]) -> None:
    assert read_back(device) == back


@pytest.mark.parametrize(
    ("storage", "value"),
    [
        (Storage.BOOLEAN, 2),
        (Storage.INTEGER, "5"),
        (Storage.INTEGER, 1.5),
        (Storage.DOUBLE, "1.5"),
        (Storage.TEXT, b"x"),
        (Storage.TIMESTAMP, 10**18),
        (Storage.TIMESTAMP, "x"),
        (Storage.DURATION, "x"),
        (Storage.JSON, "{"),
        (Storage.OTHER, 5),
    ],
)
def test_a_value_of_another_type_than_the_column_is_bad(storage: Storage, value: Any) -> None:
    """Some engines store what they are given."""
    assert device_reader([Column(("x",), "x", storage)])([value]) == {"x": BAD}
    assert device_reader([Column(("x",), "x", storage)])([None]) == {}


def test_json_holds_anything() -> None:
    columns = Columns((Column(("x",), "x", Storage.JSON),))
    assert read_back({"x": [1, {"a": None}]}, columns) == {"x": [1, {"a": None}]}
    assert row_of({"x": {1, 2}}, columns) == {"x": None}
    assert row_of({"x": 5}, Columns((Column(("x",), "x", Storage.OTHER),))) == {"x": None}


def test_what_stands_where_an_object_should() -> None:
    """Rows of others may contradict themselves; what is below wins."""
    columns = (Column(("a",), "a", Storage.INTEGER), Column(("a", "b"), "a.b", Storage.INTEGER))
    assert device_reader(columns)([1, 2]) == {"a": {"b": 2}}
    flag = (Column(("a", "b"), "a.b", Storage.INTEGER), Column(("a",), "a__present", Storage.OBJECT))
    assert device_reader(flag)([2, False]) == {"a": {"b": 2}}


def test_microseconds() -> None:
    assert microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1_000_000
    assert microseconds(timedelta(milliseconds=-1)) == -1000
    assert repr(BAD) == "BAD"
