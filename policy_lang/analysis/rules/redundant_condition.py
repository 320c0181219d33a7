"""PL312: an operand of `&&` or `||` that changes nothing, because those beside it say as much or more."""

from collections.abc import Iterator, Sequence

from policy_lang.analysis.edits import leave_out
from policy_lang.analysis.presence import is_constant
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.sets.reasons import smallest
from policy_lang.analysis.sets.truth import FALSE, TRUE, UNKNOWN, Truths, negated
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Fix, Label, Severity
from policy_lang.syntax import ast
from policy_lang.types.core import And, Apply, Choose, Coalesce, Compare, Core, Has, In, Not, Or, children

_EITHER = TRUE | FALSE
_MOST_OPERANDS = 40
_MOST_FIXES = 3
"""A fix is tried by checking the whole policy again; who applies these gets the next ones."""


def check(subject: PolicySubject) -> Iterator[Found]:
    """Each `&&` and `||`, with what of its result counts where it stands."""
    fixed = 0
    for node, item, others in _each(subject):
        found = _report(subject, node, item, others, may_fix=fixed < _MOST_FIXES)
        fixed += found.fix is not None
        yield found


def _each(subject: PolicySubject) -> Iterator[tuple[And | Or, Core, Sequence[Core]]]:
    pending: list[tuple[Core, Truths]] = [(subject.core, TRUE)]
    while pending:
        node, counts = pending.pop()
        if subject.solver.is_free(node):
            continue
        if isinstance(node, And | Or) and len(node.items) <= _MOST_OPERANDS and node.items[0].span != node.span:
            yield from ((node, *rest) for rest in _superfluous(subject, node, counts))
        pending.extend(_below(node, counts))


def _below(node: Core, counts: Truths) -> list[tuple[Core, Truths]]:
    """The operands, each with what of its result counts: a policy counts where it is true, below `!` what is false counts."""
    match node:
        case Not(operand):
            return [(operand, negated(counts))]
        case And(items) | Or(items):
            return [(item, counts) for item in items]
        case Choose(test, then, otherwise):
            return [(test, _EITHER), (then, counts), (otherwise, counts)]
        case Coalesce() | Compare() | In() | Apply():
            return [(child, _EITHER) for child in children(node)]
        case _:
            return []


def _superfluous(subject: PolicySubject, node: And | Or, counts: Truths) -> Iterator[tuple[Core, Sequence[Core]]]:
    """The operands without which what counts stays the same, each with those that are left; the last ones are tried first."""
    never, whole = subject.solver.never, _whole(node)
    if never((node, FALSE)) or (counts & TRUE and never((node, TRUE))):
        return  # other rules report what is always the same
    left = list(node.items)
    for item in reversed(node.items):
        if len(left) == 1 or subject.solver.is_free(item) or is_constant(item) or _asks_presence(item):
            continue  # what is constant has a rule of its own
        if counts & negated(whole) and never((item, negated(whole))):
            continue  # another rule reports what never happens
        others = [other for other in left if other is not item]
        if _adds_nothing(subject, item, others, whole, counts):
            left = others
            yield item, others


def _whole(node: And | Or) -> Truths:
    """The result that a conjunction (true) or a disjunction (false) has where all operands have it."""
    return TRUE if isinstance(node, And) else FALSE


def _asks_presence(item: Core) -> bool:
    """Whether a condition only asks what is there: such a guard tells people what is meant, and makes an unknown a false."""
    match item:
        case Has():
            return True
        case Not() | And() | Or():
            return all(map(_asks_presence, children(item)))
        case _:
            return False


def _adds_nothing(subject: PolicySubject, item: Core, others: Sequence[Core], whole: Truths, counts: Truths) -> bool:
    """Whether what counts of the result is the same without an operand."""
    never, part = subject.solver.never, negated(whole)
    if counts & whole and not never(*((other, whole) for other in others), (item, part | UNKNOWN)):
        return False
    return not counts & part or never((item, part), *((other, whole | UNKNOWN) for other in others))


def _report(subject: PolicySubject, node: And | Or, item: Core, others: Sequence[Core], *, may_fix: bool) -> Found:
    stronger = _stronger(subject, item, others, _whole(node))
    is_exact = _adds_nothing(subject, item, others, _whole(node), _EITHER)
    return Found(
        f"{subject.quoted(item.span)} adds nothing: {_why(subject, isinstance(node, And), stronger)}",
        item.span,
        "leave it out" if is_exact else "leave it out; the same devices match, though a result may become unknown instead of false",
        related=tuple(Label(other.span, "says as much") for other in stronger),
        fix=_fix(subject, node, item) if is_exact and may_fix else None,
    )


def _stronger(subject: PolicySubject, item: Core, others: Sequence[Core], whole: Truths) -> list[Core]:
    """As few of the other operands as make one superfluous."""
    mine, wanted = negated(whole) | UNKNOWN, [(other, whole) for other in others]
    if not subject.solver.never((item, mine), *wanted):
        mine, wanted = negated(whole), [(other, whole | UNKNOWN) for other in others]
    return [other for other, _ in smallest(subject.solver, wanted, [(item, mine)])]


def _why(subject: PolicySubject, is_conjunction: bool, stronger: list[Core]) -> str:  # noqa: FBT001  part of a sentence
    if not stronger:
        return "it is always true" if is_conjunction else "it is never true"
    if len(stronger) > 1:
        return f"it follows from {len(stronger)} conditions beside it" if is_conjunction else "those beside it cover it"
    other = subject.quoted(stronger[0].span)
    return f"it is true wherever {other} is" if is_conjunction else f"wherever it is true, {other} is too"


def _fix(subject: PolicySubject, node: And | Or, item: Core) -> Fix | None:
    parent = next(expr for expr in subject.expressions if expr.span == node.span and isinstance(expr, ast.And | ast.Or))
    return leave_out(subject, next(expr for expr in parent.items if expr.span == item.span), parent)


RULE = PolicyRule(
    code="PL312",
    name="redundant_condition",
    category=Category.LOGIC,
    severity=Severity.WARNING,
    title="a condition adds nothing to those beside it",
    is_fixable=True,
    check=check,
)
