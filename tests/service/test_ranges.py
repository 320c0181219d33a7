import pytest

from policy_lang.service.ranges import UnsatisfiableError, read_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-", range(100)),
        ("bytes=99-", range(99, 100)),
        ("bytes=10-500", range(10, 100)),
        ("bytes=-1", range(99, 100)),
        ("bytes=-500", range(100)),
        ("Bytes = 10 - 19", range(10, 20)),
        (None, None),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=x-1", None),
        ("bytes=1.5-2", None),
        ("bytes=٣-", None),
        (f"bytes={'9' * 19}-", None),
    ],
)
def test_a_header_asks_for_bytes(header: str | None, wanted: range | None) -> None:
    assert read_range(header, 100) == wanted


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(UnsatisfiableError, match="the file has 100 bytes"):
        read_range(header, 100)


def test_no_range_of_an_empty_file_can_be_satisfied() -> None:
    with pytest.raises(UnsatisfiableError):
        read_range("bytes=0-", 0)
