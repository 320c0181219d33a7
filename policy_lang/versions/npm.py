"""The range grammar of npm, read into intervals of versions.

The meaning is that of node-semver 7.8 with `{includePrerelease: true}`: a range is a set of intervals in the order of precedence,
and nothing else decides. So `^1.2` is `>=1.2.0-0 <2.0.0-0`, and holds `1.3.0-rc.1`. In short, with `x`, `X` and `*` as wildcards:

    1.2.3  =1.2.3       that version            1.2  1.2.x         >=1.2.0-0 <1.3.0-0
    >1.2.3 >=1.2.3      after it, from it on    >1.2   >=1.2       >=1.3.0-0     >=1.2.0-0
    <1.2.3 <=1.2.3      before it, up to it     <1.2   <=1.2       <1.2.0-0      <1.3.0-0
    ~1.2.3              >=1.2.3 <1.3.0-0        1.2.3 - 2.3.4      >=1.2.3-0 <=2.3.4
    ^1.2.3              >=1.2.3 <2.0.0-0        1.2 - 2.3          >=1.2.0-0 <2.4.0-0
    ^0.2.3  ^0.0.3      below 0.3.0-0, 0.0.4-0  *, or no text      every version

Versions side by side must all hold; `||` separates alternatives, of which one must. A leading `v` and build metadata are ignored.

It differs from node-semver in four points. Numbers may have any size. A range of more than 256 characters or more than 64
alternatives is refused. So are two things that node-semver reads by accident: a `*` that is glued to a full version (`1.2.3*`,
which it takes for `1.2.3`), and build metadata that does not follow a version (`+linux`, which it takes for every version).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import dropwhile, takewhile
from typing import TypeAlias

from policy_lang.versions.version import LEAST, Version, quote

MAX_LENGTH = 256
"""The longest range, in characters."""

MAX_ALTERNATIVES = 64
"""The most alternatives of one range."""

Interval: TypeAlias = tuple[Version, Version | None]
"""The versions from the first one on and before the second one; None is no limit. It is empty if the second is not the greater."""

_EVERYTHING: Interval = (LEAST, None)
_NOTHING: Interval = (LEAST, LEAST)

_FULL = 3
_FULL_PREFIXES = ("", "v")

_SPACE = re.compile("[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")  # what JavaScript calls white space
_NUMBER = r"(?:0|[1-9][0-9]*|[xX*])"
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_PARTIAL = (
    rf"({_NUMBER})(?:\.({_NUMBER})(?:\.({_NUMBER})(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?)?)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)*"
)
# One space may stand between an operator and its version, one may split `> =1` and `~ >1`, and a `=` after `^` or `~` says nothing.
_OPERATOR = r"(\^ ?(?:= ?)?|~ ?>?(?: =|=? ?)|[<>](?: =|=? ?)|= ?|)"
_TERM = re.compile(rf"{_OPERATOR}([v=]*){_PARTIAL}(?: |\Z)")
_HYPHEN = re.compile(rf"([v= ]*){_PARTIAL} - [v= ]*{_PARTIAL}")


@dataclass(frozen=True, slots=True)
class _Partial:
    """A version with the numbers behind the first wildcard left out; a prerelease counts behind three numbers only."""

    numbers: tuple[str, ...]
    prerelease: str

    @property
    def is_full(self) -> bool:
        """Whether all three numbers are given."""
        return len(self.numbers) == _FULL

    def span(self) -> Interval:
        """The versions that it stands for: one, all that share its numbers, or every version."""
        if self.is_full:
            major, minor, patch = self.numbers
            version = Version.from_parts(major, minor, patch, self.prerelease)
            return version, version.successor()
        return (_least(self.numbers), self.end(len(self.numbers))) if self.numbers else _EVERYTHING

    def end(self, kept: int) -> Version:
        """The least version that is greater than all that share the first `kept` numbers."""
        *head, last = self.numbers[:kept]
        return _least((*head, str(int(last) + 1)))


def parse_range(text: str) -> list[Interval]:
    """Read a range as one interval, perhaps an empty one, for each alternative.

    Raises:
        ValueError: if the text is not a range, or is over a limit; the message says why.

    >>> parse_range("^1.2 || >=3.0.0-rc.1")
    [(Version('1.2.0-0'), Version('2.0.0-0')), (Version('3.0.0-rc.1'), None)]
    """
    try:
        return [_alternative(alternative) for alternative in _split(text)]
    except ValueError as error:
        raise ValueError(f"{quote(text)} is not a version range: {error}") from None


def _split(text: str) -> list[str]:
    """Check the limits, and cut a range into alternatives with single spaces in them."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it is longer than {MAX_LENGTH} characters")
    alternatives = text.split("||")
    if len(alternatives) > MAX_ALTERNATIVES:
        raise ValueError(f"it has more than {MAX_ALTERNATIVES} alternatives")
    return [_SPACE.sub(" ", alternative).strip(" ") for alternative in alternatives]


def _alternative(text: str) -> Interval:
    """Read what stands between two `||`: a hyphen range, or terms that must all hold."""
    hyphen = _HYPHEN.fullmatch(text)
    return _hyphen(hyphen) if hyphen else reduce(_both, _terms(text), _EVERYTHING)


def _hyphen(match: re.Match[str]) -> Interval:
    """Read `1.2 - 2.3`. A full version on the left brings its prereleases along, as a partial one does."""
    prefix, *parts = match.groups()
    left, right = _partial(parts[:4]), _partial(parts[4:])
    if left.is_full and not left.prerelease:
        low = _least(left.numbers)
    else:
        low, _ = left.span()
    if left.is_full and prefix not in _FULL_PREFIXES:
        raise _misplaced(match[0])
    return low, right.span()[1]


def _terms(text: str) -> Iterator[Interval]:
    """Read terms that are separated by spaces."""
    position = 0
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None:
            raise _misplaced(text[position:].partition(" ")[0])
        yield _term(match)
        position = match.end()


def _term(match: re.Match[str]) -> Interval:
    """Read one operator and its version."""
    operator, prefix, *parts = match.groups()
    partial = _partial(parts)
    if operator.startswith("^"):
        return _caret(partial)
    if operator.startswith("~"):
        return _tilde(partial)
    if (partial.is_full and prefix not in _FULL_PREFIXES) or _has_number_behind_wildcard(parts):
        raise _misplaced(match[0].strip())
    return _comparator(operator.replace(" ", ""), partial.span())


def _caret(partial: _Partial) -> Interval:
    """Keep the first number that is not zero."""
    low, end = partial.span()
    kept = next((place for place, number in enumerate(partial.numbers, start=1) if number != "0"), len(partial.numbers))
    return low, partial.end(kept) if partial.numbers else end


def _tilde(partial: _Partial) -> Interval:
    """Keep major and, if it is given, minor."""
    low, end = partial.span()
    return low, partial.end(2) if partial.numbers else end


def _comparator(operator: str, span: Interval) -> Interval:
    """Compare with all the versions that a full or partial version stands for."""
    first, end = span
    match operator:
        case ">":
            return (end, None) if end else _NOTHING
        case ">=":
            return first, None
        case "<":
            return LEAST, first
        case "<=":
            return LEAST, end
        case _:
            return span


def _both(one: Interval, other: Interval) -> Interval:
    """The versions in both intervals."""
    ends = [end for _, end in (one, other) if end is not None]
    return max(one[0], other[0]), min(ends, default=None)


def _partial(parts: list[str | None]) -> _Partial:
    """Read the three numbers, of which the last ones may be missing or wild, and the prerelease."""
    numbers = [part or "x" for part in parts[:_FULL]]
    return _Partial(tuple(takewhile(str.isdigit, numbers)), parts[_FULL] or "")


def _has_number_behind_wildcard(parts: list[str | None]) -> bool:
    """Whether this is like `1.x.3`, which only `^`, `~` and hyphens put up with."""
    numbers = [part or "x" for part in parts[:_FULL]]
    return any(map(str.isdigit, dropwhile(str.isdigit, numbers)))


def _least(numbers: tuple[str, ...]) -> Version:
    """The least version that starts with these numbers."""
    major, minor, patch = (*numbers, "0", "0")[:_FULL]
    return Version.from_parts(major, minor, patch, "0")


def _misplaced(term: str) -> ValueError:
    """The error for text that is no term."""
    return ValueError(f"{quote(term)} is not a comparator such as `>=1.2.0`, `^1.2` or `1.x`")
