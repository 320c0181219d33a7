"""What the tests of lint rules share: a policy as a rule sees it, what the rule finds in it, and its fixes, tried on devices."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from policy_lang.analysis.edits import apply_edits
from policy_lang.analysis.proof import prove
from policy_lang.analysis.rule import Found, NodeRule, PolicyRule
from policy_lang.analysis.subject import PolicySubject
from policy_lang.checker.policy import check
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.pipeline import compile_policy
from policy_lang.source import Source
from policy_lang.syntax.ast import Expr, Regex, Text
from policy_lang.syntax.parser import parse
from policy_lang.types.core import Fact, Has, Path, descendants
from policy_lang.types.schema import Schema

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 2, 8, -3, 1.5, 0.25, 2**53 - 1, 2**50 + 1, 2**53, "", " ", "a", "b", "A", "ab", "beta", "true", "8"),
    *("1.5", "1.2.0", "2.0.0-rc.1", "2026-01-01T00:00:00Z", "7d", "a,b", [], ["a"], ["a", None], [1, 8], ["1.2.0"], {}, {"a": 1}),
)
_ROUNDS = 400


def subject_of(text: str, schema: Schema | None = None) -> PolicySubject:
    """A policy as rules see it."""
    parsed = parse(Source(text))
    core = check(parsed, schema)
    return PolicySubject(parsed.source, parsed.tree, parsed.comments, core, schema or Schema(), DEFAULT_OPTIONS)


def findings(rule: NodeRule | PolicyRule, text: str, schema: Schema | None = None) -> list[Found]:
    """What a rule finds in a policy, in the order of its walk; the prose of each finding is checked on the way."""
    subject = subject_of(text, schema)
    if isinstance(rule, PolicyRule):
        found = list(rule.check(subject))
    else:
        found = [each for expr in subject.expressions if isinstance(expr, rule.nodes) for each in rule.check(expr, subject)]
    proven = prove(subject, [each.fix for each in found if each.fix is not None])
    for each in found:
        _check_prose(rule, each)
    return [each if each.fix in proven else replace(each, fix=None) for each in found]


def marked(rule: NodeRule | PolicyRule, text: str, schema: Schema | None = None) -> list[str]:
    """The texts that a rule points at."""
    return [text[each.span.start : each.span.end] for each in findings(rule, text, schema)]


def fixed(rule: NodeRule | PolicyRule, text: str, schema: Schema | None = None) -> str:
    """A policy after the first fix that a rule offers, which gives the same result for hundreds of devices."""
    fix = next(each.fix for each in findings(rule, text, schema) if each.fix is not None)
    after = apply_edits(text, fix.edits)
    assert len(findings(rule, after, schema)) < len(findings(rule, text, schema))
    before_policy, after_policy = compile_policy(text, schema=schema), compile_policy(after, schema=schema)
    for device in _devices(subject_of(text, schema)):
        update, now = {"version": "1.2.0"}, "2026-03-02T12:00:00Z"
        assert before_policy.evaluate(device, update, now) is after_policy.evaluate(device, update, now), device
    return after


def fixes(rule: NodeRule | PolicyRule, text: str, schema: Schema | None = None) -> list[str]:
    """The titles of the fixes that a rule offers."""
    return [each.fix.title for each in findings(rule, text, schema) if each.fix is not None]


def _check_prose(rule: NodeRule | PolicyRule, found: Found) -> None:
    """Lower case or a backtick first, no final period, one line; only a rule that says so has fixes."""
    for prose in (found.message, found.help, *([found.fix.title] if found.fix is not None else [])):
        assert prose[0] == "`" or prose[0].islower(), prose
        assert not prose.endswith("."), prose
        assert "\n" not in prose
        assert prose.count("`") % 2 == 0, prose
    assert found.fix is None or rule.is_fixable


def _devices(subject: PolicySubject) -> Iterator[Mapping[str, Any]]:
    """Devices whose properties hold anything, the literals of the policy above all; the same ones each time."""
    random = Random(subject.source.text)  # noqa: S311  test data
    paths = {node.path for node in descendants(subject.core) if isinstance(node, Fact | Has) and node.path[0] == "device"}
    literals = [text for expr in subject.expressions for text in _texts(expr)]
    for _ in range(_ROUNDS):
        device: dict[str, Any] = {}
        for path in sorted(paths, key=str):
            _put(device, path[1:], random.choice([*_VALUES, *literals * 4]))
        yield {name: value for name, value in device.items() if random.random() < 0.9}


def _texts(expr: Expr) -> list[str]:
    """What a literal holds: the text, and the words of a pattern."""
    match expr:
        case Text(value):
            return [value, f"x{value}y"]
        case Regex(pattern):
            return re.findall(r"[\w-]+", pattern)
        case _:
            return []


def _put(device: dict[str, Any], path: Path, value: Any) -> None:
    """Set a nested property; an item of a list is left to chance."""
    *parents, last = path
    for name in parents:
        inner = device.get(str(name))
        device[str(name)] = device = inner if isinstance(inner, dict) else {}
    device[str(last)] = value
