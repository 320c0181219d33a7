"""PL303: a property that nothing declares is compared with numbers that are written as text."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_text import is_version_like, literals, text_path, words_of
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare, Expr, ListOf, Text
from policy_lang.syntax.operators import EQUALITY_OPS, MEMBERSHIP_OPS
from policy_lang.types.core import Path
from policy_lang.types.decode import decode_number

_NAMES = frozenset({"id", "serial", "imei", "sku", "code", "model", "key", "token", "name"})
"""Words for what has digits and is no number."""


def check(expr: Compare, subject: PolicySubject) -> Iterator[Found]:
    """Report `device.memory == '512'` and `device.slot in ['1', '2']`."""
    for one, other in _sides(expr):
        path, texts = text_path(one, subject), literals(other)
        if path is None or not texts or subject.declared(path) is not None:
            continue
        if words_of(path).isdisjoint(_NAMES) and all(_is_number(text, path) for text in texts):
            yield _found(expr, one, other, subject)


def _sides(expr: Compare) -> Iterator[tuple[Expr, Expr]]:
    """The property and what it is compared with, where that can be."""
    if expr.op in EQUALITY_OPS:
        yield from ((expr.left, expr.right), (expr.right, expr.left))
    elif expr.op in MEMBERSHIP_OPS and isinstance(expr.right, ListOf):
        yield expr.left, expr.right


def _is_number(text: Text, path: Path) -> bool:
    return decode_number(text.value) is not None and not is_version_like(text.value, path)


def _found(expr: Compare, one: Expr, other: Expr, subject: PolicySubject) -> Found:
    numbers = ", ".join(text.value for text in literals(other))
    written = f"[{numbers}]" if isinstance(other, ListOf) else numbers
    message = f"{subject.excerpt(expr)} is unknown for a device that sends a number"
    return Found(message, other.span, f"write `{subject.text_of(one)} {expr.op} {written}`; it takes the text too", label="text")


RULE = NodeRule(
    "PL303",
    "quoted_number",
    Category.TYPES,
    Severity.WARNING,
    "a number is written as text",
    nodes=(Compare,),
    check=check,
)
