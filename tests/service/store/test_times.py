from datetime import UTC, datetime, timedelta, timezone

import pytest

from policy_lang.service.store.times import from_micros, length_in_micros, maybe_from_micros, maybe_to_micros, to_micros


@pytest.mark.parametrize(
    "moment",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 5, 1, 12, 0, 0, 1, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


def test_the_zone_does_not_matter() -> None:
    assert to_micros(datetime(2026, 5, 1, 14, tzinfo=timezone(timedelta(hours=2)))) == to_micros(
        datetime(2026, 5, 1, 12, tzinfo=UTC)
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^`now` needs a time zone$"):
        to_micros(datetime(2026, 5, 1))  # noqa: DTZ001  that is the mistake


def test_nothing_stays_nothing() -> None:
    assert (maybe_from_micros(None), maybe_to_micros(None)) == (None, None)
    assert maybe_from_micros(0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_length_is_exact() -> None:
    assert length_in_micros(timedelta.max) == 86_399_999_999_999_999_999
