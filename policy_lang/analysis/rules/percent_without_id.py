"""PL364: a rollout draws devices by their id, and the schema does not require one."""

from collections.abc import Iterator

from policy_lang.analysis.presence import declared, distinguishes_optional
from policy_lang.analysis.rule import CatalogRule, Category, FoundInCatalog
from policy_lang.analysis.subject import CatalogSubject
from policy_lang.diagnostics.model import Severity
from policy_lang.documents.model import Path_
from policy_lang.types.core import Apply, Core, Fact, descendants
from policy_lang.types.functions.rollout import ROWS
from policy_lang.types.schema import Schema

_ID = ("device", "id")


def check(subject: CatalogSubject) -> Iterator[FoundInCatalog]:
    """Report the first rollout that needs an id, and point at the others; a schema without `required` says nothing about ids."""
    if not _may_lack_id(subject.catalog.schema):
        return
    places = list(_places(subject))
    for first in places[:1]:
        yield FoundInCatalog(
            "devices without an id are never admitted, and the schema does not require `id`",
            first,
            "add `id` to `required` in the schema",
            tuple((path, "needs the id too") for path in places[1:]),
        )


def _may_lack_id(schema: Schema) -> bool:
    member = declared(_ID, schema)
    return distinguishes_optional(schema) and (member is None or not member.is_required)


def _places(subject: CatalogSubject) -> Iterator[Path_]:
    """Where ids are needed: rollouts that draw or count devices, and policies that draw them."""
    for index, (update, policy) in enumerate(zip(subject.catalog.updates, subject.policies, strict=True)):
        if update.rollout.has_percent or update.rollout.is_limited:
            yield ("updates", index, "rollout")
        if any(map(_draws, descendants(policy.core))):
            yield ("updates", index, "policy")


def _draws(node: Core) -> bool:
    """Whether a node is `rollout(…)` or a `bucket(…)` of the id."""
    if not (isinstance(node, Apply) and node.function in ROWS):
        return False
    return any(isinstance(arg, Fact) and arg.path == _ID for arg in node.args)


RULE = CatalogRule(
    "PL364",
    "percent_without_id",
    Category.ROLLOUT,
    Severity.WARNING,
    "a rollout needs an id that the schema does not require",
    check=check,
)
