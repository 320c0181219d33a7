from collections.abc import Callable
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import LEAST, Version

CORES = ["0.0.0", "0.0.1", "0.1.0", "1.0.0", "1.0.1", "1.2.3", "2.0.0"]
PRERELEASES = ["", "-0", "-0.0", "-a", "-a.0", "-a.0.0", "-a.1", "-rc.9"]
POINTS = [Version.parse(core + prerelease) for core, prerelease in product(CORES, PRERELEASES)]
SAMPLES = sorted({*POINTS, *(point.successor() for point in POINTS), *(point.successor().successor() for point in POINTS)})

Predicate = Callable[[Version], bool]

COMPARATORS: list[tuple[Callable[[Version], VersionRange], Callable[[Version, Version], bool]]] = [
    (VersionRange.at_least, Version.__ge__),
    (VersionRange.above, Version.__gt__),
    (VersionRange.at_most, Version.__le__),
    (VersionRange.below, Version.__lt__),
    (VersionRange.exactly, Version.__eq__),
]


def comparator(choice: int, bound: Version) -> tuple[VersionRange, Predicate]:
    build, holds = COMPARATORS[choice]
    return build(bound), lambda version: holds(version, bound)


def join(
    left: tuple[VersionRange, Predicate], operator: str, right: tuple[VersionRange, Predicate]
) -> tuple[VersionRange, Predicate]:
    (versions, holds), (others, other_holds) = left, right
    if operator == "&":
        return versions & others, lambda version: holds(version) and other_holds(version)
    if operator == "|":
        return versions | others, lambda version: holds(version) or other_holds(version)
    return versions - others, lambda version: holds(version) and not other_holds(version)


LEAVES = st.builds(comparator, st.integers(0, len(COMPARATORS) - 1), st.sampled_from(POINTS)) | st.sampled_from(
    [(VersionRange.empty(), lambda _: False), (VersionRange.everything(), lambda _: True)]
)
SETS = st.recursive(LEAVES, lambda inner: st.builds(join, inner, st.sampled_from("&|-"), inner), max_leaves=6)
RANGES = SETS.map(lambda pair: pair[0])


@settings(deadline=None, max_examples=400)
@given(SETS)
def test_membership_is_what_the_operators_say(pair: tuple[VersionRange, Predicate]) -> None:
    """A version is in a union, intersection, difference or complement exactly if logic says so of its being in the parts."""
    versions, holds = pair
    for version in SAMPLES:
        assert (version in versions) == holds(version)
        assert (version in ~versions) != holds(version)


@settings(deadline=None, max_examples=400)
@given(RANGES, RANGES)
def test_relations_are_exact(one: VersionRange, other: VersionRange) -> None:
    """Subset, disjointness, emptiness and equality hold exactly if no version says otherwise.

    Membership changes at bounds only, so the bounds and the least version are enough witnesses.
    """
    witnesses = {LEAST, *one.bounds, *other.bounds}
    ones, others = {version for version in witnesses if version in one}, {version for version in witnesses if version in other}
    assert one.is_subset(other) == (ones <= others)
    assert one.is_disjoint(other) == ones.isdisjoint(others)
    assert (one == other) == (ones == others)
    assert one.is_empty == (not any(version in one for version in (LEAST, *one.bounds)))
    assert one.is_everything == all(version in one for version in (LEAST, *one.bounds))
    assert one.lowest == min((bound for bound in one.bounds if bound in one), default=None)


@settings(deadline=None, max_examples=400)
@given(RANGES, RANGES, RANGES)
def test_the_laws_of_sets_hold(one: VersionRange, two: VersionRange, three: VersionRange) -> None:
    """Ranges are a Boolean algebra, and equal sets are equal values."""
    assert ~~one == one
    assert ~(one & two) == ~one | ~two
    assert one - two == one & ~two
    assert (one | two, one & two) == (two | one, two & one)
    assert one & (two | three) == (one & two) | (one & three)
    assert one | (one & two) == one
    assert (one | ~one, one & ~one) == (VersionRange.everything(), VersionRange.empty())
    assert hash(~~one) == hash(one)


@settings(deadline=None, max_examples=400)
@given(RANGES)
def test_the_intervals_are_the_set(versions: VersionRange) -> None:
    """The intervals ascend, do not touch, and together make the set."""
    parts = [
        VersionRange.at_least(low) - (VersionRange.at_least(high) if high else VersionRange.empty())
        for low, high in versions.intervals
    ]
    together = VersionRange.empty()
    for part in parts:
        assert not part.is_empty
        assert part.is_disjoint(together)
        together |= part
    assert together == versions
    assert len(versions.bounds) == sum(1 if high is None else 2 for _, high in versions.intervals)


@settings(deadline=None, max_examples=400)
@given(RANGES)
def test_a_range_is_read_back_as_it_is_written(versions: VersionRange) -> None:
    """`VersionRange.parse(str(r)) == r`."""
    assert VersionRange.parse(str(versions)) == versions
