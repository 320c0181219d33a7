"""Findings as a list, for editors and reviews: what compiling and loading would raise, and what the rules find."""

from collections.abc import Iterable

from policy_lang.analysis.inspection import inspect_catalog, inspect_policy
from policy_lang.analysis.rule import Rule
from policy_lang.analysis.rulebook import Rulebook
from policy_lang.catalog.catalog import CatalogSource
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.source import Source
from policy_lang.types.schema import Schema


def lint_policy(
    text: str,
    schema: Schema | None = None,
    *,
    options: Options = DEFAULT_OPTIONS,
    name: str = "<policy>",
    rules: Iterable[Rule] | None = None,
) -> list[Diagnostic]:
    """Everything that is wrong or doubtful in a policy.

    Args:
        text: the policy.
        schema: what the host declares; without one the type of each property is inferred from its use.
        options: the host's limits, and how versions are read.
        name: what to call the text in findings, such as a file name.
        rules: which rules run; all of them where they are left out.

    Returns:
        The errors in the order of the text; for a policy that compiles, what the rules find and no comment suppresses.

    Source: docs/lint.md.

    >>> [finding.message for finding in lint_policy("1 < device.memory < 3")]
    ['comparisons cannot be chained']
    """
    return list(inspect_policy(Source(text, name), _book(rules), schema, options).findings)


def lint_catalog(
    source: CatalogSource,
    schema: Schema | None = None,
    *,
    options: Options = DEFAULT_OPTIONS,
    rules: Iterable[Rule] | None = None,
) -> list[Diagnostic]:
    """Everything that is wrong or doubtful in a catalog, its policies included.

    Args:
        source: the path of a YAML, TOML, JSON or JSON5 file, or the catalog as a mapping.
        schema: what devices send, in place of the `schema` of the catalog.
        options: the host's options, for the policies and for the versions that devices send.
        rules: which rules run; all of them where they are left out.

    Returns:
        The findings in the order of the file: errors, what the rules find in the policies without errors and, for a catalog
        that loads, what they find in the catalog. A file that cannot be read is a finding too (PL501).

    Source: docs/lint.md.

    >>> [finding.message for finding in lint_catalog({"update": []})]
    ['the key `update` is not known', 'the field `updates` is missing']
    """
    return list(inspect_catalog(source, _book(rules), schema, options).linted.findings)


def _book(rules: Iterable[Rule] | None) -> Rulebook:
    from policy_lang.analysis.registry import RULES, rulebook  # noqa: PLC0415  who only compiles policies loads no rules

    return rulebook(RULES if rules is None else tuple(rules))
