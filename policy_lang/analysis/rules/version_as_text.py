"""PL331: a version is tested as text, by its start, its end, a part or a pattern."""

import re
from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, NodeRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.analysis.version_text import Operand, is_version_like, literals, names_version, operand_of, range_of, version_of
from policy_lang.diagnostics.model import Severity
from policy_lang.syntax.ast import Compare, Expr, Method, Regex
from policy_lang.syntax.operators import EQUALITY_OPS, MEMBERSHIP_OPS, NEGATIVE_OPS, ORDER_OPS

_EQUALITIES = EQUALITY_OPS | MEMBERSHIP_OPS
_METHODS = frozenset({"startsWith", "endsWith", "includes", "matches"})
_PARTS_OF_PATTERN = (("\\.", "."), ("[0-9]", "\\d"), ("\\d+", "x"), ("\\d*", "x"), (".*", "x"), (".+", "x"), ("\\d", "x"))
_ANY_TEXT = "any text will do, a version or not"
_ANCHORS = re.compile(r"^\^|\$$")


def check(expr: Compare | Method, subject: PolicySubject) -> Iterator[Found]:
    """Report `device.firmware ^= '1.1'`, `device.firmware == /1.1/` and `string(device.version).split('.')`."""
    for operand, texts, is_negative in _tests(expr):
        tested = operand_of(operand, subject)
        meant = [] if tested is None else [text for text in texts if is_version_like(text, tested.path)]
        # Equality with a whole version goes wrong for build metadata only.
        is_exact = _is_equality(expr) and all(version_of(text) == text for text in meant)
        if tested is not None and meant and not is_exact:
            yield _found(expr, _remedy(tested, meant, is_negative=is_negative), subject, _label(expr, meant))
    if isinstance(expr, Method) and expr.name == "split":
        tested = operand_of(expr.base, subject)
        if tested is not None and names_version(tested.path):
            yield _found(expr, f"write `{tested.reading}.major`, `.minor` or `.patch`", subject, _ANY_TEXT)


def _tests(expr: Compare | Method) -> Iterator[tuple[Expr, list[str], bool]]:
    """The operand that may be a version, the texts that it is tested for, and whether it must not have them."""
    if isinstance(expr, Method):
        if expr.name in _METHODS:
            yield expr.base, _texts(expr.args[0]), False
    elif expr.op not in ORDER_OPS:
        is_negative = expr.op in NEGATIVE_OPS
        yield expr.left, _texts(expr.right), is_negative
        if expr.op in EQUALITY_OPS:
            yield expr.right, _texts(expr.left), is_negative


def _texts(expr: Expr) -> list[str]:
    """The texts of an operand; of a pattern, what its alternatives look for, with `x` for any number."""
    if not isinstance(expr, Regex):
        return [text.value for text in literals(expr)]
    pattern = expr.pattern
    for part, meaning in _PARTS_OF_PATTERN:
        pattern = pattern.replace(part, meaning)
    return [_ANCHORS.sub("", alternative) for alternative in pattern.split("|")]


def _is_equality(expr: Expr) -> bool:
    """Whether whole texts are compared, not the parts of one."""
    return isinstance(expr, Compare) and expr.op in _EQUALITIES and not isinstance(expr.left, Regex) | isinstance(expr.right, Regex)


def _remedy(tested: Operand, meant: list[str], *, is_negative: bool) -> str:
    ranges = [range_of(text) for text in meant]
    if None in ranges:
        return f"compare versions, for example `{tested.reading} < '2.0.0'`"
    wanted = " || ".join(filter(None, ranges))
    return f"write `{'!' if is_negative else ''}satisfies({tested.reading}, '{wanted}')`"


def _label(expr: Expr, meant: list[str]) -> str:
    """What goes wrong, by an example."""
    if _is_equality(expr):
        return "as text, `1.1.0` is not `1.1`"
    return _ANY_TEXT if all(text.endswith(".") for text in meant) else "as text, `1.10` starts with `1.1`"


def _found(expr: Expr, remedy: str, subject: PolicySubject, label: str) -> Found:
    return Found(f"{subject.excerpt(expr)} tests a version as text", expr.span, remedy, label=label)


RULE = NodeRule(
    "PL331",
    "version_as_text",
    Category.VERSIONS,
    Severity.WARNING,
    "a version is tested as text",
    nodes=(Compare, Method),
    check=check,
)
