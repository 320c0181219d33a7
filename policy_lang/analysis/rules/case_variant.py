"""PL353: two texts, compared with one property, that differ in upper and lower case only."""

from collections import defaultdict
from collections.abc import Iterator

from policy_lang.analysis.rule import Category, Found, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.checker.constants import literal_texts
from policy_lang.diagnostics.model import Label, Severity
from policy_lang.syntax.ast import Compare, Expr, Method, Text
from policy_lang.syntax.operators import EQUALITY_OPS, ComparisonOp
from policy_lang.types.core import Fact, Path, path_text
from policy_lang.types.model import STRING, Kind, Type

_OPS = EQUALITY_OPS | {ComparisonOp.IN, ComparisonOp.NOT_IN}


def check(subject: PolicySubject) -> Iterator[Found]:
    """Each text that differs from an earlier one in case only, the first time that it is written."""
    earlier: defaultdict[tuple[Path, str], dict[str, Text]] = defaultdict(dict)
    for expr in subject.expressions:
        for fact, text in _compared(expr, subject):
            spellings = earlier[fact.path, text.value.casefold()]
            other = next(iter(spellings.values()), text)
            if text.value not in spellings and text is not other and not _is_declared(fact, text.value):
                yield _found(path_text(fact.path), text, other, subject)
            spellings.setdefault(text.value, text)


def _compared(expr: Expr, subject: PolicySubject) -> Iterator[tuple[Fact, Text]]:
    """Each property with a text that it, or one of its items, is compared with."""
    match expr:
        case Compare(op, left, right) if op in _OPS:
            pairs = [(left, right), (right, left)]
        case Method(base, "includes", (item,)) if subject.type_of(base) != STRING:
            pairs = [(base, item)]
        case _:
            return
    for one, other in pairs:
        fact = subject.fact_of(one)
        if fact is not None and _items(fact).kind is Kind.STRING:
            yield from ((fact, text) for text in literal_texts(other))


def _items(fact: Fact) -> Type:
    """The type of a property, or of what it holds."""
    return fact.type.items or fact.type


def _is_declared(fact: Fact, value: str) -> bool:
    """Whether an enumeration has this spelling, beside another one, on purpose."""
    values = _items(fact).values
    return values is not None and value in values


def _found(name: str, text: Text, other: Text, subject: PolicySubject) -> Found:
    return Found(
        f"{subject.excerpt(text)} and {subject.excerpt(other)} differ in case only, and `{name}` is compared with both",
        text.span,
        "use one spelling; where devices send both, compare the text in lower case: `….toLowerCase()`",
        related=(Label(other.span, "the other spelling"),),
    )


RULE = PolicyRule(
    code="PL353",
    name="case_variant",
    category=Category.TEXT_SAFETY,
    severity=Severity.WARNING,
    title="two texts for one property differ in case only",
    check=check,
)
