"""What is said by the engine, what is looked up, and how few look-ups there are."""

from typing import Any

import pytest
from hostile import COLUMNS, GIVEN, SCHEMA

from policy_lang.fleet.bindings import bind_policy
from policy_lang.fleet.columns import Column, Columns, Storage
from policy_lang.fleet.dialects.every import DIALECTS
from policy_lang.fleet.lower import Lookup, Lowering
from policy_lang.pipeline import compile_policy
from policy_lang.types.functions.row import Form as Written
from policy_lang.types.functions.row import Function, Parameter
from policy_lang.types.model import Kind


class Recorder:
    """Look-ups that are written down, and answered with NULL."""

    def __init__(self, dialect: str) -> None:
        """For a dialect."""
        self.builder = DIALECTS[dialect]()
        self.asked: list[Lookup] = []

    def lookup(self, wanted: Lookup) -> Any:
        """Write it down."""
        self.asked.append(wanted)
        return self.builder.null(wanted.form)


def lookups(text: str, dialect: str = "duckdb", columns: Columns = COLUMNS, **options: Any) -> list[tuple[str, ...]]:
    """The columns of each look-up that a policy needs."""
    recorder = Recorder(dialect)
    policy = compile_policy(text, schema=SCHEMA, **options)
    Lowering(recorder.builder, columns, recorder).lower(bind_policy(policy, columns, GIVEN.update, GIVEN.now))
    return [tuple(column.name for column in asked.columns) for asked in recorder.asked]


NATIVE = (
    "device.version < update.version && !(device.region == 'eu')",
    "device.model in ['a', 'b'] || device.memory in [1, 2, device.flags] || device.bootloader in ['1.0.0', '2.0.0-rc.1']",
    "device.model ^= 'X' && device.model $= device.site.name && device.model >< 'y'",
    "satisfies(device.version, '^1.4 || >=2.0.0-rc.1 <3') && !satisfies(device.bootloader, '*')",
    "device.memory + 1 < device.flags * 2 && -device.memory % 7 != device.load / 2",
    "(device.memory & 4) != 0 && ~device.flags < 5 && (device.memory ^ 1) > (device.flags | 8)",
    "has(device.site.floor) && has(device.site) && 'name' in device.site && device.model != null",
    "(device.pro ? device.memory : 5) > (device.load ?? 1.5)",
    "device.seen + '7d' < now && now - device.seen > device.uptime && device.seen - '1h' < '2026-01-01T00:00:00Z'",
    "'beta' in device.tags && device.tags[0] == 'eu' && device.slots.length > 2 && has(device.tags[1])",
    "rollout(5) && bucket(device.id, 'x') < 10 && device.model.length == 3",
    "device.model == /^X[0-9]/i && device.region != /e./s",
    "hour(now, 'UTC') == 12 && inWindow('01:00', '23:00') && device.region in []",
)


@pytest.mark.parametrize("text", NATIVE)
def test_said_by_duckdb_itself(text: str) -> None:
    assert lookups(text) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("device.model.trim() == 'X' && device.pro", [("model",)]),
        ("device.model.trim() == 'X' && device.model != 'X1'", [("model",)]),
        ("device.model.trim() == 'X' && device.region == 'eu' || device.region.length > 2", [("model",)]),
        ("device.model.toUpperCase() == device.region", [("model",)]),
        ("device.model + device.site.name == 'x'", [("model", "site.name")]),
        ("device.version.major == 1 || device.version.isPrerelease", [("version",)]),
        ("device.load % 2 == 1 && (device.memory << 2) > 3 && device.uptime * 2 > '1d'", [("memory",), ("uptime",)]),
        ("inWindow('01:00', '05:00', device.timezone) && inCidr(device.ip, '10.0.0.0/8')", [("timezone",), ("ip",)]),
        ("device.uptime < duration('999999999d')", [("uptime",)]),
        ("has(device.site) && device.model.trim() == 'a'", [("model",)]),
    ],
)
def test_looked_up_by_as_few_columns_as_can_be(text: str, asked: list[tuple[str, ...]]) -> None:
    assert lookups(text) == asked


def test_other_engines_look_up_more() -> None:
    assert lookups("device.model.length == 3 && 'beta' in device.tags", "sqlite") == [("model",), ("tags",)]
    assert lookups("device.load * 2 == 1.5 && device.memory / 2 == 3", "postgres") == [("load",)]


def test_a_literal_that_postgresql_cannot_hold_is_never_equal() -> None:
    """Equality and membership are known without asking; the order is looked up."""
    for text in (
        r"device.model == 'a\u0000' || 'a\u0000' == device.id",
        r"device.model in ['\u0000', 'b'] || device.id in ['\u0000']",
    ):
        assert lookups(text, "postgres") == []
    assert lookups(r"device.model < 'a\u0000'", "postgres") == [("model",)]


def test_nested_arithmetic_is_looked_up_before_it_explodes() -> None:
    text = "device.memory" + " + device.flags) " * 20
    assert lookups("(" * 20 + text + " == 1") == [("memory", "flags")]


def test_a_property_without_a_column_is_unknown() -> None:
    columns = Columns(tuple(column for column in COLUMNS.rows if column.path[0] not in {"model", "site", "tags"}))
    policy = compile_policy(
        "device.model == 'x' || device.pro || has(device.site.floor) || has(device.tags[1]) || 'name' in device.site", schema=SCHEMA
    )
    bound = bind_policy(policy, columns)
    assert bound.missing == ("device.model", "device.site", "device.site.floor", "device.tags[1]")
    assert lookups(policy.text, columns=columns) == []


def test_versions_without_keys_are_looked_up() -> None:
    columns = Columns((Column(("version",), "version", Storage.TEXT),))
    assert lookups("device.version < '2.0.0'", columns=columns) == [("version",)]


def test_keys_that_were_made_otherwise_are_not_used() -> None:
    assert lookups("device.version < '2.0.0'", columns=Columns(COLUMNS.rows, lenient_versions=True)) == [("version",)]


def test_a_host_function_is_asked_for_each_value() -> None:
    row = Function(
        "twice", Written.FUNCTION, (Parameter("value", Kind.INT),), Kind.INT, lambda value: value * 2, "doubles", "twice(1) == 2"
    )
    policy = compile_policy("twice(2) == 4 && device.pro && twice(device.memory) == 4", schema=SCHEMA.with_function(row))
    recorder = Recorder("duckdb")
    Lowering(recorder.builder, COLUMNS, recorder).lower(bind_policy(policy, COLUMNS))
    assert [tuple(column.name for column in asked.columns) for asked in recorder.asked] == [(), ("memory",)]


@pytest.mark.parametrize("depth", [10, 30])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_deep_policies_are_written(dialect: str, depth: int) -> None:
    text = "device.memory == 1"
    for level in range(depth):
        text = f"(device.flags == {level} {'&&' if level % 2 else '||'} {text})"
    builder = DIALECTS[dialect]()
    lowered = Lowering(builder, COLUMNS, Recorder(dialect)).lower(bind_policy(compile_policy(text, schema=SCHEMA), COLUMNS))
    assert builder.sql(lowered).count("flags") == depth
