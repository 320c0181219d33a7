"""The rules that run: sorted by what they look at, so that a policy is walked once for all of them."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from policy_lang.analysis.proof import keep_proven
from policy_lang.analysis.rule import CatalogRule, Found, FoundInCatalog, NodeRule, PolicyRule, Rule, SuppressionRule
from policy_lang.analysis.subject import CatalogSubject, PolicySubject, SuppressionSubject
from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.documents.model import Document, field_name
from policy_lang.source import Source, Span
from policy_lang.syntax.ast import Node


class Rulebook:
    """Some rules, with what is known once for all the texts that they look at.

    Attributes:
        rules: the rules.
        known: the code for every code and name that a comment may suppress, whether its rule runs or not.
    """

    def __init__(self, rules: Iterable[Rule], known: Mapping[str, str]) -> None:
        """Keep the rules; the severity of each is that of its findings."""
        self.rules = tuple(rules)
        self.known = known

    @cached_property
    def node_rules(self) -> Mapping[type[Node], tuple[NodeRule, ...]]:
        """Who wants to see nodes of a class."""
        wanted: dict[type[Node], tuple[NodeRule, ...]] = {}
        for rule in (rule for rule in self.rules if isinstance(rule, NodeRule)):
            for class_ in rule.nodes:
                wanted[class_] = (*wanted.get(class_, ()), rule)
        return wanted

    @cached_property
    def policy_rules(self) -> tuple[PolicyRule, ...]:
        """Who looks at whole policies."""
        return tuple(rule for rule in self.rules if isinstance(rule, PolicyRule))

    @cached_property
    def catalog_rules(self) -> tuple[CatalogRule, ...]:
        """Who looks at whole catalogs."""
        return tuple(rule for rule in self.rules if isinstance(rule, CatalogRule))

    @cached_property
    def suppression_rules(self) -> tuple[SuppressionRule, ...]:
        """Who looks at the comments that suppress findings."""
        return tuple(rule for rule in self.rules if isinstance(rule, SuppressionRule))

    @cached_property
    def policy_codes(self) -> frozenset[str]:
        """The codes of the findings that a policy alone can have."""
        return frozenset(rule.code for rule in self.rules if isinstance(rule, NodeRule | PolicyRule))

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the findings that a catalog can have."""
        return self.policy_codes | {rule.code for rule in self.catalog_rules}


def look_at_policy(subject: PolicySubject, book: Rulebook) -> list[Diagnostic]:
    """What the rules of policies find, in no order; a fix that would change a type is left out."""
    return keep_proven(subject, _look_at_policy(subject, book))


def _look_at_policy(subject: PolicySubject, book: Rulebook) -> Iterator[Diagnostic]:
    wanted = book.node_rules
    for node in subject.expressions if wanted else ():
        for rule in wanted.get(type(node), ()):
            for found in rule.check(node, subject):
                yield _in_text(rule, found, subject.source)
    for each in book.policy_rules:
        for found in each.check(subject):
            yield _in_text(each, found, subject.source)


def look_at_catalog(subject: CatalogSubject, book: Rulebook) -> Iterator[Diagnostic]:
    """What the rules of catalogs find, in no order."""
    for rule in book.catalog_rules:
        for found in rule.check(subject):
            yield _in_catalog(rule, found, subject.catalog.document)


def look_at_suppression(subject: SuppressionSubject, book: Rulebook) -> Iterator[Diagnostic]:
    """What the rules of suppressions find, in no order."""
    for rule in book.suppression_rules:
        for found in rule.check(subject):
            yield _in_text(rule, found, subject.suppression.source)


def _in_text(rule: Rule, found: Found, source: Source) -> Diagnostic:
    return Diagnostic(
        rule.code,
        found.message,
        source,
        Label(found.span, found.label),
        found.related,
        found.help,
        fix=found.fix,
        severity=rule.severity,
        rule=rule.name,
    )


def _in_catalog(rule: Rule, found: FoundInCatalog, document: Document | None) -> Diagnostic:
    return Diagnostic(
        rule.code,
        found.message,
        None if document is None else document.source,
        None if document is None else Label(_place(found, document)),
        () if document is None else tuple(Label(document.first_line(path), text) for path, text in found.related),
        found.help,
        field_name(found.path) or None,
        severity=rule.severity,
        rule=rule.name,
    )


def _place(found: FoundInCatalog, document: Document) -> Span:
    """Where a finding stands in the document: the part of the text, or the first line of the value."""
    offsets = None if found.part is None else document.text_offsets(found.path)
    if found.part is None or offsets is None:
        return document.first_line(found.path)
    return Span(offsets[found.part.start], offsets[found.part.end])
