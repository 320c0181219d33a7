"""Policies as expressions of Polars."""

import polars as pl
import pytest

from policy_lang import fleet
from policy_lang.fleet.columns import Storage
from policy_lang.pipeline import compile_policy

FRAME = pl.DataFrame(
    {
        "version": ["1.10.0", "1.9.0", None, "x"],
        "memory": [512, None, 64, 2**60],
        "ratio": [0.5, float("nan"), float("inf"), None],
        "pro": [True, None, False, None],
        "tags": [["a", None], ["b"], [], None],
        "small": pl.Series([1, 2, 3, 4], dtype=pl.Int8),
    }
)
COLUMNS = fleet.columns_of_frame(FRAME)


def test_the_columns_of_a_frame() -> None:
    assert [column.storage for column in COLUMNS.rows] == [
        *(Storage.TEXT, Storage.INTEGER, Storage.DOUBLE, Storage.BOOLEAN, Storage.LIST),
        Storage.OTHER,
    ]


@pytest.mark.parametrize("frame", [FRAME, FRAME.lazy()])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("device.version > '1.9.0'", [True, False, None, None]),
        ("device.memory > 100", [True, None, False, None]),
        ("device.ratio < 1", [True, None, None, None]),
        ("device.ratio * 1e308 * 10 > 0", [None, None, None, None]),
        ("'a' in device.tags", [True, False, False, None]),
        ("device.tags[0] == 'a' && 'a' in device.tags", [True, False, False, None]),
        ("has(device.small)", [True, True, True, True]),
        ("device.small == 1", [None, None, None, None]),
        ("device.absent ?? device.pro", [True, None, False, None]),
    ],
)
def test_answers(frame: pl.DataFrame | pl.LazyFrame, text: str, expected: list[bool | None]) -> None:
    asked = frame.with_columns(answer=fleet.to_polars(compile_policy(text), COLUMNS))
    got = asked.collect() if isinstance(asked, pl.LazyFrame) else asked
    assert got["answer"].to_list() == expected


@pytest.mark.parametrize("text", ["5 < device.memory", "5 == device.memory", "5 in [device.memory, 6]", "device.memory + 1 > 5"])
def test_a_constant_beside_a_column_of_nulls(text: str) -> None:
    """Polars itself gives one row, or two, for `literal < column` where the column is null throughout."""
    nulls = pl.DataFrame({"memory": [None, None, None]}, schema={"memory": pl.Int64})
    answer = fleet.to_polars(compile_policy(text), fleet.columns_of_frame(nulls))
    assert nulls.select(answer).height == nulls.lazy().select(answer).collect().height == 3


def test_a_filter_takes_what_is_true() -> None:
    assert FRAME.filter(fleet.to_polars(compile_policy("!device.pro"), COLUMNS)).height == 1


def test_a_policy_without_devices_is_a_constant() -> None:
    policy = compile_policy("update.channel == 'beta' && weekday(now) == 1")
    answer = fleet.to_polars(policy, COLUMNS, update={"channel": "beta"}, now="2026-03-02T12:00:00Z")
    assert pl.select(answer).item() is True


def test_too_many_values_are_refused_when_it_runs() -> None:
    policy = compile_policy("device.memory > 100 && device.version > '1.0.0'")
    with pytest.raises(fleet.UnsupportedError, match="over 2 distinct values"):
        FRAME.select(fleet.to_polars(policy, COLUMNS, most_distinct=2))
