"""Which fixes leave a policy what it is: the edited text compiles, and each property has the type that it had.

Inference reads the whole policy, so an edit in one place can make a property elsewhere a number instead of an int, or leave it
without a type. To know, the edited policy is checked as a whole; a check for each fix would make a long policy with many
findings take minutes. So fixes that lie apart are tried together. What holds for all of them holds for each: alone it takes
away less of what types are told by, and a type that both the old text and the text with less of it agree on is that of every
text between. That needs every property to be still there. Where a group fails, its halves are tried.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from policy_lang.analysis.edits import apply_edits
from policy_lang.analysis.subject import PolicySubject
from policy_lang.checker.policy import check
from policy_lang.diagnostics.model import Diagnostic, Fix
from policy_lang.errors import PolicyError
from policy_lang.source import Source
from policy_lang.syntax.parser import parse
from policy_lang.types.core import Core, Fact, Path, descendants
from policy_lang.types.model import Type

_FEWEST_TRIES = 6
_CHARACTERS = 48_000
"""How much text is checked at most; what is not tried has no fix for now, and who applies the others gets it next."""


def keep_proven(subject: PolicySubject, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings; the fixes that are not proven are gone."""
    each = list(findings)
    proven = prove(subject, [finding.fix for finding in each if finding.fix is not None])
    return [finding if finding.fix is None or finding.fix in proven else replace(finding, fix=None) for finding in each]


def prove(subject: PolicySubject, fixes: Iterable[Fix]) -> frozenset[Fix]:
    """The fixes after each of which the policy compiles and has the types that it had."""
    proven: set[Fix] = set()
    pending = _groups(dict.fromkeys(fixes))
    tries = max(_FEWEST_TRIES, _CHARACTERS // (len(subject.source.text) + 1))
    while pending and tries:
        group, tries = pending.pop(), tries - 1
        if _is_right(subject, group):
            proven.update(group)
        elif len(group) > 1:
            half = len(group) // 2
            pending += [group[half:], group[:half]]
    return frozenset(proven)


def keeps_types(subject: PolicySubject, text: str) -> bool:
    """Whether an edited policy compiles, and each property in it has the type that it had before."""
    return _types_in(subject, text) is not None


def _is_right(subject: PolicySubject, group: Sequence[Fix]) -> bool:
    after = _types_in(subject, apply_edits(subject.source.text, tuple(edit for fix in group for edit in fix.edits)))
    return after is not None and (len(group) == 1 or len(after) == len(_types(subject.core)))


def _types_in(subject: PolicySubject, text: str) -> dict[Path, Type] | None:
    """The types in an edited policy; None where it does not compile or one of them is another."""
    try:
        core = check(parse(Source(text), subject.options), subject.schema, subject.options)
    except PolicyError:
        return None
    before, after = _types(subject.core), _types(core)
    return after if all(before.get(path) == type_ for path, type_ in after.items()) else None


def _types(core: Core) -> dict[Path, Type]:
    return {node.path: node.type for node in descendants(core) if isinstance(node, Fact)}


def _groups(fixes: Iterable[Fix]) -> list[list[Fix]]:
    """Groups of fixes whose edits do not touch, the first group last; each fix joins the first one that has room."""
    groups: list[tuple[list[Fix], set[int]]] = []
    for fix in fixes:
        # An insertion takes a place too, and edits that only meet are kept apart: who comes first would change the text.
        taken = {at for edit in fix.edits for at in range(edit.span.start, edit.span.end + 1)}
        group, places = next((each for each in groups if each[1].isdisjoint(taken)), ([], set()))
        if not group:
            groups.append((group, places))
        group.append(fix)
        places |= taken
    return [group for group, _ in reversed(groups)]
