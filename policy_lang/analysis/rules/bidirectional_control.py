"""PL350: invisible characters that change the order in which a policy is shown."""

from collections.abc import Iterator

from policy_lang.analysis.characters import BIDIRECTIONAL, describe, escape
from policy_lang.analysis.edits import fix
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Edit, Fix, Severity
from policy_lang.source import Span
from policy_lang.syntax.ast import Regex, Text


def check(subject: PolicySubject) -> Iterator[Found]:
    """One finding for each comment and literal, at its first control; anywhere else the parser refuses them."""
    for comment in subject.comments:
        yield from _report("comment", comment.span, subject, is_fixable=False)
    for expr in subject.expressions:
        if isinstance(expr, Text):
            yield from _report("text", expr.span, subject, is_fixable=True)
        elif isinstance(expr, Regex):
            yield from _report("regular expression", expr.span, subject, is_fixable=False)


def _report(where: str, span: Span, subject: PolicySubject, *, is_fixable: bool) -> Iterator[Found]:
    places = [at for at in range(span.start, span.end) if subject.source.text[at] in BIDIRECTIONAL]
    if places:
        control = subject.source.text[places[0]]
        yield Found(
            f"the {where} holds the invisible {describe(control)}, which changes the order that people read",
            Span(places[0], places[0] + 1),
            f"remove it; a text that needs it takes the escape `{escape(control)}`",
            fix=_fix(places, subject) if is_fixable else None,
        )


def _fix(places: list[int], subject: PolicySubject) -> Fix | None:
    """Escapes keep the text, and everybody sees them."""
    edits = [Edit(Span(at, at + 1), escape(subject.source.text[at])) for at in places]
    return fix(subject, "write escapes for the invisible characters", *edits)


RULE = PolicyRule(
    code="PL350",
    name="bidirectional_control",
    category=Category.TEXT_SAFETY,
    severity=Severity.ERROR,
    title="an invisible character changes the order of the text that is shown",
    is_fixable=True,
    check=check,
)
