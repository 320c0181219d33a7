import string

import semver
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.versions.key import successor_key
from policy_lang.versions.version import Version

NUMBERS = st.integers(0, 12) | st.integers(0, 10**20) | st.integers(0, 10**100)
WORDS = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=4).map(lambda word: f"{word}-")
IDENTIFIERS = NUMBERS.map(str) | WORDS
VERSIONS = st.builds(
    lambda numbers, prerelease: ".".join(map(str, numbers)) + ("-" if prerelease else "") + ".".join(prerelease),
    st.tuples(NUMBERS, NUMBERS, NUMBERS) | st.just((1, 0, 0)),
    st.lists(IDENTIFIERS, max_size=3),
)


@settings(deadline=None, max_examples=500)
@given(st.lists(VERSIONS, max_size=8))
def test_keys_sort_as_versions(texts: list[str]) -> None:
    """The binary order of keys is the precedence of versions, as text and as bytes."""
    by_precedence = sorted(map(semver.Version.parse, texts))
    keys = [Version.parse(str(version)).key for version in by_precedence]
    assert keys == sorted(keys)
    assert keys == sorted(keys, key=str.encode)
    assert keys == sorted(keys, key=str.upper)


@settings(deadline=None, max_examples=500)
@given(VERSIONS, VERSIONS)
def test_equal_keys_are_equal_versions(text: str, other: str) -> None:
    """Two keys are equal exactly if the versions differ in nothing but build metadata."""
    assert Version.parse(f"{text}+one").key == Version.parse(f"{text}+two").key
    assert (Version.parse(text).key == Version.parse(other).key) == (text == other)


@settings(deadline=None, max_examples=500)
@given(VERSIONS)
def test_the_successor_of_a_key_is_the_key_of_the_successor(text: str) -> None:
    """A successor can be computed on keys alone."""
    version = Version.parse(text)
    assert successor_key(version.key) == version.successor().key
