"""What a rule is: a code, a name, and a function that looks at one thing and yields what it finds.

The name says the bad pattern, so that it reads well after "allow": `// allow(null_comparison): reason`. The page of a rule,
`docs/rules/<name>.md`, says what it does, why that matters, and shows a policy that it reports and what to write instead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policy_lang.analysis.subject import CatalogSubject, PolicySubject, SuppressionSubject
from policy_lang.diagnostics.model import Fix, Label, Severity
from policy_lang.documents.model import Path_
from policy_lang.source import Span
from policy_lang.syntax.ast import Node


class Category(StrEnum):
    """What the rules are about, in the order in which their pages are listed."""

    TYPES = "types"
    LOGIC = "logic"
    MISSING_DATA = "missing data"
    VERSIONS = "versions"
    OPERATORS = "operators"
    TEXT_SAFETY = "text safety"
    ROLLOUT = "rollout and catalog"
    SUPPRESSION = "suppression"


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule of policies found.

    Attributes:
        message: the cause, lower case, without a final period; the user's text in backticks.
        span: where, in the policy.
        help: the remedy.
        label: what is to be said at the caret.
        related: other places.
        fix: edits of the policy that remove the finding and never change the result: not true, false or unknown of any device.
    """

    message: str
    span: Span
    help: str
    label: str = ""
    related: tuple[Label, ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class FoundInCatalog:
    """What a rule of catalogs found.

    Attributes:
        message: the cause, lower case, without a final period; the user's text in backticks.
        path: the value that it is about, such as `("updates", 3, "rollout", "percent")`.
        help: the remedy.
        related: other values, and what is to be said of each.
        part: which part of a text at the path; None for the whole value.
    """

    message: str
    path: Path_
    help: str
    related: tuple[tuple[Path_, str], ...] = ()
    part: Span | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What all rules have.

    Attributes:
        code: `PL3nn`, stable for ever.
        name: the bad pattern in snake case; the name of its file and of its page.
        category: what it is about.
        severity: how bad a finding is; `info` is a hint that does not fail a check.
        title: what is wrong, in a few words, as the table of codes has it.
        is_fixable: whether some of its findings have a fix.
    """

    code: str
    name: str
    category: Category
    severity: Severity
    title: str
    is_fixable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRule(Rule):
    """A rule that looks at single expressions of the surface tree: the tree is walked once for all of them.

    Attributes:
        nodes: the classes of nodes that it wants to see.
        check: is called with each such node, and yields what it finds.
    """

    nodes: tuple[type[Node], ...]
    check: Callable[[Any, PolicySubject], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule(Rule):
    """A rule that looks at a whole policy."""

    check: Callable[[PolicySubject], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRule(Rule):
    """A rule that looks at a whole catalog."""

    check: Callable[[CatalogSubject], Iterator[FoundInCatalog]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRule(Rule):
    """A rule that looks at the comments that suppress findings, after all other rules."""

    check: Callable[[SuppressionSubject], Iterator[Found]]
