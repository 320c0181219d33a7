"""PL333: a version literal has build metadata, which no comparison looks at."""

import re
from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_text import literals
from policy_lang.diagnostics.model import Edit, Fix, Severity
from policy_lang.syntax.ast import Call, Compare, Text
from policy_lang.syntax.literals import write_text
from policy_lang.syntax.operators import EQUALITY_OPS, MEMBERSHIP_OPS, ORDER_OPS
from policy_lang.types.core import Apply
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.types.model import Kind
from policy_lang.versions.ranges import VersionRange

_COMPARISONS = EQUALITY_OPS | ORDER_OPS | MEMBERSHIP_OPS
_BUILD = re.compile(r"\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*")


def check(expr: Compare | Call, subject: PolicySubject) -> Iterator[Found]:
    """Report `device.version == '1.2.0+linux'`, also in a list or a range."""
    for text in _versions(expr, subject) if isinstance(expr, Compare) else _range(expr, subject):
        build = _BUILD.search(text.value)
        if build is None:
            continue
        written = write_text(_BUILD.sub("", text.value))
        message = f"{subject.excerpt(text)} has the build metadata `{build[0]}`, which does not count"
        fix = Fix(f"write `{written}`", (Edit(text.span, written),))
        yield Found(message, text.span, f"write `{written}`; to tell builds apart compare `.build`", fix=fix)


def _versions(expr: Compare, subject: PolicySubject) -> list[Text]:
    """The literals of a comparison of versions."""
    if expr.op not in _COMPARISONS:
        return []
    type_ = subject.type_of(expr.left)
    if type_ is None or type_.kind is not Kind.VERSION:
        return []
    return [*literals(expr.left), *literals(expr.right)]


def _range(expr: Call, subject: PolicySubject) -> list[Text]:
    """The literal of a range, where the range without build metadata is the same set."""
    node = subject.core_of(expr)
    if not (isinstance(node, Apply) and node.function is SATISFIES):
        return []
    return [text for text in literals(expr.args[1]) if _is_same(text.value)]


def _is_same(written: str) -> bool:
    return VersionRange.parse(_BUILD.sub("", written)) == VersionRange.parse(written)


RULE = NodeRule(
    "PL333",
    "build_metadata",
    Category.VERSIONS,
    Severity.WARNING,
    "build metadata does not count in comparisons",
    is_fixable=True,
    nodes=(Compare, Call),
    check=check,
)
