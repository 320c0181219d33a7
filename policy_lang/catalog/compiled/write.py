"""A catalog as the bytes of a compiled one; what was written is read back and compared before anyone gets it."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy_lang.catalog.compiled.encode import encode
from policy_lang.catalog.compiled.file import SUFFIX, from_bytes, to_bytes
from policy_lang.catalog.compiled.identity import header, write_schema
from policy_lang.catalog.compiled.problems import WrongFormError, refusal
from policy_lang.catalog.compiled.read import read_updates
from policy_lang.catalog.compiled.tables import WriteTables
from policy_lang.catalog.update import Update
from policy_lang.compiler.policy import Policy
from policy_lang.options import Options
from policy_lang.types.core import Core, descendants
from policy_lang.types.schema import Schema

_NAME = f"<compiled{SUFFIX}>"


def write_compiled(updates: tuple[Update, ...], schema: Schema, options: Options) -> bytes:
    """The file of a compiled catalog; the same catalog always gives the same bytes.

    Args:
        updates: the updates, in the order of the catalog.
        schema: what their policies were compiled with.
        options: the host's options.

    Raises:
        CatalogError: a policy calls a function of the host that reads its literals itself.
    """
    policies = _distinct(updates)
    tables = WriteTables()
    try:
        cores = [encode(policy.core, tables) for policy in policies]
    except WrongFormError as error:
        raise refusal("<catalog>", f"the catalog cannot be compiled: {error}", "load its source instead") from error
    texts = [[policy.text, policy.source.name, policy.canonical] for policy in policies]
    rows = list(_rows(updates, {policy: at for at, policy in enumerate(policies)}))
    data = to_bytes([header(schema, options), write_schema(schema), tables.to_plain(), texts, rows, *cores])
    _prove(data, updates, schema, options)
    return data


def _distinct(updates: tuple[Update, ...]) -> list[Policy]:
    """The policies, each once; updates with the same text share one."""
    return list({id(update.policy): update.policy for update in updates}.values())


def _rows(updates: tuple[Update, ...], numbers: Mapping[Policy, int]) -> Iterator[dict[str, Any]]:
    for update in updates:
        yield update.to_plain() | {"policy": numbers[update.policy]}


def _prove(data: bytes, updates: tuple[Update, ...], schema: Schema, options: Options) -> None:
    """Fail where what was written does not read back as what it came from: that would be a fault of ours."""
    found, _ = read_updates(from_bytes(data, _NAME), _NAME, schema, options)
    for update, again in zip(updates, found, strict=True):
        if update.to_plain() != again.to_plain() or update.rollout != again.rollout:
            raise AssertionError(update.id)
    for policy, again_policy in {id(a.policy): (a.policy, b.policy) for a, b in zip(updates, found, strict=True)}.values():
        if not is_same(policy.core, again_policy.core) or policy.canonical != again_policy.canonical:
            raise AssertionError(policy.text)


def is_same(core: Core, other: Core) -> bool:
    """Whether two trees are equal, and written at the same places."""
    return core == other and all(one.span == two.span for one, two in zip(descendants(core), descendants(other), strict=True))
