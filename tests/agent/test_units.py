from datetime import timedelta

import pytest

from policy_lang.agent.units import read_size, read_some_time, read_time
from policy_lang.catalog.fields import WrongValue


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("24 hr", 86400), ("24 hrs", 86400), ("1day", 86400), ("7 days", 604800), ("1 week", 604800), ("30 secs", 30),
        ("15sec", 15), ("90", 90),
        ("5 mins", 300), ("2 minutes", 120), ("4 HRS", 14400), (90, 90), (0, 0), ("0", 0), ("12h", 43200), ("45s", 45),
        ("PT15M", 900), ("P1DT12H", 129600),
    ],
)  # fmt: skip
def test_lengths_of_time(written: str | int, seconds: int) -> None:
    assert read_time(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written", ["", "soon", "-5", "1.5 hrs", "5 fortnights", "hr", "P1Y", "400 days", "٣ hrs", True, None, 1.5, []]
)
def test_what_is_no_length_of_time(written: object) -> None:
    with pytest.raises(WrongValue):
        read_time(written)


def test_some_time_is_more_than_none() -> None:
    assert read_some_time("1 sec") == timedelta(seconds=1)
    with pytest.raises(WrongValue, match="must be longer than zero"):
        read_some_time("0 secs")


@pytest.mark.parametrize(
    ("written", "size"), [("100 mb", 100 << 20), ("64k", 65536), ("2GB", 2 << 30), (7, 7), ("7", 7), ("7 b", 7)]
)
def test_sizes(written: str | int, size: int) -> None:
    assert read_size(written) == size


@pytest.mark.parametrize("written", ["", "0", 0, "-1", "1.5 mb", "3 tons", "mb", True, None, [], 1.5])
def test_what_is_no_size(written: object) -> None:
    with pytest.raises(WrongValue):
        read_size(written)
