"""Words that choose rules: `PL322`, `PL32`, `null_comparison`, `versions`, `ALL`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from policy_lang.analysis.registry import RULES, find_rule
from policy_lang.analysis.rule import Category, Rule
from policy_lang.diagnostics.codes import CODES
from policy_lang.diagnostics.model import Severity
from policy_lang.documents.problems import quote
from policy_lang.suggest import did_you_mean

ALL = "ALL"

_PREFIX = re.compile(r"PL\d{0,2}")
_JOINT = re.compile(r"[-_\s]+")


class UnknownSelectorError(ValueError):
    """A word chooses no rule.

    Attributes:
        message: which one.
        remedy: what to write instead.
    """

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both sentences."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def codes_of(selector: str) -> frozenset[str]:
    """The codes of the rules that one word chooses.

    Args:
        selector: a code, the beginning of codes, a name, a category, or `ALL`; case does not matter.

    Returns:
        The codes, never none.

    Raises:
        UnknownSelectorError: the word chooses no rule.

    Source: docs/lint.md, "Which rules run".

    >>> sorted(codes_of("suppression"))
    ['PL390', 'PL391', 'PL392']
    """
    word = selector.strip()
    rule = find_rule(word)
    if rule is not None:
        return frozenset({rule.code})
    upper, plain = word.upper(), _plain(word)
    is_prefix = _PREFIX.fullmatch(upper) is not None
    found = frozenset(
        each.code for each in RULES if upper == ALL or _plain(each.category) == plain or (is_prefix and each.code.startswith(upper))
    )
    if not found:
        raise _unknown(word)
    return found


def choose(select: Iterable[str], ignore: Iterable[str] = (), severity: Mapping[str, Severity] | None = None) -> tuple[Rule, ...]:
    """The rules that run, in order.

    Args:
        select: words for those that run.
        ignore: words for those that do not; they win.
        severity: other severities, by the code of the rule.

    Raises:
        UnknownSelectorError: a word chooses no rule.
    """
    wanted = codes_of_all(select) - codes_of_all(ignore)
    given = severity or {}
    return tuple(replace(rule, severity=given[rule.code]) if rule.code in given else rule for rule in RULES if rule.code in wanted)


def codes_of_all(selectors: Iterable[str]) -> frozenset[str]:
    """The codes of the rules that any of some words chooses.

    Raises:
        UnknownSelectorError: a word chooses no rule.
    """
    return frozenset(code for word in selectors for code in codes_of(word))


def _plain(word: str) -> str:
    """A word as it compares: `missing-data` is `missing data`."""
    return _JOINT.sub(" ", word.strip().lower())


def _unknown(word: str) -> UnknownSelectorError:
    if word.upper() in CODES:
        return UnknownSelectorError(f"{quote(word)} is an error, not a rule", "errors are always reported; choose among the rules")
    names = (*(rule.name for rule in RULES), *(rule.code for rule in RULES), *Category, ALL)
    remedy = did_you_mean(word, names) or "write a code, its beginning, a name, a category or `ALL`; `policy rule` lists all rules"
    return UnknownSelectorError(f"{quote(word)} chooses no rule", remedy)
