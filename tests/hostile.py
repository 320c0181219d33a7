"""Devices and policies that are hard on engines: odd texts, extreme numbers, prereleases, a quarter of everything missing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

import strategies

from policy_lang.compiler.policy import Policy
from policy_lang.fleet.columns import Column, Columns, Storage, columns_of_schema
from policy_lang.fleet.model import Given
from policy_lang.fleet.rows import row_of
from policy_lang.types.schema import Schema

HOSTILE = (
    *(
        "'",
        '"',
        "`",
        "\\",
        "\\'",
        "''",
        "%",
        "_",
        "X_1%",
        "x'; DROP TABLE devices; --",
        "a\nb",
        "\t",
        "$1",
        "?",
        ":x",
        "{}",
        "${a}",
    ),
    *(
        "é",
        "e\u0301",
        "👨‍👩‍👧",
        "\U0001d518",
        "\uff5e",
        "\U0001f600",
        "Straße",
        "ß",
        "İ",
        "\u0131",
        "\u202e",
        "\ufeff",
        "\x7f",
        "\x01",
        "\x1f",
    ),
    *("[", "[1]", "a,b", "-- ", "/*", "#", "\r\n", "\\x41", "\\u0041", "\U0010ffff", "\ue000", "X100-pro", " X100", "x100"),
    *("null", "NULL", "%s", "%(x)s", "\u2028", "\x0b", "a b", ""),
)
"""Texts that quotes, wildcards, escapes, collations and case mapping stumble over."""

DOCUMENT: dict[str, Any] = {
    **strategies.SCHEMA_DOCUMENT,
    "properties": {**strategies.SCHEMA_DOCUMENT["properties"], "number": {"type": "integer"}},
}
SCHEMA = Schema.load(DOCUMENT)
"""The vocabulary of the strategies, and a number for each device."""
COLUMNS = columns_of_schema(SCHEMA)
GIVEN = Given(
    {"id": "release-7", "version": "1.5.0", "published": "2026-01-01T00:00:00Z", "channel": "beta"}, strategies.EXAMPLE_NOW
)

_LONG = ("'" * 1000, "é" * 2048, "\U0001f600" * 1025, "%_" * 300)
_TEXTS = ("model", "ip", "timezone", "id")
_PRERELEASES = (
    *("1.5.0-rc.1", "1.5.0-rc.11", "1.5.0-alpha", "1.5.0-0", "1.4.2+b", "2.0.0-x.7.z.92", "1.4.2-rc.1+b"),
    "99999999999999999999.0.0",
)
_NUMBERS = (-0.0, 5e-324, 1.7976931348623157e308, 0.1, 0.30000000000000004, 9007199254740991.0, 9007199254740993.0, -1e22, 1.5)
_LARGEST = 2**53 - 1


def draw_devices(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Devices of the vocabulary, a quarter of everything missing, with hostile texts, odd versions and extreme numbers."""
    random = Random(seed)  # noqa: S311  test data
    return [_draw(random, number) for number in range(count)]


def _draw(random: Random, number: int) -> dict[str, Any]:
    device: dict[str, Any] = dict(strategies.draw_situation(random.randrange(2**24)).device)
    for name in _TEXTS:
        if random.random() < 0.3:
            device[name] = random.choice(HOSTILE)
    if random.random() < 0.05:
        device["model"] = random.choice(_LONG)
    for name, values in (("version", _PRERELEASES), ("load", _NUMBERS), ("memory", (_LARGEST, -_LARGEST, 0, -1, "64"))):
        if random.random() < 0.2:
            device[name] = random.choice(values)
    if random.random() < 0.2:
        device["tags"] = random.sample((*HOSTILE, None), 2)
    return {**{name: value for name, value in device.items() if random.random() >= 0.15}, "number": number}


def draw_policies(count: int, seed: int = 0) -> list[Policy]:
    """Random policies of the strategies, every fifth about a hostile text."""
    random = Random(seed)  # noqa: S311  test data
    texts = (
        _hostile(random) if at % 5 == 0 else strategies.write_policy(at % 4 + 1, random.randrange(2**24)) for at in range(count)
    )
    return [strategies.compiled(text, SCHEMA) for text in texts]


_TEMPLATES = (
    *("device.model == {0}", "device.model != {0}", "device.model ^= {0}", "device.model $= {0}", "device.model >< {0}"),
    *("device.model <> {0}", "device.model < {0}", "device.model >= {0}", "device.model in [{0}, {1}]", "{0} in device.tags"),
    *("device.tags[0] != {0}", "{0} not in device.tags", "device.site.name + {0} == {1}", "device.model.toUpperCase() == {0}"),
    *("(device.model ?? {0}) <= {1}", "device.id ^= device.model", "device.model $= device.id", "device.id >< device.model"),
    *("bucket(device.id, {0}) < 500000", "device.model.length == {0}.length", "(device.pro ? {0} : device.model) < {1}"),
)


def _hostile(random: Random) -> str:
    return random.choice(_TEMPLATES).format(*map(literal, random.sample(HOSTILE, 2)))


def literal(text: str) -> str:
    """A text as a literal of the language."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f").replace("\u2028", "\\u2028")


@cache
def reference(count: int, policies: int, seed: int = 0) -> tuple[list[dict[str, Any]], list[Policy], list[list[bool | None]]]:
    """Devices, policies, and for each device what the closures say to each policy."""
    devices, drawn = draw_devices(count, seed), draw_policies(policies, seed)
    answers = [[policy.evaluate_by_reference(device, GIVEN.update, GIVEN.now) for policy in drawn] for device in devices]
    return devices, drawn, answers


def rows(devices: Sequence[Mapping[str, Any]], columns: Columns) -> tuple[list[str], list[list[Any]]]:
    """The table of some devices: the names of its columns, and its rows."""
    names = [name for name, _ in declared(columns)]
    stored = (row_of(device, columns) for device in devices)
    return names, [[row[name] for name in names] for row in stored]


def declared(columns: Columns) -> Iterator[tuple[str, str]]:
    """The physical columns of a table with the types of standard SQL."""
    for column in columns.rows:
        yield column.name, _sql_type(column)
        if column.key is not None:
            yield column.key, "TEXT"
        if column.present is not None:
            yield column.present, "BOOLEAN"


_SQL_TYPES = {
    Storage.BOOLEAN: "BOOLEAN",
    Storage.INTEGER: "BIGINT",
    Storage.DOUBLE: "DOUBLE PRECISION",
    Storage.TEXT: "TEXT",
    Storage.TIMESTAMP: "BIGINT",
    Storage.DURATION: "BIGINT",
    Storage.JSON: "TEXT",
    Storage.OBJECT: "BOOLEAN",
}


def _sql_type(column: Column) -> str:
    return f"{_SQL_TYPES[column.items or Storage.TEXT]}[]" if column.storage is Storage.LIST else _SQL_TYPES[column.storage]


def with_json_lists(columns: Columns) -> Columns:
    """The columns for an engine without lists."""
    changed = (_as_json(column) if column.storage is Storage.LIST else column for column in columns.rows)
    return Columns(tuple(changed), columns.lenient_versions)


def _as_json(column: Column) -> Column:
    return Column(column.path, column.name, Storage.JSON, present=column.present, is_checked=True)


def quoted(name: str) -> str:
    """A name in standard SQL."""
    return '"' + name.replace('"', '""') + '"'


def create(cursor: Any, table: str, columns: Columns, devices: Sequence[Mapping[str, Any]], mark: str) -> None:
    """Make a table over a connection and fill it; `mark` stands for a parameter."""
    definitions = ", ".join(f"{quoted(name)} {type_}" for name, type_ in declared(columns))
    cursor.execute(f"CREATE TEMPORARY TABLE {quoted(table)} ({definitions})")
    names, filled = rows(devices, columns)
    cursor.executemany(f"INSERT INTO {quoted(table)} VALUES ({', '.join([mark] * len(names))})", filled)  # noqa: S608  our own names
