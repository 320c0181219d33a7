from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from policy_lang.fleet.survey import Absent, Nothing, Top, property_path, show, top_of
from policy_lang.selection.model import Reason
from policy_lang.versions.version import Version


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", ""),
        ("5.0", "5.0"),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (5.0, "5"),
        (-0.5, "-0.5"),
        (Version.parse("1.2.0-rc.1"), "1.2.0-rc.1"),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), "2026-03-02T12:00:00Z"),
        (timedelta(days=7), "P7D"),
        (["é", 1, None], '["é", 1, null]'),
        ({"a": {1}}, '{"a": "{1}"}'),
    ],
)
def test_a_value_reads_the_same_however_it_was_sent(value: object, shown: str) -> None:
    assert show(value) == shown


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("region", ("region",)),
        ("device.site.floor", ("site", "floor")),
        ('site["a.b"]', ("site", "a.b")),
        ("device.", ("device.",)),
    ],
)
def test_a_property_is_named_with_the_root_or_without(written: str, path: tuple[str, ...]) -> None:
    assert property_path(written) == path


def test_the_most_frequent_values_come_first_and_absent_ones_always() -> None:
    counted: Counter[tuple[object, ...]] = Counter(
        {("a", True): 5, ("b", True): 3, ("b", False): 3, ("c", False): 1, ("d", True): 1, (Absent.MISSING, None): 1}
    )
    assert top_of(counted, 1) == Top(
        Counter({("b", True): 3, ("b", False): 3, (Absent.MISSING, None): 1}), Counter({True: 6, False: 1}), 3
    )
    assert top_of(counted, 9).others == Counter()


def test_ties_are_broken_by_the_text() -> None:
    top = top_of(Counter({("b", True): 1, ("a", True): 1}), 1)
    assert (top.counts, top.values) == (Counter({("a", True): 1}), 1)


def test_every_reason_for_no_update_has_its_word() -> None:
    words = {nothing.value for nothing in Nothing}
    assert words == {*Reason} - {Reason.OFFERED} | {"policy unknown"}
    assert not any(isinstance(nothing, str) for nothing in Nothing)
