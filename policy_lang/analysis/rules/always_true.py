"""PL311: a policy, or one of its conditions, that is true for every device which sends what it reads."""

from collections.abc import Iterator

from policy_lang.analysis.presence import exposed, reads_nothing
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.sets.reasons import conjuncts
from policy_lang.analysis.sets.truth import FALSE, TRUE, UNKNOWN
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.types.core import Apply, Constant, Core, Or, path_text
from policy_lang.types.model import STRING

_MOST_NAMES = 3


def check(subject: PolicySubject) -> Iterator[Found]:
    """The whole policy or, where that can be false, each `||` that must be true for the policy to be."""
    core, solver = subject.core, subject.solver
    if solver.is_free(core) or reads_nothing(core):
        return  # another rule reports what reads no property
    if solver.never((core, FALSE)):
        if not solver.never((core, TRUE)) and not _searches_for_nothing(core):
            yield _report(subject, core, "the policy")
        return
    for part, truths in conjuncts(core, TRUE):
        if truths == TRUE and isinstance(part, Or) and not solver.is_free(part) and _is_true_where_known(subject, part):
            yield _report(subject, part, subject.quoted(part.span))


def _searches_for_nothing(core: Core) -> bool:
    """Whether the policy is a search for the empty text, which has a rule of its own."""
    return isinstance(core, Apply) and bool(core.args) and core.args[-1:] == (Constant("", STRING, span=core.args[-1].span),)


def _is_true_where_known(subject: PolicySubject, part: Core) -> bool:
    """Whether a condition is true or unknown, and can be both: one that is always true adds nothing, which another rule says."""
    never = subject.solver.never
    return never((part, FALSE)) and not never((part, TRUE)) and not never((part, UNKNOWN))


def _report(subject: PolicySubject, part: Core, name: str) -> Found:
    needed = [] if subject.solver.never((part, UNKNOWN)) else list(dict.fromkeys(fact.path for fact in exposed(part)))
    read = [f"`{path_text(path)}`" for path in needed]
    return Found(
        f"{name} is true {_where(read, all(path[0] == 'device' for path in needed))}",
        part.span,
        _remedy(read),
        label="never false",
    )


def _where(read: list[str], is_all_sent: bool) -> str:  # noqa: FBT001  part of a sentence
    """For whom, in words."""
    if not read:
        return "for every device"
    if len(read) > _MOST_NAMES:
        return "wherever it is known"
    listed = " and ".join(filter(None, (", ".join(read[:-1]), read[-1])))
    return f"for every device that sends {listed}" if is_all_sent else f"wherever {listed} {'are' if len(read) > 1 else 'is'} known"


def _remedy(read: list[str]) -> str:
    if not read:
        return "if every device is meant write `true`, else change what it asks"
    return f"if every device is meant write `true`; to ask whether it is there write `has({read[0].strip('`')})`"


RULE = PolicyRule(
    code="PL311",
    name="always_true",
    category=Category.LOGIC,
    severity=Severity.WARNING,
    title="a condition is never false",
    check=check,
)
