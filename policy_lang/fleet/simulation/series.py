"""Adoption as a few lines over time: the versions with most devices, and all others together."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from policy_lang.versions.version import Version


class Series(NamedTuple):
    """One version day by day.

    Attributes:
        version: the version as devices send it; None for all others together.
        counts: its devices at the start, then at the end of each day.
    """

    version: str | None
    counts: tuple[int, ...]


def adoption_series(days: Sequence[Mapping[str, int]], most: int) -> list[Series]:
    """The versions with most devices on any day, the newest first, then the rest.

    Args:
        days: the devices of a product by version, at the start and after each day.
        most: how many versions have a series of their own.
    """
    peaks: dict[str, int] = {}
    for day in days:
        for version, count in day.items():
            peaks[version] = max(peaks.get(version, 0), count)
    ranked = sorted(peaks, key=lambda version: (-peaks[version], version))
    shown, rest = sorted(ranked[:most], key=precedence, reverse=True), ranked[most:]
    series = [Series(version, tuple(day.get(version, 0) for day in days)) for version in shown]
    return [*series, *([Series(None, tuple(sum(day.get(each, 0) for each in rest) for day in days))] if rest else [])]


def precedence(version: str) -> tuple[int, str]:
    """Versions by precedence; what is none comes before all."""
    try:
        return (1, Version.parse_lenient(version).key)
    except ValueError:
        return (0, version)
