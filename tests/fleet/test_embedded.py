"""Fleets in DuckDB: files and tables of others, whose types are brought to ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from policy_lang import fleet
from policy_lang.fleet.model import Counts, Fleet, Given, Limits
from policy_lang.fleet.unsupported import UnsupportedError
from policy_lang.pipeline import compile_policy

NOW = Given(now="2026-03-02T12:00:00Z")


def answers(opened: Fleet, text: str, given: Given = NOW) -> list[bool | None]:
    """What a policy says to the devices, in the order of their number."""
    rows = opened.answers([compile_policy(text)], given, properties=("number",))
    return [answer for _, answer in sorted(rows, key=lambda row: int(row[0]))]


FOREIGN = """
SELECT * FROM (VALUES
  (0, 1::TINYINT, 1.5::FLOAT, TIMESTAMPTZ '2026-03-01 00:00:00+01', TIMESTAMP '2026-03-01 00:00:00',
   {'floor': 3, 'name': 'eu'}, [1, NULL], 5::UBIGINT, 'x'::ENUM('x', 'y'), UUID '00000000-0000-0000-0000-000000000001',
   '{"a": [1, 2]}'::JSON, DATE '2026-01-01', '1.10.0'),
  (1, NULL, 'nan'::FLOAT, 'infinity'::TIMESTAMPTZ, NULL, NULL, NULL,
   18446744073709551615::UBIGINT, NULL, NULL, NULL, NULL, '1.9.0-rc.1'),
  (2, 127::TINYINT, 'inf'::FLOAT, NULL, NULL, {'floor': NULL, 'name': NULL}, [],
   0::UBIGINT, 'y'::ENUM('x', 'y'), NULL, '5'::JSON, NULL, 'v2')
) AS t(number, tiny, ratio, seen, naive, site, slots, huge, kind, uuid, extra, day, version)
"""


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Parquet file that no import of ours wrote."""
    path = tmp_path_factory.mktemp("foreign") / "it's.parquet"
    with duckdb.connect() as connection:
        connection.sql(FOREIGN).write_parquet(str(path))
    return str(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("device.tiny + 1 > 100", [False, None, True]),
        ("device.ratio < 2", [True, None, None]),
        ("has(device.ratio)", [True, True, True]),
        ("device.seen < now", [True, None, None]),
        ("has(device.seen)", [True, True, False]),
        ("device.naive < now", [None, None, None]),
        ("has(device.naive)", [True, False, False]),
        ("device.site.floor == 3 && device.site.name ^= 'e'", [True, None, None]),
        ("has(device.site.floor)", [True, False, False]),
        ("has(device.site)", [True, False, True]),
        ("1 in device.slots", [True, None, False]),
        ("2 in device.slots || device.slots.length == 2", [True, None, False]),
        ("device.huge > 0", [True, None, False]),
        ("has(device.huge)", [True, True, True]),
        ("device.kind == 'x'", [True, None, False]),
        ("device.uuid $= '001'", [True, None, None]),
        ("device.extra.a[1] == 2", [True, None, None]),
        ("has(device.extra)", [True, False, True]),
        ("has(device.day) && device.day == '2026-01-01'", [None, False, False]),
        ("device.version > '1.9.0'", [True, False, None]),
        ("device.version.isPrerelease", [False, True, None]),
        ("device.absent == 1 || device.tiny == 1", [True, None, None]),
    ],
)
def test_types_of_others(foreign: str, text: str, expected: list[bool | None]) -> None:
    with fleet.open(foreign) as opened:
        assert answers(opened, text) == expected


def test_a_csv_is_text(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text(
        'number,version,memory,pro,note,site.floor\n0,1.10.0,512,TRUE,"",3\n1,1.9.0,1e2,no,,\n2,v1,512 ,true,"a,""b",x\n'
    )
    with fleet.open(path) as opened:
        assert answers(opened, "device.version > '1.9.0'") == [True, False, None]
        assert answers(opened, "device.memory >= 512") == [True, False, None]
        assert answers(opened, "device.pro") == [True, None, True]
        assert answers(opened, "device.note == ''") == [True, None, False]
        assert answers(opened, "has(device.site) && device.site.floor == 3") == [True, False, None]


def test_ndjson(tmp_path: Path) -> None:
    path = tmp_path / "devices.ndjson"
    path.write_text('{"number": 0, "memory": "512"}\n\n{"number": 1, "memory": 64, "when": "2026-01-01"}\n{"number": 2}\n')
    with fleet.open(path) as opened:
        assert answers(opened, "device.memory > 64") == [True, False, None]
        assert answers(opened, "device.when ^= '2026'") == [None, True, None]
        assert opened.devices == 3


DEVICES: list[Mapping[str, Any]] = [
    {"number": 0, "id": "a", "region": "eu", "model": "X1", "site": {"floor": 1}},
    {"number": 1, "id": "b", "region": "us", "model": "Y1"},
    {"number": 2, "id": "c", "model": "X2"},
    {"number": 3, "id": "d", "region": "eu"},
]


@pytest.fixture(name="opened")
def _opened() -> Fleet:
    return fleet.open(DEVICES)


def test_counting(opened: Fleet) -> None:
    policy = compile_policy("device.model ^= 'X'")
    assert opened.count(policy) == Counts(2, 1, 1)
    assert opened.count(policy).devices == opened.devices == 4
    assert opened.count_by(policy, "region") == {"eu": Counts(1, 0, 1), "us": Counts(0, 1, 0), None: Counts(1, 0, 0)}


def test_finding(opened: Fleet) -> None:
    policy = compile_policy("device.model ^= 'X'")
    assert sorted(opened.matching(policy)) == [("a",), ("c",)]
    assert sorted(opened.matching(policy, properties=("id", "site.floor"))) == [("a", 1), ("c", None)]
    assert len(list(opened.matching(policy, limit=1))) == 1


def test_a_property_without_a_column(opened: Fleet) -> None:
    assert opened.missing(compile_policy("device.modle == 'X' || device.model == 'X'")) == ("device.modle",)
    with pytest.raises(ValueError, match=r"the table has no property `modle`; did you mean `model`"):
        list(opened.matching(compile_policy("true"), properties=("modle",)))
    with pytest.raises(ValueError, match=r"the table has no property `zzzzzz`$"):
        opened.count_by(compile_policy("true"), "zzzzzz")


def test_the_update_and_the_roots_are_given(opened: Fleet) -> None:
    assert answers(opened, "device.model == update.channel", Given(update={"channel": "X1"})) == [True, False, False, None]
    assert answers(opened, "device.model == update.channel", Given()) == [None] * 4


def test_a_time_without_a_zone_is_the_callers_mistake(opened: Fleet) -> None:
    with pytest.raises(ValueError, match="now must be a timestamp with an offset"):
        opened.count(compile_policy("hour(now) == 1"), Given(now="2026-01-01"))


def test_too_many_values_are_refused() -> None:
    opened = fleet.open(DEVICES, limits=Limits(most_distinct=2))
    with pytest.raises(UnsupportedError) as refused:
        opened.count(compile_policy("device.region == 'eu' &&\n device.id.trim() == 'a'"))
    assert refused.value.operation == "`trim`"
    assert refused.value.location == (2, 2)
    assert "over 2 distinct values" in str(refused.value)


def test_durations_that_no_column_holds_are_refused() -> None:
    opened = fleet.open([{"a": "100000000d", "b": "1d"}, {"a": "1d", "b": "2d"}])
    with pytest.raises(UnsupportedError, match="a duration is too long for a column"):
        opened.count(compile_policy("duration(device.a) + '99999999d' < duration(device.b) + '1d'"))


def test_lists_are_told_apart_when_they_are_joined() -> None:
    tags: Sequence[Any] = (["a", "b"], ["a, b"], ["a", None], ["a"], [], None, ["null"], [None], ['"'], ["[]"])
    table = pa.table({"number": list(range(len(tags))), "tags": pa.array(tags, pa.list_(pa.string()))})
    for limits in (Limits(most_written=0), Limits(most_written=1000)):
        opened = fleet.open(table, limits=limits)
        assert answers(opened, "string(device.tags[0]) == 'a'") == [True, False, True, True, None, None, False, None, False, False]


def test_two_questions_at_once_need_two_fleets_only_where_they_look_up(opened: Fleet) -> None:
    first = opened.matching(compile_policy("device.model ^= 'X'"))
    assert next(first) in {("a",), ("c",)}
    assert opened.devices == 4
    assert len(list(first)) == 1
