"""One semantic version: strict SemVer 2.0.0, ordered by precedence.

The grammar is that of the `semver` package. The order is not: comparing two keys is comparing two texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, final

import semver

from policy_lang.versions.key import version_key

MAX_LENGTH = 4096
"""The longest text, in characters, that is read as a version."""

_STRICT = semver.Version._REGEX  # noqa: SLF001  the grammar alone; `semver.Version.parse` would also build an object
_LENIENT = semver.Version._REGEX_OPTIONAL_MINOR_AND_PATCH  # noqa: SLF001  the same
_PARTS = 3
_SHOWN = 60


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Version:
    """A semantic version; made by `parse` or `parse_lenient`, never changed.

    Versions that differ only in build metadata are equal: order, equality and hash are precedence, section 11 of SemVer.

    Attributes:
        text: the version as it was written, in the strict form.
        key: text whose binary order is the order of versions, see `policy_lang.versions.key`.

    >>> chain = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0".split()
    >>> [version.text for version in sorted(map(Version.parse, reversed(chain)))] == chain
    True
    >>> Version.parse("1.0.0+linux") == Version.parse("1.0.0+mac")
    True
    """

    text: str
    key: str
    _parts: tuple[str, str, str, str | None, str | None]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a version strictly: SemVer 2.0.0 in ASCII, nothing before or after it.

        Raises:
            ValueError: if the text is not a version, or is longer than 4096 characters; the message says why.

        >>> Version.parse("2.3.0-rc.1").key
        'a2a3a0r72630a1'
        >>> Version.parse("1.2")
        Traceback (most recent call last):
        ValueError: `1.2` is not a semantic version: it has two parts, not three
        """
        # `fullmatch` and `isascii` keep out a line end and the digits of other scripts, which some releases of the grammar let in.
        match = _STRICT.fullmatch(text) if len(text) <= MAX_LENGTH and text.isascii() else None
        if match is None:
            raise ValueError(f"{quote(text)} is not a semantic version: {_why_not(text, fewest=_PARTS)}")
        major, minor, patch, prerelease, build = match.groups()
        return cls(text, version_key(major, minor, patch, prerelease or ""), (major, minor, patch, prerelease, build))

    @classmethod
    def parse_lenient(cls, text: str) -> Self:
        """Read a version that may start with `v` or `V` and may lack its patch, or its minor and patch; these are 0.

        Raises:
            ValueError: as `parse` does.

        >>> str(Version.parse_lenient("v1.2-rc.1"))
        '1.2.0-rc.1'
        """
        bare = text[1:] if text[:1] in {"v", "V"} else text
        match = _LENIENT.fullmatch(bare) if len(bare) <= MAX_LENGTH and bare.isascii() else None
        if match is None:
            raise ValueError(f"{quote(text)} is not a semantic version: {_why_not(bare, fewest=1)}")
        major, minor, patch, prerelease, build = match.groups()
        core = f"{major}.{minor or 0}.{patch or 0}"
        return cls.parse(core + (f"-{prerelease}" if prerelease else "") + (f"+{build}" if build else ""))

    @classmethod
    def from_parts(cls, major: str, minor: str, patch: str, prerelease: str = "") -> Self:
        """Build a version, without build metadata, from parts that are known to be valid; numbers are given as digits.

        >>> Version.from_parts("1", "2", "3", "rc.1")
        Version('1.2.3-rc.1')
        """
        text = f"{major}.{minor}.{patch}-{prerelease}" if prerelease else f"{major}.{minor}.{patch}"
        return cls(text, version_key(major, minor, patch, prerelease), (major, minor, patch, prerelease, None))

    @property
    def major(self) -> int:
        """The first number, exact at any size."""
        return int(self._parts[0])

    @property
    def minor(self) -> int:
        """The second number, exact at any size."""
        return int(self._parts[1])

    @property
    def patch(self) -> int:
        """The third number, exact at any size."""
        return int(self._parts[2])

    @property
    def prerelease(self) -> str:
        """What follows the `-`, such as `rc.1`; empty for a release."""
        return self._parts[3] or ""

    @property
    def build(self) -> str:
        """The build metadata, which follows the `+`; empty if there is none."""
        return self._parts[4] or ""

    @property
    def is_prerelease(self) -> bool:
        """Whether this is a prerelease, which comes before the release of the same three numbers."""
        return bool(self._parts[3])

    def successor(self) -> "Version":
        """The version directly after this one: no third version lies between the two.

        >>> Version.parse("1.2.3").successor(), Version.parse("1.2.3-rc").successor()
        (Version('1.2.4-0'), Version('1.2.3-rc.0'))
        """
        major, minor, patch, prerelease, _ = self._parts
        if prerelease:
            return Version.from_parts(major, minor, patch, f"{prerelease}.0")
        return Version.from_parts(major, minor, str(int(patch) + 1), "0")

    def without_build(self) -> "Version":
        """The same version without build metadata, which is equal to this one."""
        major, minor, patch, prerelease, build = self._parts
        return self if build is None else Version.from_parts(major, minor, patch, prerelease or "")

    def __eq__(self, other: object) -> bool:
        """Whether the two have the same precedence."""
        if not isinstance(other, Version):
            return NotImplemented
        return self.key == other.key

    def __hash__(self) -> int:
        """Equal versions have equal hashes."""
        return hash(self.key)

    def __lt__(self, other: "Version") -> bool:
        """Whether this version comes before the other."""
        if not isinstance(other, Version):
            return NotImplemented
        return self.key < other.key

    def __le__(self, other: "Version") -> bool:
        """Whether this version comes before the other, or has the same precedence."""
        if not isinstance(other, Version):
            return NotImplemented
        return self.key <= other.key

    def __gt__(self, other: "Version") -> bool:
        """Whether this version comes after the other."""
        if not isinstance(other, Version):
            return NotImplemented
        return self.key > other.key

    def __ge__(self, other: "Version") -> bool:
        """Whether this version comes after the other, or has the same precedence."""
        if not isinstance(other, Version):
            return NotImplemented
        return self.key >= other.key

    def __str__(self) -> str:
        """The text, in the strict form."""
        return self.text

    def __repr__(self) -> str:
        """The text, in a form that tells it from plain text."""
        return f"Version({self.text!r})"


LEAST = Version.parse("0.0.0-0")
"""The version before all others."""


def quote(text: str) -> str:
    """Show a user's text inside a message: between backticks, on one line, not too long."""
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "`" + "".join([char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown]) + "`"


def _why_not(text: str, *, fewest: int) -> str:
    """Say what keeps a text from being a version of at least `fewest` numbers."""
    if not text:
        return "it is empty"
    if len(text) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    if text != text.strip():
        return "there is white space around it"
    if not text.isascii():
        return f"{quote(next(char for char in text if not char.isascii()))} is not an ASCII character"
    if text[0] in "vV":
        return f"it starts with {quote(text[0])}"
    first, *_ = _faults(text, fewest)
    return first


def _faults(text: str, fewest: int) -> Iterator[str]:
    """Name every fault of a text, from left to right."""
    body, plus, build = text.partition("+")
    core, dash, prerelease = body.partition("-")
    numbers = core.split(".")
    for number in numbers:
        yield from _number_faults(number)
    if not fewest <= len(numbers) <= _PARTS:
        yield f"it has {_count(numbers)}, not three"
    for identifier in prerelease.split(".") if dash else ():
        yield from _identifier_faults(identifier, "prerelease")
        yield from _zero_faults(identifier)
    for identifier in build.split(".") if plus else ():
        yield from _identifier_faults(identifier, "build metadata")


def _number_faults(number: str) -> Iterator[str]:
    """Name what keeps a text from being one of the numbers of a version."""
    if not number:
        yield "a number is missing"
    elif not number.isdigit():
        yield f"{quote(number)} is not a number"
    yield from _zero_faults(number)


def _identifier_faults(identifier: str, where: str) -> Iterator[str]:
    """Name what keeps a text from being an identifier."""
    if not identifier:
        yield f"its {where} has an empty part"
    elif not identifier.replace("-", "0").isalnum():
        yield f"{quote(identifier)} in its {where} is not only letters, digits and `-`"


def _zero_faults(number: str) -> Iterator[str]:
    """Name a leading zero; SemVer has none, so that each number has one spelling."""
    if number.isdigit() and number != "0" and number.startswith("0"):
        yield f"{quote(number)} has a leading zero"


def _count(numbers: list[str]) -> str:
    """Count the parts of a core in words."""
    words = {1: "one part", 2: "two parts", 4: "four parts"}
    return words.get(len(numbers), f"{len(numbers)} parts")
