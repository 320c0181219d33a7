"""Nearest names, for "did you mean", and texts cut for messages."""

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 40
_CUTOFF = 0.6
_LONGEST = 64


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`, or None where none is near.

    Case is ignored, so `Region` finds `region`. Very long names are not compared: they cost time and no name of ours is long.
    """
    if len(name) > _LONGEST:
        return None
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = get_close_matches(name.casefold(), by_folded, n=1, cutoff=_CUTOFF)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The help line for a name that is not known, or None where no known name is near."""
    match = nearest(name, known)
    return None if match is None else f"did you mean `{match}`?"


def shorten(text: str) -> str:
    """A text for a message: on one line, and cut where it is long."""
    line = " ".join(text.split()) if "\n" in text or "\r" in text else text
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
