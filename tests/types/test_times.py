from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_lang.types.times import read_duration, read_timestamp, write_duration, write_timestamp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T12:00:00Z", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02t12:00:00z", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T12:00:00+05:30", datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
        ("2026-03-02T12:00:00-00:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T12:00:00.5Z", datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02T12:00:00.123456789Z", datetime(2026, 3, 2, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_timestamps_are_rfc_3339(text: str, expected: datetime) -> None:
    assert read_timestamp(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2026-03-02",
            "2026-03-02T12:00:00",
            "2026-03-02 12:00:00Z",
            "2026-03-02T12:00Z",
            "2026-03-02T12:00:60Z",
            "2026-03-02T24:00:00Z",
        ),
        *(
            "2026-02-29T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-03-02T12:00:00+24:00",
            "2026-03-02T12:00:00+01",
            "2026-03-02T12:00:00.Z",
        ),
        *(
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            " 2026-03-02T12:00:00Z",
            "2026-03-02T12:00:00Z\n",
            "0000-01-01T00:00:00Z",
        ),
        *("٢٠٢٦-03-02T12:00:00Z", "2026-03-02T12:00:00+01:60"),
    ],
)
def test_nothing_else_is_a_timestamp(text: str) -> None:
    assert read_timestamp(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7d", timedelta(days=7)),
        ("12h", timedelta(hours=12)),
        ("30m", timedelta(minutes=30)),
        ("45s", timedelta(seconds=45)),
        ("P1W", timedelta(weeks=1)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("PT1H2M3.5S", timedelta(hours=1, minutes=2, seconds=3.5)),
        ("P0D", timedelta()),
        ("PT36H", timedelta(hours=36)),
    ],
)
def test_durations_are_iso_8601_or_short(text: str, expected: timedelta) -> None:
    assert read_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "P1Y", "P1M", "1", "d", "-7d", "-P1D", "1.5h", "7 d", "1d12h", "P1W1D", "7D", "1000000000d", "p1d"],
)
def test_nothing_else_is_a_duration(text: str) -> None:
    assert read_duration(text) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_timestamp_reads_back(moment: datetime) -> None:
    assert read_timestamp(write_timestamp(moment)) == moment


@given(st.timedeltas(min_value=timedelta()))
def test_a_written_duration_reads_back(length: timedelta) -> None:
    assert read_duration(write_duration(length)) == length


def test_a_negative_duration_has_a_text() -> None:
    assert write_duration(timedelta(days=-1)) == "-P1D"
    assert write_duration(timedelta(hours=-36)) == "-P1DT43200S"
    assert write_duration(timedelta()) == "PT0S"
