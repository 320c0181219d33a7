"""Changes that are looked at before they are made: the update as it is, and the policy that it is to get."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from sqlalchemy import Connection

from policy_lang.analysis.lint import lint_policy
from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.diagnostics.model import Diagnostic, Severity
from policy_lang.documents.problems import quote
from policy_lang.errors import PolicyError
from policy_lang.options import DEFAULT_OPTIONS
from policy_lang.service.admin.preconditions import Precondition
from policy_lang.service.problems import Problem
from policy_lang.service.store.catalogs import StoredUpdate, get_update, load_catalog
from policy_lang.service.store.products import Product, get_product
from policy_lang.types.schema import Schema


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another policy for an update.

    Attributes:
        known: the update as it is.
        findings: what the linter says about the new policy; no errors.
        before: the update with the policy that it has.
        after: the update with the new one, in a catalog of its own.
        catalog: that catalog.
    """

    known: StoredUpdate
    findings: list[Diagnostic]
    before: Update
    after: Update
    catalog: Catalog


def check_policy(connection: Connection, product_id: str, policy: str) -> tuple[Product, list[Diagnostic]]:
    """Lint a policy for the devices of a product.

    Raises:
        PolicyError: it has errors; the other findings come with them.
    """
    product = get_product(connection, product_id)
    schema = None if product.schema is None else Schema.load(product.schema)
    findings = [replace(finding, field="policy") for finding in lint_policy(policy, schema)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise PolicyError(findings)
    return product, findings


def propose(connection: Connection, product_id: str, update_id: str, policy: str, wanted: Precondition) -> Proposal:
    """Another policy for an update, with everything that is known about it.

    Raises:
        NotFoundError: the product has no such update.
        PolicyError: the policy has errors.
        Problem: 404, the update was removed; 412, it changed.
    """
    product, findings = check_policy(connection, product_id, policy)
    known = _present(get_update(connection, product_id, update_id), wanted)
    (before,) = load_catalog([known.document], product.schema, DEFAULT_OPTIONS)
    catalog = load_catalog([{**known.document, "policy": policy}], product.schema, DEFAULT_OPTIONS)
    (after,) = catalog
    return Proposal(known, findings, before, after, catalog)


def known_update(connection: Connection, product_id: str, update_id: str, wanted: Precondition) -> tuple[Product, StoredUpdate]:
    """A product, locked, and an update of it at a wanted revision.

    Raises:
        NotFoundError: the product has no such update.
        Problem: 404, the update was removed; 412, it changed.
    """
    product = get_product(connection, product_id, locked=True)
    return product, _present(get_update(connection, product_id, update_id), wanted)


def _present(known: StoredUpdate, wanted: Precondition) -> StoredUpdate:
    """An update that is in the catalog, at a wanted revision."""
    if known.is_removed:
        raise Problem(HTTPStatus.NOT_FOUND, f"the update {quote(known.id)} was removed", help="create it again")
    wanted.check(known.revision)
    return known
