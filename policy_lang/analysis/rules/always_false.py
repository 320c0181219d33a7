"""PL310: a policy, or an alternative of one, that is true for no device: its conditions exclude each other."""

from collections.abc import Iterator, Sequence

from policy_lang.analysis.presence import reads_nothing
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.sets.reasons import alternatives, conjuncts, smallest
from policy_lang.analysis.sets.solver import Wanted
from policy_lang.analysis.sets.truth import FALSE, TRUE
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Label, Severity
from policy_lang.types.core import Choose, Core

_TWO = 2
_PARTS = {TRUE: "must be true as well", FALSE: "must be false as well"}


def check(subject: PolicySubject) -> Iterator[Found]:
    """The policy or, where that can be true, each of its alternatives."""
    if not subject.solver.is_free(subject.core) and not reads_nothing(subject.core):
        yield from _look(subject, (subject.core, TRUE), (), "the policy")


def _look(subject: PolicySubject, wanted: Wanted, given: Sequence[Wanted], name: str) -> Iterator[Found]:
    """Report what can never have its result beside what is given; else look at its alternatives."""
    if subject.solver.never(*given, wanted):
        yield _report(subject, wanted, given, name)
        return
    parts = list(conjuncts(*wanted))
    for at, (node, truths) in enumerate(parts):
        beside = (*given, *parts[:at], *parts[at + 1 :])
        for alternative in alternatives(node, truths):
            if _is_written(alternative, node) and not subject.solver.is_free(alternative) and not reads_nothing(alternative):
                yield from _look(subject, (alternative, truths), beside, "this alternative")
        if isinstance(node, Choose):
            for result, branch in ((TRUE, node.then), (FALSE, node.otherwise)):
                if not subject.solver.is_free(branch) and not reads_nothing(branch):
                    yield from _look(subject, (branch, truths), (*beside, (node.test, result)), "this branch")


def _is_written(part: Core, whole: Core) -> bool:
    """Whether a part stands in the text, and is not what a pattern such as `/a|b/` comes to."""
    return part.span != whole.span


def _report(subject: PolicySubject, wanted: Wanted, given: Sequence[Wanted], name: str) -> Found:
    node, truths = wanted
    inside = smallest(subject.solver, list(conjuncts(node, truths)), given)
    outside = smallest(subject.solver, list(given), inside)
    reasons = sorted((*inside, *outside), key=lambda each: each[0].span)
    shown = [f"{subject.quoted(part.span)}{'' if result == TRUE else ' being false'}" for part, result in reasons]
    primary = max(inside, key=lambda each: each[0].span)[0] if inside else node
    return Found(
        f"{name} is never {'true' if truths == TRUE else 'false'}: {_why(shown)}",
        primary.span,
        "change one of them, or write `||` where either is enough" if len(reasons) > 1 else "change it, or leave it out",
        related=tuple(Label(part.span, _PARTS[result]) for part, result in reasons if part is not primary and result in _PARTS),
    )


def _why(shown: list[str]) -> str:
    if len(shown) == 1:
        return f"{shown[0]} allows nothing"
    return f"{' and '.join(shown)} exclude each other" if len(shown) == _TWO else "its conditions exclude one another"


RULE = PolicyRule(
    code="PL310",
    name="always_false",
    category=Category.LOGIC,
    severity=Severity.ERROR,
    title="a condition is never true",
    check=check,
)
