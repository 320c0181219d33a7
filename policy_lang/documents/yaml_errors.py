"""Why a text is not YAML, in our words: PyYAML says what it expected of its own grammar, people want to know what they wrote."""

import re
from typing import NamedTuple, NoReturn

import yaml

from policy_lang.diagnostics.model import Label
from policy_lang.documents.problems import Problems
from policy_lang.source import Span


class _Words(NamedTuple):
    """What to say about a problem.

    Attributes:
        pattern: what the problem looks like in the words of PyYAML or of libyaml.
        message: what we say.
        remedy: how to mend it.
        is_at_start: whether the finding points at the start of what is broken, not at where it broke.
    """

    pattern: re.Pattern[str]
    message: str
    remedy: str | None = None
    is_at_start: bool = False


_PROBLEMS = (
    _Words(
        re.compile(r"mapping (values|keys) are not allowed"),
        "a key cannot stand here",
        "check the indentation, and put quotes around text that has `: ` in it",
    ),
    _Words(re.compile("sequence entries are not allowed"), "a list item cannot start here", "start the list on a line of its own"),
    _Words(
        re.compile("could not find expected ':'"),
        "this is not a `key: value`",
        "write a `:` and a space after the key",
        is_at_start=True,
    ),
    _Words(
        re.compile("unexpected (end of stream|document separator)"),
        "a text in quotes is not closed",
        "close it with the quote that opens it",
        is_at_start=True,
    ),
    _Words(
        re.compile("unknown escape|expected escape sequence|escape code"),
        "an escape in a text is not valid",
        "write a backslash as `\\\\`, or use single quotes",
    ),
    _Words(re.compile(r"tab character"), "a tab stands in the indentation", "indent with spaces"),
    _Words(re.compile("cannot start any token"), "a text cannot start with this character", "put the text in quotes"),
    _Words(re.compile("node content"), "expected a value"),
    _Words(re.compile("expected ',' or ']'"), "expected `,` or `]`"),
    _Words(re.compile("expected ',' or '}'"), "expected `,` or `}`"),
    _Words(
        re.compile("expected key|expected '-' indicator|<block end>"),
        "this does not fit the lines before it",
        "check the indentation, and close every quote",
    ),
    _Words(
        re.compile("indentation indicator|chomping|comment or line break|comment or a line break"),
        "a text block must start on the next line",
    ),
    _Words(re.compile("tag|handle|URI"), "a tag is not valid", "remove it"),
    _Words(re.compile("directive|version|digit or '[.]'"), "a directive is not valid", "remove the line"),
    _Words(re.compile("document start"), "the document has ended before", "keep one document in a file"),
    _Words(re.compile("alphabetic or numeric|alphanumeric"), "the name of an anchor or alias is not valid"),
)


def fail_yaml(error: Exception, problems: Problems) -> NoReturn:
    """Raise what PyYAML found."""
    end = len(problems.source.text)
    if not isinstance(error, yaml.MarkedYAMLError):
        problems.fail("PL502", "the text is not YAML", Span(0, 0))
    at = _index(error.problem_mark, end)
    said = "tab character" if problems.source.text.startswith("\t", at) else error.problem or ""
    words = next((words for words in _PROBLEMS if words.pattern.search(said)), None)
    start = _index(error.context_mark, at)
    if words is None:
        problems.fail("PL502", "the text is not YAML here", Span(at, at + 1))
    if words.is_at_start:
        problems.fail("PL502", words.message, Span(start, start + 1), remedy=words.remedy)
    related = (Label(Span(start, start + 1), "in what starts here"),) if start < at else ()
    if at == end:  # the end of the last line shows more than the empty one after it
        at = len(problems.source.text.rstrip())
    problems.fail("PL502", words.message, Span(at, at + 1), remedy=words.remedy, related=related)


def _index(mark: "yaml.Mark | None", otherwise: int) -> int:
    return otherwise if mark is None else min(mark.index, otherwise)
