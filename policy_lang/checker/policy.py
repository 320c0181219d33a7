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
from policy_lang.syntax.ast import Expr
from policy_lang.syntax.parser import Parsed
from policy_lang.syntax.walk import descendants
from policy_lang.types.core import Core
from policy_lang.types.schema import Schema


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
        raise PolicySyntaxError((*parsed.mistakes, *_independent(scope.findings, parsed.mistakes)))
    if scope.findings:
        raise PolicyTypeError(scope.findings)
    return lower(parsed.tree, scope)


def _independent(findings: list[Diagnostic], mistakes: tuple[Diagnostic, ...]) -> Iterator[Diagnostic]:
    """The findings about parts of the text that hold no mistake: the others may only follow from it."""
    places = [mistake.primary.span.start for mistake in mistakes if mistake.primary is not None]
    for finding in findings:
        span = Span(0, 0) if finding.primary is None else finding.primary.span
        if not any(span.start <= place < span.end for place in places):
            yield finding


def _check_settled(tree: Expr, scope: Scope) -> None:
    """Report what is used as a value without anything that tells its type: each property once, else the outermost expression."""
    open_ = [(expr, scope.slots[id(expr)]) for expr in descendants(tree) if id(expr) in scope.slots]
    open_ = [(expr, slot) for expr, slot in open_ if slot.relations and not slot.is_settled and not slot.is_poisoned]
    for expr, slot in [pair for pair in open_ if pair[1].path is not None] or open_[:1]:
        if not slot.is_poisoned:
            report_undetermined(scope, expr, slot)
