"""Check a whole policy: names and types, literals, and that it is a condition."""

from collections.abc import Iterator

from policy_lang.checker.conflicts import report_undetermined
from policy_lang.checker.infer import condition, settle
from policy_lang.checker.literals import read_literals
from policy_lang.checker.lower import lower
from policy_lang.checker.scope import Scope
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import PolicySyntaxError, PolicyTypeError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Span
from policy_lang.syntax.ast import And, Conditional, Expr, Or
from policy_lang.syntax.parser import Parsed
from policy_lang.syntax.walk import children, descendants
from policy_lang.types.core import Core
from policy_lang.types.schema import Schema

_MISREAD = frozenset({"PL101", "PL104"})
"""The mistakes after which nobody knows what the condition around them says."""

_NAMES = frozenset({"PL202", "PL203", "PL204"})
"""What is wrong about a name alone."""


def check(parsed: Parsed, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> Core:
    """Turn a parsed policy into its core.

    Args:
        parsed: the surface tree, perhaps with repaired mistakes.
        schema: what the host declares; without one the types are inferred.
        options: the host's limits.

    Returns:
        The typed core tree; its result is a bool.

    Raises:
        PolicySyntaxError: the text had mistakes; the findings of the types come with them.
        PolicyTypeError: names or types do not fit; all findings come together.

    Source: docs/spec.md, "Types".
    """
    scope = Scope(parsed.source, schema or Schema(), options)
    condition(parsed.tree, scope)
    settle(scope)
    _check_settled(parsed.tree, scope)
    read_literals(parsed.tree, scope)
    if parsed.mistakes:
        raise PolicySyntaxError((*parsed.mistakes, *_independent(scope.findings, parsed)))
    if scope.findings:
        raise PolicyTypeError(scope.findings)
    return lower(parsed.tree, scope)


def _independent(findings: list[Diagnostic], parsed: Parsed) -> Iterator[Diagnostic]:
    """The findings that do not follow from a mistake: a name is wrong in any case, a type may be because of what was misread."""
    places = {mistake.primary.span.start: mistake.code in _MISREAD for mistake in parsed.mistakes if mistake.primary is not None}
    misread = [_condition_at(place, parsed.tree) for place, is_misread in places.items() if is_misread]
    for finding in findings:
        spans = [label.span for label in (finding.primary, *finding.related) if label is not None]
        is_about = any(_holds(spans[0], place) for place in places)
        is_inside = finding.code not in _NAMES and any(region.cover(span) == region for region in misread for span in spans)
        if not is_about and not is_inside:
            yield finding


def _condition_at(place: int, tree: Expr) -> Span:
    """The condition around a place: what `&&`, `||` or `?:` joins with others; the place itself where it is between them."""
    expr: Expr | None = tree
    while isinstance(expr, And | Or | Conditional):
        expr = next((child for child in children(expr) if _holds(child.span, place)), None)
    return Span(place, place) if expr is None else expr.span


def _holds(span: Span, place: int) -> bool:
    return span.start <= place < span.end


def _check_settled(tree: Expr, scope: Scope) -> None:
    """Report what is used as a value without anything that tells its type: each property once, else the outermost expression."""
    open_ = [(expr, scope.slots[id(expr)]) for expr in descendants(tree) if id(expr) in scope.slots]
    open_ = [(expr, slot) for expr, slot in open_ if slot.relations and not slot.is_settled and not slot.is_poisoned]
    for expr, slot in [pair for pair in open_ if pair[1].path is not None] or open_[:1]:
        if not slot.is_poisoned:
            report_undetermined(scope, expr, slot)
