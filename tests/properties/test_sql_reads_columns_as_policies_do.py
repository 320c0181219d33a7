"""A column read as another type than it was stored for: by policies with defaults, and by policies whose types are inferred.

The answer for a row is the answer for the device that the row stands for, whatever the policy takes its properties for.
"""

import sqlite3
from contextlib import closing, suppress
from functools import cache
from random import Random
from typing import Any

import hostile
import polars as pl
import pytest
import strategies
from hostile import COLUMNS, GIVEN

from policy_lang import fleet
from policy_lang.compiler.policy import Policy
from policy_lang.errors import PolicyTypeError
from policy_lang.fleet.columns import Columns
from policy_lang.fleet.model import Fleet
from policy_lang.fleet.rows import device_reader, row_of
from policy_lang.pipeline import compile_policy
from policy_lang.types.schema import Schema

DEVICES, POLICIES = 800, 160
ODD = (
    *(
        "device.load == 5",
        "(device.load & 1) == 1",
        "device.memory == '5'",
        "device.pro == 'true'",
        "device.seen < now",
        "device.tags == 'eu'",
    ),
    *("device.model.length > 2 && 'eu' in device.model", "device.slots[0] == 'x'", "device.tags[0] > 5", "device.site == 'x'"),
    *(
        "device.site.name.deep == 1",
        "has(device.tags[0].name)",
        "device.model[1] == 'b'",
        "device.tags[1][0] == 'x'",
        "has(device.model[0])",
    ),
    *(
        "device.memory in ['1', '2']",
        "device.uptime == 'x'",
        "device.seen + '1d' == '2026-01-01T00:00:00Z'",
        "'floor' in device.site",
    ),
    *(
        "device.version ^= '1.4'",
        "device.flags > '1.0.0'",
        "device.uptime > '1d'",
        "device.region > 'eu'",
        "device.load in device.slots",
    ),
)


def draw(schema: Schema | None) -> list[Policy]:
    """Random policies of a schema; without one, those whose types can be inferred."""
    random = Random(1)  # noqa: S311  test data
    texts = [*ODD, *(strategies.write_policy(at % 4 + 1, random.randrange(2**24)) for at in range(2 * POLICIES))]
    policies: list[Policy] = []
    for text in texts:
        with suppress(PolicyTypeError):
            policies.append(compile_policy(text, schema=schema))
    assert len(policies) > POLICIES // 2
    return policies[:POLICIES]


@cache
def devices(columns: Columns) -> list[dict[str, Any]]:
    """The devices that the rows of a table stand for."""
    read = device_reader(columns.rows)
    stored = (row_of(device, columns) for device in hostile.draw_devices(DEVICES, seed=2))
    return [read([row[name] for column in columns.rows for name in column.physical]) for row in stored]


def check(opened: Fleet, policies: list[Policy], columns: Columns) -> None:
    for start in range(0, len(policies), 20):
        some = policies[start : start + 20]
        for number, *answers in opened.answers(some, GIVEN, properties=("number",)):
            device = devices(columns)[number]
            expected = [policy.evaluate_by_reference(device, GIVEN.update, GIVEN.now) for policy in some]
            wrong = [(policy.text, say, want) for policy, say, want in zip(some, answers, expected, strict=True) if say is not want]
            assert not wrong, (wrong[0], device)


@pytest.mark.parametrize("schema", [None, strategies.DEFAULTS_SCHEMA], ids=["inferred", "defaults"])
def test_duckdb(schema: Schema | None) -> None:
    with fleet.open(fleet.typed_table(hostile.draw_devices(DEVICES, seed=2), COLUMNS)) as opened:
        check(opened, draw(schema), COLUMNS)


@pytest.mark.parametrize("schema", [None, strategies.DEFAULTS_SCHEMA], ids=["inferred", "defaults"])
def test_sqlite(schema: Schema | None) -> None:
    """Over columns that nobody vouches for, so that every guard is there."""
    columns = unchecked(hostile.with_json_lists(COLUMNS))
    with closing(sqlite3.connect(":memory:")) as connection:
        hostile.create(connection.cursor(), "devices", columns, hostile.draw_devices(DEVICES, seed=2), "?")
        check(fleet.open(connection, "devices", columns=columns), draw(schema), columns)


@pytest.mark.parametrize("schema", [None, strategies.DEFAULTS_SCHEMA], ids=["inferred", "defaults"])
def test_polars(schema: Schema | None) -> None:
    columns = unchecked(COLUMNS)
    frame = pl.DataFrame(pl.from_arrow(fleet.typed_table(hostile.draw_devices(DEVICES, seed=2), columns)))
    for policy in draw(schema):
        answer = fleet.to_polars(policy, columns, update=GIVEN.update, now=GIVEN.now)
        got = frame.with_columns(answer.alias("answer"))["answer"].to_list()
        assert got == [policy.evaluate_by_reference(device, GIVEN.update, GIVEN.now) for device in devices(columns)], policy.text


def unchecked(columns: Columns) -> Columns:
    """The columns, of a table whose writer checked nothing."""
    rows = (fleet.Column(each.path, each.name, each.storage, each.items, each.key, each.present) for each in columns.rows)
    return Columns(tuple(rows))
