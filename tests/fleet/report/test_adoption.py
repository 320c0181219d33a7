from collections import Counter
from typing import Any, TypeAlias

from policy_lang.fleet.report.adoption import MOST_BARS, find_bars
from policy_lang.fleet.report.model import Bar
from policy_lang.fleet.survey import Absent, Top

_Counts: TypeAlias = Counter[tuple[str | Absent, Any]]


def test_devices_move_to_the_version_that_they_get() -> None:
    counts: _Counts = Counter(
        {("1.9.0", True): 3, ("1.9.0", False): 1, ("1.10.0", None): 2, ("v1", False): 1, ("?", False): 1, (Absent.BAD, None): 1}
    )
    assert find_bars(Top(counts, Counter(), 0), {True: "2.0.0"}) == (
        Bar("v1", 1, 1),
        Bar("1.9.0", 4, 1),
        Bar("1.10.0", 2, 2),
        Bar("2.0.0", 0, 3),
        Bar("?", 1, 1),
        Bar(Absent.BAD, 1, 1),
    )


def test_rare_versions_share_a_bar() -> None:
    counts: _Counts = Counter({(f"1.{minor}.0", False): 100 - minor for minor in range(20)})
    *bars, others = find_bars(Top(counts, Counter({True: 7, False: 1}), 8), {True: "2.0.0"})
    assert [bar.version for bar in bars] == [f"1.{minor}.0" for minor in range(MOST_BARS)]
    rest = sum(100 - minor for minor in range(MOST_BARS, 20))
    assert others == Bar(None, rest + 8, rest + 8)
    assert (others.title, Bar("", 1, 1).title, Bar(Absent.MISSING, 1, 1).title) == ("other versions", "(empty text)", "(missing)")


def test_nothing_has_no_bars() -> None:
    assert find_bars(Top(Counter(), Counter(), 0), {}) == ()
