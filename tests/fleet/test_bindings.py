"""What is known before the table is looked at."""

import pytest
from hostile import COLUMNS, SCHEMA

from policy_lang.fleet.bindings import bind_policy, column_of, columns_of_path
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.pipeline import compile_policy
from policy_lang.types.core import Constant, Fact, Has, descendants


def paths(text: str, **known: object) -> set[str]:
    """The properties of the device that remain."""
    bound = bind_policy(compile_policy(text, schema=SCHEMA), COLUMNS, **known)  # type: ignore[arg-type]  # as written
    return {str(node.path[1]) for node in descendants(bound.core) if isinstance(node, Fact | Has)}


def test_the_update_and_the_time_are_constants() -> None:
    text = "device.version < update.version && device.seen < now"
    assert paths(text, update={"version": "1.0.0"}, now="2026-01-01T00:00:00Z") == {"version", "seen"}
    assert paths("device.pro && now > '2026-01-01T00:00:00Z'", now="2025-01-01T00:00:00Z") == set()


def test_what_is_not_given_is_unknown() -> None:
    bound = bind_policy(compile_policy("update.channel == 'x'", schema=SCHEMA), COLUMNS)
    assert isinstance(bound.core, Constant)
    assert bound.core.value is None
    assert bound.missing == ()


def test_the_roots_of_the_host() -> None:
    schema = SCHEMA.with_root("tenant", {"type": "object", "properties": {"plan": {"type": "string"}}})
    policy = compile_policy("tenant.plan == 'gold' && device.pro", schema=schema)
    assert isinstance(bind_policy(policy, COLUMNS, roots={"tenant": {"plan": "gold"}}).core, Fact)
    assert not isinstance(bind_policy(policy, COLUMNS).core, Fact)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="now must be a timestamp"):
        bind_policy(compile_policy("true"), COLUMNS, now="2026-01-01")


def test_a_default_stands_for_a_property_without_a_column() -> None:
    from policy_lang.types.schema import Schema  # noqa: PLC0415  for this test

    schema = Schema.load({"type": "object", "properties": {"ring": {"type": "integer", "default": 3}}})
    bound = bind_policy(compile_policy("device.ring == 3", schema=schema), Columns(()))
    assert isinstance(bound.core, Constant)
    assert bound.core.value is True
    assert bound.missing == ("device.ring",)


def test_the_column_of_a_path() -> None:
    extra = Column(("extra",), "extra", Storage.JSON)
    columns = Columns((*COLUMNS.rows, extra))
    assert column_of(("device", "extra", "deep", 0, "name"), columns) is extra
    tags, floor = column_of(("device", "tags", 1), columns), column_of(("device", "site", "floor"), columns)
    assert tags is not None
    assert floor is not None
    assert (tags.name, floor.name) == ("tags", "site.floor")
    assert column_of(("device", "model", "deep"), columns) is None
    assert [column.name for column in columns_of_path(("device", "site"), columns)] == [
        *("site__present", "site.name", "site.floor", "site.is open"),
    ]
