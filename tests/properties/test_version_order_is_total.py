from itertools import combinations

import semver
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.versions.version import Version

NUMBERS = st.sampled_from(["0", "1", "2", "9", "10", "99", "9007199254740993", "1" + "0" * 15, "9" * 15, "9" * 60])
IDENTIFIERS = NUMBERS | st.sampled_from(["a", "A", "alpha", "alpha-", "alpha0", "beta", "rc", "-", "--", "-1", "0a", "Z", "z"])
CORES = st.tuples(NUMBERS, NUMBERS, NUMBERS).map(".".join)
PRERELEASES = st.just("") | st.lists(IDENTIFIERS, min_size=1, max_size=3).map(lambda parts: "-" + ".".join(parts))
BUILDS = st.sampled_from(["", "", "", "+1", "+linux.x86-64"])
VERSIONS = st.tuples(CORES | st.just("1.0.0"), PRERELEASES, BUILDS).map("".join)


@settings(deadline=None, max_examples=400)
@given(st.lists(VERSIONS, min_size=8, max_size=8))
def test_the_order_is_the_precedence_of_semver(texts: list[str]) -> None:
    """Of two versions exactly one is less, or they are equal, as section 11 of SemVer says; 28 pairs for each example."""
    for text, other_text in combinations(texts, 2):
        version, other = Version.parse(text), Version.parse(other_text)
        expected = semver.Version.parse(text).compare(other_text)
        assert (version > other) - (version < other) == expected
        assert (version == other, version <= other, version >= other) == (expected == 0, expected <= 0, expected >= 0)
        assert [version < other, version == other, version > other].count(True) == 1
        assert version != other or hash(version) == hash(other)


@settings(deadline=None, max_examples=500)
@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_transitive(one: str, two: str, three: str) -> None:
    """If a version is at most a second one, and that is at most a third one, the first is at most the third."""
    low, middle, high = sorted(map(Version.parse, (one, two, three)))
    assert low <= middle <= high
    assert low <= high


@settings(deadline=None, max_examples=500)
@given(VERSIONS, VERSIONS)
def test_no_version_lies_between_a_version_and_its_successor(text: str, other_text: str) -> None:
    """Every version is at most a given one, or at least the successor of that one."""
    version, other = Version.parse(text), Version.parse(other_text)
    assert version < version.successor()
    assert other <= version or other >= version.successor()
