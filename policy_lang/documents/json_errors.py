"""Why a text is not JSON, in our words."""

import re
from typing import NoReturn

from policy_lang.documents.json_tokens import JSON5, PREFIX, SKIP, STRICT
from policy_lang.documents.problems import Problems, quote
from policy_lang.source import Span
from policy_lang.suggest import did_you_mean

_NUMBER = re.compile(r"[-+.\w$]++")
_NOT_FINITE = re.compile(r"[-+]?(?:NaN|Infinity)")
_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{0,4}|\\x[0-9A-Fa-f]{0,2}|\\0?.?", re.DOTALL)
_NUMBER_HELP = {STRICT: "write it like `10`, `-0.5` or `1e3`", JSON5: "write it like `10`, `-0.5`, `1e3` or `0x1F`"}


def fail_word(pattern: re.Pattern[str], at: int, problems: Problems) -> NoReturn:
    """No word starts here: say what is wrong with the characters that follow."""
    text = problems.source.text
    at = SKIP[pattern].match(text, at).end()  # type: ignore[union-attr]  # the pattern also matches nothing
    char = text[at]
    if char == '"' or (char == "'" and pattern is JSON5):
        _fail_text(pattern, at, problems)
    if char in "+-." or char.isdigit():
        number = _NUMBER.match(text, at)[0]  # type: ignore[index]  # it starts with one of these characters
        span = Span(at, at + len(number))
        _check_finite(number, span, problems)
        problems.fail("PL502", f"the number {quote(number)} is not valid", span, remedy=_NUMBER_HELP[pattern])
    if char == "'":
        problems.fail("PL502", "text in single quotes is not allowed in JSON", Span(at, at + 1), remedy="use double quotes")
    if text.startswith(("/*", "//"), at):
        _fail_comment(pattern, at, problems)
    problems.fail("PL502", f"the character {quote(char)} is not allowed here", Span(at, at + 1))


def fail_expected(expected: str, pattern: re.Pattern[str], word: str, span: Span, problems: Problems) -> NoReturn:
    """A word starts here, and it is not the one that is needed."""
    remedy = "write text in double quotes" if word[:1].isalpha() else None
    if expected == "a value":
        _check_finite(word, span, problems)
        if word[:1] in ("+", "-"):
            problems.fail("PL502", f"the number {quote(word)} is not valid", span, remedy=_NUMBER_HELP[pattern])
        remedy = did_you_mean(word, ("true", "false", "null")) or remedy
    problems.fail("PL502", f"expected {expected}, found {quote(word)}", span, remedy=remedy)


def _check_finite(word: str, span: Span, problems: Problems) -> None:
    if _NOT_FINITE.fullmatch(word):
        problems.fail("PL502", "infinities and NaN are not allowed", span, remedy="write a number, or `null` for no value")


def _fail_text(pattern: re.Pattern[str], at: int, problems: Problems) -> NoReturn:
    """A text in quotes stops being one: at a bad escape, a control character, or the end of its line."""
    text = problems.source.text
    stop = PREFIX[pattern].match(text, at).end()  # type: ignore[union-attr]  # the pattern starts with the quote
    if stop < len(text) and text[stop] == "\\" and stop + 1 < len(text):
        escape = _ESCAPE.match(text, stop)[0]  # type: ignore[index]  # it starts with the backslash
        remedy = "write a backslash as `\\\\`"
        problems.fail("PL502", f"the escape {quote(escape)} is not valid", Span(stop, stop + len(escape)), remedy=remedy)
    if stop == len(text) or text[stop] in "\\\n\r":
        problems.fail("PL502", "a text is not closed", Span(at, stop), remedy=f"close it with `{text[at]}`")
    char = text[stop]
    remedy = f"write it as `\\u{ord(char):04x}`"
    problems.fail("PL502", f"the control character {quote(char)} stands in a text", Span(stop, stop + 1), remedy=remedy)


def _fail_comment(pattern: re.Pattern[str], at: int, problems: Problems) -> NoReturn:
    span = Span(at, at + 2)
    if pattern is JSON5:
        problems.fail("PL502", "a comment is not closed", span, remedy="close it with `*/`")
    problems.fail("PL502", "comments are not allowed in JSON", span, remedy="remove it, or name the file `.json5`")
