"""Searches for a regular expression, in whichever of the three ways they are written."""

from dataclasses import dataclass

from policy_lang.syntax.ast import Compare, Expr, Method, Regex, Text
from policy_lang.syntax.operators import EQUALITY_OPS, ComparisonOp


@dataclass(frozen=True, slots=True)
class Search:
    """A search: `text == /…/`, `/…/ != text`, `text.matches(/…/)`, `text.matches('…')`.

    Attributes:
        text: what is searched.
        literal: the pattern as an expression.
        pattern: the pattern without slashes or quotes.
        flags: its flags, sorted.
        is_negative: whether the search is `!=`.
    """

    text: Expr
    literal: Regex | Text
    pattern: str
    flags: str
    is_negative: bool


def search_of(expr: Compare | Method) -> Search | None:
    """The search that an expression is, or None."""
    match expr:
        case Compare(op, text, Regex() as regex) | Compare(op, Regex() as regex, text) if op in EQUALITY_OPS:
            return Search(text, regex, regex.pattern, regex.flags, op is ComparisonOp.NOT_EQUAL)
        case Method(text, "matches", (Regex() as regex,)):
            return Search(text, regex, regex.pattern, regex.flags, False)
        case Method(text, "matches", (Text(value) as literal,)):
            return Search(text, literal, value, "", False)
        case _:
            return None
