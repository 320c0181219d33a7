import pytest
from linting import subject_of

from policy_lang.analysis.edits import (
    apply_edits,
    fix,
    is_parenthesized,
    operand_text,
    place_level,
    replace,
    replace_expr,
    written_span,
)
from policy_lang.analysis.subject import PolicySubject
from policy_lang.diagnostics.model import Edit
from policy_lang.source import Span
from policy_lang.syntax.ast import Expr
from policy_lang.syntax.operators import Precedence


def find(subject: PolicySubject, text: str) -> Expr:
    """The first expression that is written so."""
    return next(expr for expr in subject.expressions if subject.text_of(expr) == text)


@pytest.mark.parametrize(
    ("policy", "part", "written"),
    [
        ("device.a == 'a'", "device.a", "device.a"),
        ("(device.a) == 'a'", "device.a", "(device.a)"),
        ("( ( device.a ) ) == 'a'", "device.a", "( ( device.a ) )"),
        ("( /* a ) */ device.a // b (\n) == 'a'", "device.a", "( /* a ) */ device.a // b (\n)"),
        ("device.a.includes('a')", "'a'", "'a'"),
        ("device.a.includes(('a'))", "'a'", "('a')"),
        ("rollout(5)", "5", "5"),
        ("has(device.a)", "device.a", "device.a"),
        ("satisfies((device.version), '1')", "device.version", "(device.version)"),
        ("(device.a).includes('a')", "device.a", "(device.a)"),
        ("((device.a && device.b))", "device.a && device.b", "((device.a && device.b))"),
        ("(device.a) && (device.b)", "(device.a) && (device.b)", "(device.a) && (device.b)"),
        ("device.a.includes('a') && (device.b)", "device.b", "(device.b)"),
    ],
)
def test_parentheses_of_its_own(policy: str, part: str, written: str) -> None:
    subject = subject_of(policy)
    span = written_span(subject, find(subject, part))
    assert policy[span.start : span.end] == written
    assert is_parenthesized(subject, find(subject, part)) is (written != part)


@pytest.mark.parametrize(
    ("policy", "part", "level"),
    [
        ("device.a && device.b", "device.a", Precedence.AND + 1),
        ("device.a || device.b && device.c", "device.b && device.c", Precedence.AND + 1),
        ("(device.t ?? device.b) == 'a'", "device.t", Precedence.AND + 1),
        ("device.t ? device.a : device.b", "device.t", Precedence.COALESCE),
        ("device.t ? device.a : device.b", "device.a", Precedence.CONDITIONAL),
        ("!device.a", "device.a", Precedence.UNARY),
        ("device.a - 1 > 2", "device.a", Precedence.SUM),
        ("1 - device.a > 2", "device.a", Precedence.SUM + 1),
        ("device.a - 1 > 2", "device.a - 1", Precedence.RELATION + 1),
        ("device.a == 'a'", "device.a", Precedence.EQUALITY + 1),
        ("string(device.version) == 'a'", "device.version", Precedence.CONDITIONAL),
        ("[device.id, 'a'].includes('a')", "device.id", Precedence.CONDITIONAL),
        ("[device.id, 'a'].includes('b')", "'b'", Precedence.CONDITIONAL),
        ("device.id.includes('a')", "device.id", Precedence.POSTFIX),
        ("device.tags[0] == 'a'", "device.tags", Precedence.POSTFIX),
        ("device.tags[0] == 'a'", "0", Precedence.CONDITIONAL),
        ("device.id.length == 1", "device.id", Precedence.POSTFIX),
    ],
)
def test_how_tightly_a_place_binds(policy: str, part: str, level: int) -> None:
    subject = subject_of(policy)
    expr = find(subject, part)
    parent = subject.parent_of(expr)
    assert parent is not None
    assert place_level(parent, expr) == level


def test_operands_keep_their_text() -> None:
    subject = subject_of("(device.a||device.b) && device.c")
    disjunction = find(subject, "device.a||device.b")
    assert operand_text(subject, disjunction, Precedence.OR) == "device.a||device.b"
    assert operand_text(subject, disjunction, Precedence.AND) == "(device.a||device.b)"


def test_edits_apply_from_the_end() -> None:
    assert apply_edits("abc", (Edit(Span(0, 1), "xyz"), Edit(Span(2, 2), "-"), Edit(Span(2, 3), ""))) == "xyzb-"


def test_a_fix_keeps_comments() -> None:
    subject = subject_of("device.a /* why */ && device.b // because\n")
    assert replace(subject, "shorten", Span(0, 30), "device.a") is None
    assert fix(subject, "turn", Edit(Span(0, 8), "device.b"), Edit(Span(22, 30), "device.a")) is not None


def test_replace_expr_takes_the_parentheses_away() -> None:
    subject = subject_of("!(device.a == 'a') && (device.b)")
    found = replace_expr(subject, "test", find(subject, "device.a == 'a'"), "device.a != 'a'", Precedence.EQUALITY)
    assert found is not None
    assert apply_edits(subject.source.text, found.edits) == "!(device.a != 'a') && (device.b)"
    found = replace_expr(subject, "test", find(subject, "device.b"), "!device.b", Precedence.UNARY)
    assert found is not None
    assert apply_edits(subject.source.text, found.edits) == "!(device.a == 'a') && !device.b"
