"""Findings as a list, for editors, reviews and the command line: what compiling and loading would raise."""

from policy_lang.catalog.catalog import Catalog, CatalogSource
from policy_lang.diagnostics.model import Diagnostic
from policy_lang.errors import CatalogError, PolicyError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema


def lint_policy(
    text: str, schema: Schema | None = None, *, options: Options = DEFAULT_OPTIONS, name: str = "<policy>"
) -> list[Diagnostic]:
    """Everything that is wrong with a policy.

    Args:
        text: the policy.
        schema: what the host declares; without one the type of each property is inferred from its use.
        options: the host's limits, and how versions are read.
        name: what to call the text in findings, such as a file name.

    Returns:
        The findings in the order of the text; none for a policy that compiles.

    Source: docs/spec.md, "Limits and errors".

    >>> [finding.message for finding in lint_policy("1 < device.memory < 3")]
    ['comparisons cannot be chained']
    """
    try:
        compile_policy(text, schema=schema, options=options, name=name)
    except PolicyError as error:
        return list(error.diagnostics)
    return []


def lint_catalog(source: CatalogSource, schema: Schema | None = None, *, options: Options = DEFAULT_OPTIONS) -> list[Diagnostic]:
    """Everything that is wrong with a catalog, its policies included.

    Args:
        source: the path of a YAML, TOML, JSON or JSON5 file, or the catalog as a mapping.
        schema: what devices send, in place of the `schema` of the catalog.
        options: the host's options, for the policies and for the versions that devices send.

    Returns:
        The findings in the order of the file; none for a catalog that loads. A file that cannot be read is a finding too (PL501).

    Source: docs/spec.md, "Catalogs".

    >>> [finding.message for finding in lint_catalog({"update": []})]
    ['the key `update` is not known', 'the field `updates` is missing']
    """
    try:
        Catalog.load(source, schema=schema, options=options)
    except CatalogError as error:
        return list(error.diagnostics)
    return []
