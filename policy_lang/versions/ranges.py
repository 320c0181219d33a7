"""Sets of versions, with union, intersection, complement and difference, all of them exact."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from operator import or_

from policy_lang.versions.npm import Interval, parse_range
from policy_lang.versions.version import LEAST, Version


@dataclass(frozen=True, slots=True)
class VersionRange:
    """A set of versions that is made of intervals; made by the class methods, never changed.

    Every version has a direct successor (`Version.successor`), and `0.0.0-0` is before all others. So each comparator is an
    interval that includes its low end and excludes its high one: `>1.0.0` is "from `1.0.1-0` on", `<=1.0.0` is "before `1.0.1-0`".
    A set is then the ascending row of versions at which membership changes: out of the set before the first one, in from there,
    out from the second one on, and so forth. Each set has exactly one such row, so `==` is equality of sets.

    Attributes:
        bounds: the versions at which membership changes, strictly ascending, without build metadata.

    Source: docs/spec.md, "Versions".

    >>> stable = VersionRange.parse("^1.2 || >2.0.0")
    >>> stable.bounds
    (Version('1.2.0-0'), Version('2.0.0-0'), Version('2.0.1-0'))
    >>> str(~stable), str(stable & VersionRange.parse("<=1.4.0"))
    ('<1.2.0-0 || >=2.0.0-0 <=2.0.0', '>=1.2.0-0 <=1.4.0')
    >>> VersionRange.parse(">1.0.0 <1.0.1-0").is_empty
    True
    """

    bounds: tuple[Version, ...]
    _keys: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the keys of the bounds, for fast search.

        Raises:
            ValueError: if the bounds do not ascend.
        """
        keys = tuple(bound.key for bound in self.bounds)
        if any(low >= high for low, high in pairwise(keys)):
            raise ValueError("the bounds of a version range must ascend")
        object.__setattr__(self, "_keys", keys)

    @classmethod
    def empty(cls) -> "VersionRange":
        """The set without versions."""
        return cls(())

    @classmethod
    def everything(cls) -> "VersionRange":
        """The set of all versions."""
        return cls((LEAST,))

    @classmethod
    def at_least(cls, version: Version) -> "VersionRange":
        """The version and all after it: `>=`."""
        return cls((version.without_build(),))

    @classmethod
    def above(cls, version: Version) -> "VersionRange":
        """All after the version: `>`."""
        return cls((version.successor(),))

    @classmethod
    def at_most(cls, version: Version) -> "VersionRange":
        """The version and all before it: `<=`."""
        return _interval((LEAST, version.successor()))

    @classmethod
    def below(cls, version: Version) -> "VersionRange":
        """All before the version: `<`."""
        return _interval((LEAST, version.without_build()))

    @classmethod
    def exactly(cls, version: Version) -> "VersionRange":
        """The version alone, with whatever build metadata."""
        return cls((version.without_build(), version.successor()))

    @classmethod
    def parse(cls, text: str) -> "VersionRange":
        """Read a range in npm's grammar, see `policy_lang.versions.npm`.

        Raises:
            ValueError: if the text is not a range, or is over a limit; the message says why.

        >>> Version.parse("1.3.0-rc.1") in VersionRange.parse("^1.2 || 3.x")
        True
        """
        return reduce(or_, map(_interval, parse_range(text)))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals, ascending and apart: the first version, and the first one behind, which is None without a limit."""
        ends = (*self.bounds[1::2], None)
        return tuple(zip(self.bounds[::2], ends, strict=False))

    @property
    def lowest(self) -> Version | None:
        """The least version of the set, or None if there is none."""
        return self.bounds[0] if self.bounds else None

    @property
    def is_empty(self) -> bool:
        """Whether no version is in the set."""
        return not self.bounds

    @property
    def is_everything(self) -> bool:
        """Whether every version is in the set."""
        return self._keys == (LEAST.key,)

    def is_subset(self, other: "VersionRange") -> bool:
        """Whether all versions of this set are in the other one."""
        return (self - other).is_empty

    def is_disjoint(self, other: "VersionRange") -> bool:
        """Whether no version is in both sets."""
        return (self & other).is_empty

    def __contains__(self, version: Version) -> bool:
        """Whether a version is in the set."""
        return bisect_right(self._keys, version.key) % 2 == 1

    def __and__(self, other: "VersionRange") -> "VersionRange":
        """The versions that are in both sets."""
        return self._combine(other, lambda here, there: here and there)

    def __or__(self, other: "VersionRange") -> "VersionRange":
        """The versions that are in at least one of the sets."""
        return self._combine(other, lambda here, there: here or there)

    def __sub__(self, other: "VersionRange") -> "VersionRange":
        """The versions that are in this set only."""
        return self._combine(other, lambda here, there: here and not there)

    def __invert__(self) -> "VersionRange":
        """The versions that are not in the set."""
        return VersionRange.everything() - self

    def __str__(self) -> str:
        """The set as a range that `parse` reads back, if it is not too long for that.

        >>> str(VersionRange.parse("~>1.4 1.x || =2.0.0 || >= 3"))
        '>=1.4.0-0 <1.5.0-0 || 2.0.0 || >=3.0.0-0'
        """
        return " || ".join(_show(low, high) for low, high in self.intervals) or f"<{LEAST}"

    def __repr__(self) -> str:
        """The range, in a form that tells it from plain text."""
        return f"VersionRange({str(self)!r})"

    def _combine(self, other: "VersionRange", is_kept: Callable[[bool, bool], bool]) -> "VersionRange":
        """The set whose members are decided by membership in two sets; what is in neither is never kept.

        INVARIANT: membership changes at bounds only, and a bound belongs to what follows it.
        """
        bounds: list[Version] = []
        for bound in sorted({*self.bounds, *other.bounds}):
            is_inside = len(bounds) % 2 == 1
            if is_kept(bound in self, bound in other) != is_inside:
                bounds.append(bound)
        return VersionRange(tuple(bounds))


def _interval(interval: Interval) -> VersionRange:
    """The set of one interval, which may be empty or without a limit."""
    low, high = interval
    if high is None:
        return VersionRange((low,))
    return VersionRange((low, high) if low < high else ())


def _show(low: Version, high: Version | None) -> str:
    """Write one interval, in the shortest form."""
    if high == low.successor():
        return str(low)
    comparators = [] if low == LEAST else [_lower(low)]
    if high is not None:
        comparators.append(_upper(high))
    return " ".join(comparators) or "*"


def _lower(low: Version) -> str:
    """Write a low end: `>1.0.0` for `>=1.0.1-0`."""
    before = _plainer_before(low)
    return f">={low}" if before is None else f">{before}"


def _upper(high: Version) -> str:
    """Write a high end: `<=1.0.0` for `<1.0.1-0`."""
    before = _plainer_before(high)
    return f"<{high}" if before is None else f"<={before}"


def _plainer_before(version: Version) -> Version | None:
    """The version directly before another one, where that exists and reads better: not for `1.0.0-rc.0`."""
    head, _, last = version.prerelease.rpartition(".")
    if last != "0":
        return None
    major, minor, patch = str(version.major), str(version.minor), version.patch
    if head:
        is_plainer = head.rpartition(".")[2].isdigit()
        return Version.from_parts(major, minor, str(patch), head) if is_plainer else None
    return Version.from_parts(major, minor, str(patch - 1)) if patch else None
