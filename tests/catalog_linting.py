"""What the tests of catalog rules share: a catalog as a rule sees it, and what the rule finds in it."""

from collections.abc import Mapping
from typing import Any

from linting import subject_of

from policy_lang.analysis.rule import CatalogRule, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.catalog.catalog import Catalog
from policy_lang.documents.model import field_name
from policy_lang.types.schema import Schema


def catalog_of(*updates: Mapping[str, Any], schema: Mapping[str, Any] | None = None) -> CatalogSubject:
    """A catalog of updates of one product; what they leave out is filled in, each version, policy and checksum a good one."""
    declared = None if schema is None else Schema.load(schema)
    catalog = Catalog.load({"updates": [{**_update(index), **update} for index, update in enumerate(updates)]}, schema=declared)
    return CatalogSubject(catalog, tuple(subject_of(update.policy.text, catalog.schema) for update in catalog))


def found_in(rule: CatalogRule, *updates: Mapping[str, Any], schema: Mapping[str, Any] | None = None) -> list[FoundInCatalog]:
    """What a rule finds in a catalog; the prose of each finding is checked on the way."""
    found = list(rule.check(catalog_of(*updates, schema=schema)))
    for each in found:
        for prose in (each.message, each.help, *(text for _, text in each.related)):
            assert prose[0] == "`" or prose[0].islower(), prose
            assert not prose.endswith("."), prose
            assert prose.count("`") % 2 == 0, prose
    return found


def fields_of(rule: CatalogRule, *updates: Mapping[str, Any], schema: Mapping[str, Any] | None = None) -> list[str]:
    """The fields that a rule points at."""
    return [field_name(each.path) for each in found_in(rule, *updates, schema=schema)]


def _update(index: int) -> dict[str, Any]:
    names = {"id": f"release-{index}", "product": "atlas", "version": f"2.{index}.0"}
    image = {"url": f"https://example.com/{index}.bin", "checksum": f"{index:02x}5a" + "7c01d9" * 10}
    return {**names, "policy": "device.version < update.version", **image}
