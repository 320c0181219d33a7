"""PL302: a text property is compared with `'true'` or `'false'`."""

from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_text import text_comparison
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare
from policy_lang.syntax.operators import EQUALITY_OPS
from policy_lang.types.decode import decode_bool


def check(expr: Compare, subject: PolicySubject) -> Iterator[Found]:
    """Report `device.pro == 'true'`."""
    found = text_comparison(expr, subject) if expr.op in EQUALITY_OPS else None
    if found is None:
        return
    side, path, literal = found
    value = decode_bool(literal.value)
    if value is None:
        return
    name, word = subject.text_of(side), str(value).lower()
    remedy = f"write `{name} {expr.op} {word}`; it takes the text too"
    if subject.declared(path) is not None:
        remedy = f"declare `{name}` as a boolean and write `{name} {expr.op} {word}`"
    yield Found(f"{subject.excerpt(expr)} is unknown for a device that sends the bool `{word}`", literal.span, remedy, label="text")


RULE = NodeRule(
    "PL302",
    "quoted_boolean",
    Category.TYPES,
    Severity.WARNING,
    "a bool is written as text",
    nodes=(Compare,),
    check=check,
)
