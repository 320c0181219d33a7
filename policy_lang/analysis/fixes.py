"""Apply fixes to a text: as many at once as do not touch each other, again and again until none is left."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from policy_lang.analysis.edits import apply_edits
from policy_lang.analysis.findings import Linted
from policy_lang.analysis.inspection import inspect_checked, subject_of
from policy_lang.analysis.proof import keeps_types
from policy_lang.analysis.rulebook import Rulebook
from policy_lang.diagnostics.model import Fix
from policy_lang.errors import PolicyError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.pipeline import Checked, check_policy
from policy_lang.source import Source, Span
from policy_lang.types.schema import Schema

MAX_ROUNDS = 20
"""How often a text is looked at again. A fix may make room for another, but two rules must not play ball with a text for ever."""


class Fixed(NamedTuple):
    """A text after its fixes, and how many were applied."""

    text: str
    applied: int


def fix_policy(source: Source, book: Rulebook, schema: Schema | None = None, options: Options = DEFAULT_OPTIONS) -> Fixed:
    """Apply the fixes of everything that the rules find in a policy, and no comment suppresses.

    Args:
        source: the policy.
        book: the rules.
        schema: what the host declares.
        options: the host's options.

    Returns:
        The text when no fix is left; as it was where the policy has errors, for these say nothing certain about what was meant.
    """
    text, applied = source.text, 0
    for _ in range(MAX_ROUNDS):
        try:
            checked = check_policy(Source(text, source.name), schema, options)
        except PolicyError:
            break
        fixed = fix_once(checked, fixes_of(inspect_checked(checked, book)))
        if not fixed.applied:
            break
        text, applied = fixed.text, applied + fixed.applied
    return Fixed(text, applied)


def fix_once(checked: Checked, fixes: Iterable[Fix]) -> Fixed:
    """Apply fixes to a policy; the new one compiles, and each property keeps its type."""
    return apply_fixes(checked.parsed.source.text, fixes, partial(keeps_types, subject_of(checked)))


def fixes_of(linted: Linted) -> list[Fix]:
    """The fixes of what rules found."""
    return [each.fix for each in linted.findings if each.fix is not None and each.rule is not None]


def apply_fixes(text: str, fixes: Iterable[Fix], is_right: Callable[[str], bool]) -> Fixed:
    """Apply fixes that do not touch each other; the first of two that do wins.

    Args:
        text: what the edits count in.
        fixes: the fixes.
        is_right: judges the new text. Where it is not right, one fix that leaves it right is applied alone.

    Returns:
        The new text; the same one where there is nothing to do.
    """
    chosen = _apart(fixes)
    for group in (chosen, *([fix] for fix in chosen)):
        changed = apply_edits(text, tuple(edit for fix in group for edit in fix.edits))
        if changed != text and is_right(changed):
            return Fixed(changed, len(group))
    return Fixed(text, 0)


def _apart(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes whose places lie apart, each place from the first edit of a fix to its last."""
    chosen: list[Fix] = []
    end = -1
    for place, fix in sorted(((_place(fix), fix) for fix in fixes if fix.edits), key=lambda pair: pair[0]):
        if place.start > end or (place.start == end and place.end > place.start):
            chosen.append(fix)
            end = place.end
    return chosen


def _place(fix: Fix) -> Span:
    return Span(min(edit.span.start for edit in fix.edits), max(edit.span.end for edit in fix.edits))
