"""The version key: text whose binary order is the precedence of SemVer 2.0.0.

A number is a letter for how many digits it has, `a` to `o` for 1 to 15, and then its digits; a longer one is `p`, the count of its
digits as such a number, and then its digits. So numbers of any size sort as text. A key is the numbers major, minor and patch, and
then either `s`, for a release, or one code for each identifier of the prerelease: a number, or `r`, the ASCII bytes of the
identifier in hexadecimal, and `0`. Numbers sort before `r`, a key that ends sorts before one that goes on, and everything a
prerelease can go on with sorts before `s`. That is precedence, and build metadata has no part in it.

The letters are few and far apart, so that databases keep the order even under a collation that ignores case.

Source: docs/spec.md, "Version key", and section 11 of <https://semver.org>.
"""

_LENGTHS = "abcdefghijklmno"
_LONG = "p"
_IDENTIFIER = "r"
_RELEASE = "s"
_ZERO = "a0"
_SHORT = {str(number): _LENGTHS[len(str(number)) - 1] + str(number) for number in range(1000)}
"""The codes of the numbers that nearly all versions are made of, so that reading a version costs three look-ups."""


def encode_number(digits: str) -> str:
    """Encode one number so that the text order of codes is the order of numbers.

    Args:
        digits: one or more ASCII digits without leading zeros.

    >>> encode_number("0"), encode_number("42"), encode_number("1234567890123456")
    ('a0', 'b42', 'pb161234567890123456')
    """
    length = len(digits)
    if length <= len(_LENGTHS):
        return _LENGTHS[length - 1] + digits
    return _LONG + encode_number(str(length)) + digits


def version_key(major: str, minor: str, patch: str, prerelease: str) -> str:
    """The key of a version, from parts that are valid SemVer 2.0.0; `prerelease` is empty for a release.

    >>> version_key("2", "3", "0", "")
    'a2a3a0s'
    >>> version_key("2", "3", "0", "rc.1")
    'a2a3a0r72630a1'
    """
    core = (
        (_SHORT.get(major) or encode_number(major))
        + (_SHORT.get(minor) or encode_number(minor))
        + (_SHORT.get(patch) or encode_number(patch))
    )
    if not prerelease:
        return core + _RELEASE
    return core + "".join([_encode_identifier(identifier) for identifier in prerelease.split(".")])


def successor_key(key: str) -> str:
    """The key of the version that comes directly after another one; there is no third version between the two.

    After a prerelease comes the same prerelease with `.0` added; after a release, the prerelease `0` of the next patch.

    >>> successor_key(version_key("1", "2", "3", "")) == version_key("1", "2", "4", "0")
    True
    >>> successor_key(version_key("1", "2", "3", "rc")) == version_key("1", "2", "3", "rc.0")
    True
    """
    if not key.endswith(_RELEASE):
        return key + _ZERO
    _, minor_start = _number_at(key, 0)
    _, patch_start = _number_at(key, minor_start)
    patch, _ = _number_at(key, patch_start)
    return key[:patch_start] + encode_number(str(int(patch) + 1)) + _ZERO


def _encode_identifier(identifier: str) -> str:
    """Encode one identifier of a prerelease; numbers sort before all others."""
    if identifier.isdigit():
        return encode_number(identifier)
    return f"{_IDENTIFIER}{identifier.encode('ascii').hex()}0"


def _number_at(key: str, start: int) -> tuple[str, int]:
    """The digits of the number that is encoded at `start`, and the position behind it."""
    if key[start] == _LONG:
        count, start = _number_at(key, start + 1)
        end = start + int(count)
    else:
        start, end = start + 1, start + 2 + _LENGTHS.index(key[start])
    return key[start:end], end
