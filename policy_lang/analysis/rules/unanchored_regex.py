"""PL342: a regular expression, or one of its alternatives, that may match anywhere in the text."""

import re
from collections.abc import Iterator
from itertools import accumulate

from policy_lang.analysis.edits import operand_text, replace_expr
from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.searches import Search, search_of
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Fix, Severity
from policy_lang.suggest import shorten
from policy_lang.syntax.ast import Compare, Method
from policy_lang.syntax.literals import write_text
from policy_lang.syntax.operators import Precedence
from policy_lang.types.patterns import Simple, simplify

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?|.", re.DOTALL)
_ANCHORS = {"^", "$", r"\A", r"\z", r"\b", r"\B"}
_WILD = {".*", ".+"}


def check(expr: Compare | Method, subject: PolicySubject) -> Iterator[Found]:
    """A search takes a match anywhere; `.*` at both ends and word boundaries say that this is meant."""
    search = search_of(expr)
    if search is None:
        return
    alternatives = _alternatives(search.pattern)
    loose = [each for each in alternatives if not _is_deliberate(each)]
    if loose:
        what = subject.excerpt(search.literal)
        if len(loose) < len(alternatives):
            what = f"the alternative `{shorten(loose[0])}` of {what}"
        yield Found(
            f"{what} matches anywhere in {subject.excerpt(search.text)}",
            search.literal.span,
            _help(search, loose[0], is_only=len(alternatives) == 1),
            fix=_fix(expr, search, subject),
        )


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, also where one group holds them all."""
    tokens = _TOKEN.findall(pattern)
    depths = list(accumulate(part.startswith("(") - (part == ")") for part in tokens))
    if tokens and tokens[0].startswith("(") and depths.index(0) == len(tokens) - 1:
        return _alternatives("".join(tokens[1:-1]))
    alternatives = [""]
    for part, depth in zip(tokens, depths, strict=True):
        if part == "|" and depth == 0:
            alternatives.append("")
        else:
            alternatives[-1] += part
    return alternatives


def _is_deliberate(alternative: str) -> bool:
    """Whether an alternative is anchored somewhere, or says itself that anything may stand around it, which `x.*` does not."""
    says_so = alternative[:2] in _WILD and alternative[-2:] in _WILD
    return says_so or any(token in _ANCHORS for token in _TOKEN.findall(alternative))


def _help(search: Search, loose: str, *, is_only: bool) -> str:
    simple = simplify(search.pattern, search.flags)
    if simple is not None and len(simple[1]) == 1:
        return f"anchor it, for example `/^{search.pattern}$/`, or write `.includes({write_text(simple[1][0])})`"
    if is_only:
        return f"anchor it, for example `/^{shorten(loose)}$/`, or write `.*` where anything may stand"
    return "anchor all alternatives together: `/^(…|…)$/`"


def _fix(expr: Compare | Method, search: Search, subject: PolicySubject) -> Fix | None:
    """`.includes` says what the search for a plain text does."""
    simple = simplify(search.pattern, search.flags)
    if simple is None or simple[0] is not Simple.CONTAINS or len(simple[1]) > 1:
        return None
    base = operand_text(subject, search.text, Precedence.POSTFIX)
    text = f"{'!' if search.is_negative else ''}{base}.includes({write_text(simple[1][0])})"
    level = Precedence.UNARY if search.is_negative else Precedence.POSTFIX
    return replace_expr(subject, "write `.includes`", expr, text, level)


RULE = NodeRule(
    code="PL342",
    name="unanchored_regex",
    category=Category.OPERATORS,
    severity=Severity.WARNING,
    title="a regular expression matches anywhere in a text",
    is_fixable=True,
    nodes=(Compare, Method),
    check=check,
)
