"""PL332: an upper bound that leaves a release out takes its prereleases."""

import re
from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_text import literals
from policy_lang.diagnostics.model import Severity
from policy_lang.source import Span
from policy_lang.syntax.ast import Call, Expr
from policy_lang.types.core import And, Apply, Compare, Comparison, Constant, Core, Fact, Not, Path, descendants
from policy_lang.types.functions.versions import SATISFIES
from policy_lang.versions.version import Version

_UPPER = re.compile(r"(?:^|\s)<\s*v?(\d+\.\d+\.\d+)(?=\s|$)")
_LOWER = re.compile(r">=?|\^|~")


def check(subject: PolicySubject) -> Iterator[Found]:
    """Report `device.version >= '1.0.0' && device.version < '2.0.0'` and the range `>=1.0.0 <2.0.0`.

    A bound from below says that a line of versions is meant. Without one, the prereleases are usually wanted: they are older.
    """
    if any(isinstance(node, Apply) and node.function.name == "isPrerelease" for node in descendants(subject.core)):
        return
    for node in descendants(subject.core):
        if isinstance(node, And):
            yield from _in_conjunction(node)
    for expr in subject.expressions:
        if isinstance(expr, Call) and _is_range(expr, subject):
            yield from _in_range(expr.args[1])


def _in_conjunction(node: And) -> Iterator[Found]:
    bounded = {_bounded_below(item) for item in node.items}
    for item in node.items:
        match item:
            case Compare(Comparison.LESS, Fact(path), Constant(Version() as version)) if path in bounded:
                yield from _found(version, item.span)


def _bounded_below(node: Core) -> Path | None:
    """The property that a condition bounds from below by a literal version."""
    match node:
        case Not(Compare(Comparison.LESS, Fact(path), Constant(Version()))) | Compare(
            Comparison.LESS, Constant(Version()), Fact(path)
        ):
            return path
        case _:
            return None


def _is_range(expr: Call, subject: PolicySubject) -> bool:
    node = subject.core_of(expr)
    return isinstance(node, Apply) and node.function is SATISFIES


def _in_range(expr: Expr) -> Iterator[Found]:
    for text in literals(expr):
        for alternative in text.value.split("||"):
            upper = _UPPER.search(alternative)
            if upper is not None and _LOWER.search(alternative):
                yield from _found(Version.parse(upper[1]), text.span)


def _found(bound: Version, span: Span) -> Iterator[Found]:
    if not bound.is_prerelease:
        release = bound.without_build()
        message = f"below `{release}` are its prereleases too, such as `{release}-rc.1`"
        yield Found(message, span, f"write `{release}-0` to leave them out")


RULE = PolicyRule(
    "PL332",
    "prerelease_bound",
    Category.VERSIONS,
    Severity.INFO,
    "an upper bound takes the prereleases of the version that it leaves out",
    check=check,
)
