"""PL314: a condition that is the same for every device, because it reads none of its properties."""

from collections.abc import Iterator

from policy_lang.analysis.edits import is_parenthesized, leave_out, replace_expr
from policy_lang.analysis.presence import is_constant
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.compiler.closures import compile_expr
from policy_lang.diagnostics.model import Fix, Severity
from policy_lang.suggest import shorten
from policy_lang.syntax.ast import And, Boolean, Coalesce, Compare, Conditional, Expr, Or, Text
from policy_lang.syntax.printer import precedence
from policy_lang.syntax.walk import children
from policy_lang.syntax.walk import descendants as descendants_of
from policy_lang.types.model import BOOL, FLOAT, INT, STRING

_OWN_TYPES = (BOOL, INT, FLOAT, STRING)
"""The types that a literal has by itself; `'1.4.2'` is a version only beside another one."""

_WORDS = {True: "true", False: "false", None: "unknown"}


def check(subject: PolicySubject) -> Iterator[Found]:
    """The outermost constant conditions; a policy that is just `true` or `false` says so on purpose."""
    pending = [subject.tree]
    while pending:
        expr = pending.pop()
        if _is_constant(expr, subject):
            yield from _report(expr, subject)
        else:
            pending.extend(reversed(children(expr)))


def _is_constant(expr: Expr, subject: PolicySubject) -> bool:
    """Whether an expression is a condition without properties."""
    core = subject.core_of(expr)
    return core is not None and subject.type_of(expr) == BOOL and is_constant(core)


def _report(expr: Expr, subject: PolicySubject) -> Iterator[Found]:
    if isinstance(expr, Boolean) and not _is_condition(expr, subject):
        return
    core = subject.core_of(expr)
    value = None if core is None else compile_expr(core, subject.options)(())
    yield Found(
        f"the condition {subject.excerpt(expr)} reads no property, so it is always {_WORDS[value]}",
        expr.span,
        _default_help(expr, subject) or _help(subject.parent_of(expr), _WORDS[value]),
        fix=None if value is None else _fix(expr, value, subject),
    )


def _default_help(expr: Expr, subject: PolicySubject) -> str | None:
    """The remedy for `device.region ?? 'none' == 'us'`, where the default took the comparison along; None elsewhere."""
    parent = subject.parent_of(expr)
    if not isinstance(expr, Compare) or not isinstance(parent, Coalesce) or is_parenthesized(subject, expr):
        return None
    before = subject.source.text[parent.span.start : expr.left.span.end]
    after = subject.source.text[expr.left.span.end : expr.span.end]
    return f"`??` takes the whole comparison for its default: write `{shorten(f'({before}){after}')}`"


def _help(parent: Expr | None, result: str) -> str:
    match parent:
        case And() if result == "false":
            return "nothing else counts in this `&&`; remove what is not meant"
        case Or() if result == "true":
            return "nothing else counts in this `||`; remove what is not meant"
        case And() | Or() | Conditional():
            return "ask for a property, or leave the condition out"
        case _:
            return "ask for a property, or write the result"


def _is_condition(literal: Boolean, subject: PolicySubject) -> bool:
    """Whether a lone `true` or `false` stands where a condition is asked for; beside `==` and `??` it is a value."""
    match subject.parent_of(literal):
        case And() | Or():
            return True
        case Conditional(test):
            return test is literal
        case _:
            return False


def _fix(expr: Expr, value: bool, subject: PolicySubject) -> Fix | None:  # noqa: FBT001  the value of a policy's part
    """Write what is left; where the rest does not count, only the author knows what was meant."""
    match subject.parent_of(expr):
        case Coalesce() if _default_help(expr, subject) is not None:
            return None  # it would keep what nobody meant
        case And() | Or() as parent:
            return leave_out(subject, expr, parent) if value is isinstance(parent, And) else None
        case Conditional(test) as parent if test is expr:
            return _choose(parent, parent.then if value else parent.otherwise, subject)
        case _:
            return replace_expr(
                subject, f"write `{_WORDS[value]}`", expr, _WORDS[value], precedence(Boolean(value, span=expr.span))
            )


def _choose(choice: Conditional, branch: Expr, subject: PolicySubject) -> Fix | None:
    """Write the branch that is taken, where it has its type without the other one."""
    type_ = subject.type_of(branch)
    has_text = any(isinstance(expr, Text) for expr in descendants_of(branch))
    if type_ != subject.type_of(choice) or (has_text and type_ not in _OWN_TYPES):
        return None
    return replace_expr(subject, "write the branch that is taken", choice, subject.text_of(branch), precedence(branch))


RULE = PolicyRule(
    code="PL314",
    name="constant_part",
    category=Category.LOGIC,
    severity=Severity.WARNING,
    title="a condition reads no property",
    is_fixable=True,
    check=check,
)
