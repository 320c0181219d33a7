"""TOML with positions: Python's own parser gives the values, a second pass says where they stand."""

import re
import tomllib
from datetime import date, datetime, time
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from policy_lang.documents.model import Document, Kind, Path_
from policy_lang.documents.problems import MAX_DEPTH, Problems
from policy_lang.documents.toml_positions import Positions
from policy_lang.source import Span

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)\Z")
_TWICE = re.compile(r"Cannot (?:overwrite|declare|mutate|redefine)|Duplicate inline")


class _Words(NamedTuple):
    """What to say about an error: what it looks like in Python's words, our message, and how to mend it."""

    pattern: re.Pattern[str]
    message: str
    remedy: str | None = None


_PROBLEMS = (
    _Words(re.compile("Invalid statement|Invalid initial character"), "expected a key", "write `key = value`, or `[table]`"),
    _Words(re.compile("Expected '='"), "expected `=` after the key"),
    _Words(re.compile("Expected newline"), "expected the end of the line"),
    _Words(re.compile("Invalid value"), "expected a value", "write text in quotes"),
    _Words(re.compile("Unclosed array"), "expected `,` or `]`"),
    _Words(re.compile("Unclosed inline table"), "expected `,` or `}`"),
    _Words(re.compile("Expected ']"), "expected the end of the header", "write `[table]`, or `[[list]]`"),
    _Words(re.compile("Unterminated string|Expected [\"']['\"]"), "a text is not closed", "close it with the quote that opens it"),
    _Words(
        re.compile("Unescaped|hex value|Escaped character"),
        "an escape in a text is not valid",
        "write a backslash as `\\\\`, or use single quotes",
    ),
    _Words(re.compile("Illegal character|invalid character"), "a character is not allowed here"),
    _Words(re.compile("date or datetime"), "the date or time is not valid"),
)


def parse_toml(problems: Problems) -> Document:
    """Read TOML, or raise with what is wrong."""
    positions = Positions(problems)
    problems.check()
    try:
        value = tomllib.loads(problems.source.text)
    except RecursionError:
        problems.fail_depth(Span(0, 0))
    except ValueError as error:
        _fail(str(error), positions, problems)
    document = Document(value, problems.source, positions.spans, positions.keys, Kind.TOML)
    _make_plain(document, problems)
    problems.check()
    return document


def _make_plain(document: Document, problems: Problems) -> None:
    """Turn dates and times into text, and refuse what has no place in a plain value."""
    pending: list[tuple[Path_, Any]] = [((), document.value)]
    while pending:
        path, outer = pending.pop()
        if len(path) >= MAX_DEPTH:
            problems.fail_depth(document.span(path))
        for step, value in list(outer.items() if isinstance(outer, dict) else enumerate(outer)):
            inner = (*path, step)
            match value:
                case dict() | list():
                    pending.append((inner, value))
                case datetime() | date() | time():
                    outer[step] = _rfc3339(value)
                case float() if not isfinite(value):
                    _refuse(document.span(inner), problems)


def _rfc3339(value: date | time) -> str:
    """A date, a time or both as text; UTC is written `Z`."""
    text = value.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _refuse(span: Span, problems: Problems) -> None:
    is_literal = problems.source.excerpt(span).strip("+-") in ("inf", "nan")
    message = "infinities and NaN are not allowed" if is_literal else "the number is too large"
    problems.add("PL502", message, span)


def _fail(said: str, positions: Positions, problems: Problems) -> NoReturn:
    """Raise what Python's parser found."""
    at = _offset(said, problems.source.text)
    if _TWICE.match(said):
        for key, first, second in positions.duplicates:
            problems.add_duplicate(key, first, second)
        problems.check()
        message, remedy = "this key or table was complete before", "write all of a table in one place"
        problems.fail("PL503", message, Span(at, at + 1), remedy=remedy)
    words = next((words for words in _PROBLEMS if words.pattern.search(said)), None)
    if words is None:
        problems.fail("PL502", "the text is not TOML here", Span(at, at + 1))
    problems.fail("PL502", words.message, Span(at, at + 1), remedy=words.remedy)


def _offset(said: str, text: str) -> int:
    """The place that an error names; without one it is the end of the text."""
    if not (place := _PLACE.search(said)):
        return len(text.rstrip())
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: int(place[1]) - 1]) + int(place[2]) - 1
