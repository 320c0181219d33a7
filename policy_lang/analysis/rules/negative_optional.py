"""PL321: a negation reads a property that devices may lack, and does not match those devices."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy_lang.analysis.presence import exposed
from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import And, Coalesce, Compare, Conditional, Expr, Or, Unary
from policy_lang.syntax.operators import NEGATIVE_OPS, UnaryOp
from policy_lang.types.core import Fact, Path, path_text

_LONGEST = 60
"""The longest condition that the help repeats."""


@dataclass(frozen=True, slots=True)
class _Atom:
    """A condition without `&&`, `||` and `!`, as it stands in the policy.

    Attributes:
        expr: what is to be pointed at: the condition, or the outermost `!` that turns it round.
        condition: the condition alone.
        is_negative: whether it says what a device is not.
        demanded: properties without which no device can match anyway, by what stands beside it.
    """

    expr: Expr
    condition: Expr
    is_negative: bool
    demanded: frozenset[Path] = frozenset()


def check(subject: PolicySubject) -> Iterator[Found]:
    """Report `device.region != 'eu'` and `!device.test`, each property once."""
    seen: set[Path] = set()
    for atom in _atoms(subject.tree, subject.tree, subject, frozenset(), is_negated=False):
        fact = _surprise(atom, subject) if atom.is_negative else None
        if fact is not None and fact.path not in seen:
            seen.add(fact.path)
            yield _found(atom, fact, subject)


def _atoms(expr: Expr, shown: Expr, subject: PolicySubject, demanded: frozenset[Path], *, is_negated: bool) -> Iterator[_Atom]:
    match expr:
        case Unary(UnaryOp.NOT, operand):
            yield from _atoms(operand, expr, subject, demanded, is_negated=not is_negated)
        case And(items) | Or(items):
            if isinstance(expr, And) and not is_negated:
                demanded = demanded.union(*(_demanded(item, subject) for item in items))
            for item in items:
                yield from _atoms(item, shown if is_negated else item, subject, demanded, is_negated=is_negated)
        case Conditional(test, then, otherwise):
            yield from _atoms(test, test, subject, demanded, is_negated=False)
            for branch in (then, otherwise):
                yield from _atoms(branch, shown if is_negated else branch, subject, demanded, is_negated=is_negated)
        case Coalesce(items):
            yield from _atoms(items[-1], shown if is_negated else items[-1], subject, demanded, is_negated=is_negated)
        case _:
            yield _Atom(shown, expr, _is_negative(expr) is not is_negated, demanded)


def _is_negative(expr: Expr) -> bool:
    return isinstance(expr, Compare) and expr.op in NEGATIVE_OPS


def _demanded(expr: Expr, subject: PolicySubject) -> frozenset[Path]:
    """What a device must have for a condition to be true, where the condition says what the device is."""
    node = subject.core_of(expr)
    is_plain = not _is_negative(expr) and not isinstance(expr, Unary | And | Or | Conditional | Coalesce)
    return frozenset(fact.path for fact in exposed(node)) if is_plain and node is not None else frozenset()


def _surprise(atom: _Atom, subject: PolicySubject) -> Fact | None:
    """The property whose absence keeps a device out, against what a reader expects."""
    read = subject.core_of(atom.condition)
    inside = set() if read is None else {fact.span for fact in exposed(read)}
    return next((fact for fact in subject.exposed if fact.span in inside and fact.path not in atom.demanded), None)


def _found(atom: _Atom, fact: Fact, subject: PolicySubject) -> Found:
    name, text = path_text(fact.path), subject.text_of(atom.expr)
    text = text if len(text) <= _LONGEST else "…"
    remedy = f"write `(!has({name}) || {text})` to take them, or `has({name}) && {text}` to say that they stay out"
    is_whole = atom.expr is atom.condition or (isinstance(atom.expr, Unary) and atom.expr.operand is atom.condition)
    verb = "do not match" if is_whole else "may not match"
    return Found(f"devices without `{name}` {verb} {subject.excerpt(atom.expr)}", atom.expr.span, remedy)


RULE = PolicyRule(
    "PL321",
    "negative_optional",
    Category.MISSING_DATA,
    Severity.WARNING,
    "a negation does not match devices that lack the property",
    check=check,
)
