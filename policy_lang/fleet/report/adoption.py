"""The versions of a fleet, before and after everyone has taken what a report gives them."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from policy_lang.fleet.report.model import Bar
from policy_lang.fleet.survey import Absent, Top
from policy_lang.versions.version import Version

MOST_BARS: Final = 14
"""The most versions with a bar of their own."""

_Title: TypeAlias = str | Absent | None


def find_bars(top: Top, brings: Mapping[Any, str]) -> tuple[Bar, ...]:
    """The bars of a tally by version, in the order of versions.

    Args:
        top: the devices by version, and by what they get.
        brings: the version that each of these brings; what brings none is left out.
    """
    before: Counter[_Title] = Counter()
    after: Counter[_Title] = Counter()
    for (version, gets), devices in (*top.counts.items(), *(((None, gets), count) for gets, count in top.others.items())):
        before[version] += devices
        after[brings.get(gets, version)] += devices
    shown = sorted(
        (title for title in before | after if title is not None),
        key=lambda title: (-max(before[title], after[title]), _place(title)),
    )
    bars = [Bar(title, before[title], after[title]) for title in sorted(shown[:MOST_BARS], key=_place)]
    rest: list[_Title] = [*shown[MOST_BARS:], None]
    others = Bar(None, sum(before[title] for title in rest), sum(after[title] for title in rest))
    if others.before or others.after:
        bars.append(others)
    return tuple(bars)


def _place(title: str | Absent) -> tuple[int, str, str]:
    """The order of bars: versions by precedence, then texts that are none, then devices without one."""
    if isinstance(title, Absent):
        return (2, title.value, "")
    try:
        return (0, Version.parse_lenient(title).key, title)
    except ValueError:
        return (1, title, title)
