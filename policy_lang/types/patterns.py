"""Regular expressions: checked and run by RE2, in time linear in the text; the simple ones become text operations.

Source: docs/spec.md, "Regular expressions"; the syntax is RE2's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache


class Simple(StrEnum):
    """What a pattern without any operator asks."""

    EQUALS = "equals"
    STARTS_WITH = "starts with"
    ENDS_WITH = "ends with"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; equal to another when source and flags are.

    Attributes:
        source: as written between the slashes.
        flags: `i`, `s`, both or none, sorted.
        search: whether a text holds a match.
    """

    source: str
    flags: str
    search: Callable[[str], bool] = field(compare=False, repr=False)


_LITERAL = r"(?:[^\\^$.|?*+()\[\]{}]|\\[^A-Za-z0-9\s])"
_ALTERNATIVES = rf"(?P<texts>{_LITERAL}+(?:\|{_LITERAL}+)*)"
_GROUPED = re.compile(rf"(?P<start>\^?)\((?:\?:)?{_ALTERNATIVES}\)(?P<end>\$?)", re.DOTALL)
_SINGLE = re.compile(rf"(?P<start>\^?)(?P<texts>{_LITERAL}+)(?P<end>\$?)", re.DOTALL)
_CHOICE = re.compile(rf"(?P<start>){_ALTERNATIVES}(?P<end>)", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_OPERATIONS = {
    (True, True): Simple.EQUALS,
    (True, False): Simple.STARTS_WITH,
    (False, True): Simple.ENDS_WITH,
    (False, False): Simple.CONTAINS,
}


@lru_cache(maxsize=1024)
def compile_pattern(source: str, flags: str) -> Pattern:
    """Compile a pattern.

    Args:
        source: RE2 syntax.
        flags: any of `i` (ignore case) and `s` (`.` takes line ends too).

    Returns:
        The pattern; its `search` takes a text without halves of surrogate pairs.

    Raises:
        ValueError: RE2 refuses it; the message says why.
    """
    import re2  # noqa: PLC0415  a native library that most policies do not need

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = "i" not in flags
    options.dot_nl = "s" in flags
    try:
        compiled = re2.compile(source, options)
    except re2.error as error:
        raise ValueError(_reason(error)) from None
    search = compiled.search
    return Pattern(source, flags, lambda text: search(text) is not None)


def simplify(source: str, flags: str) -> tuple[Simple, tuple[str, ...]] | None:
    """The text operation that a pattern comes to, with the texts of which one must fit; None where it needs the engine.

    >>> simplify("^(us|eu)-", "")
    >>> simplify("^(?:us|eu)$", "")
    (<Simple.EQUALS: 'equals'>, ('us', 'eu'))
    """
    if "i" in flags:
        return None
    match = _SINGLE.fullmatch(source) or _GROUPED.fullmatch(source) or _CHOICE.fullmatch(source)
    if match is None:
        return None
    texts = tuple(_ESCAPE.sub(r"\1", text) for text in _split(match["texts"]))
    return _OPERATIONS[bool(match["start"]), bool(match["end"])], texts


def _split(texts: str) -> list[str]:
    """The alternatives; a bar after a backslash is a bar."""
    return re.findall(rf"{_LITERAL}+", texts, re.DOTALL)


def _reason(error: Exception) -> str:
    """RE2's reason as one line of text."""
    reason = error.args[0] if error.args else "it does not compile"
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
