"""Every question that a loop answers, an engine answers alike."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fleets import NOW, SCHEMA, compiled, draw_catalog, draw_fleet

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet import polls
from policy_lang.fleet.columns import columns_of_schema
from policy_lang.fleet.connections import open_connection
from policy_lang.fleet.embedded import open_arrow, open_devices
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.survey import (
    Absent,
    Cell,
    Chosen,
    IsCandidate,
    IsProduct,
    Result,
    Stage,
    State,
    Survey,
    Value,
)
from policy_lang.fleet.tables import typed_table
from policy_lang.types.core import Fact, descendants

DEVICES = draw_fleet(5, 400)
LOOP = Loop(DEVICES)
KINDS = ["raw", "typed"]
PROPERTIES = [
    ("region",),
    ("memory",),
    ("load",),
    ("pro",),
    ("seen",),
    ("uptime",),
    ("tags",),
    ("site", "floor"),
    ("unheard",),
    ("site",),
]
_POLICY = "device.memory > 5 && ('eu' in device.tags || device.load < 2) && device.site.floor == 2"


@contextmanager
def _survey(kind: str) -> Iterator[Survey]:
    table = typed_table(DEVICES, columns_of_schema(SCHEMA))
    with open_arrow(table, None, Limits()) if kind == "typed" else open_devices(DEVICES, Limits()) as fleet:
        yield fleet.survey("a fleet")


@pytest.mark.parametrize("kind", KINDS)
def test_results_and_states(kind: str) -> None:
    policy = compiled(_POLICY)
    facts = [node for node in descendants(policy.core) if isinstance(node, Fact)]
    cells: list[Cell] = [Result(policy, now=NOW), *(State(fact, policy) for fact in facts)]
    with _survey(kind) as survey:
        assert survey.name == "a fleet"
        assert survey.tally(cells) == LOOP.tally(cells)
        assert survey.tally([], cells[:1]) == LOOP.tally([], cells[:1])


@pytest.mark.parametrize("kind", KINDS)
def test_stages_and_candidates(kind: str) -> None:
    catalog = draw_catalog(3)
    update = catalog.updates[0]
    cells: list[Cell] = [
        Stage("release-7", (0, 250_000, 900_000)),
        IsCandidate(update, catalog),
        IsProduct(update.product, catalog),
    ]
    with _survey(kind) as survey:
        assert survey.tally(cells) == LOOP.tally(cells)


@pytest.mark.parametrize("path", PROPERTIES)
@pytest.mark.parametrize("kind", KINDS)
def test_values(kind: str, path: tuple[str, ...]) -> None:
    """A typed table keeps what the schema reads; a raw one what was sent."""
    policy = Result(compiled("device.memory > 5"))
    loop = LOOP if kind == "raw" else Loop(DEVICES, schema=SCHEMA)
    cells: list[Cell] = [Value(path), policy]
    with _survey(kind) as survey:
        found, wanted = survey.tally(cells), loop.tally(cells)
        if path in {("tags",), ("site",)}:
            assert sum(found.values()) == sum(wanted.values())
        else:
            assert found == wanted
            assert survey.top(Value(path), policy, 2) == loop.top(Value(path), policy, 2)


@pytest.mark.parametrize("name", ["region", "memory", "load", "pro", "seen", "uptime"])
def test_the_engine_ranks_properties_of_many_values(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    policy, wanted = Result(compiled("device.load > 1")), Loop(DEVICES, schema=SCHEMA).top
    where = [Result(compiled("device.pro == true || device.memory >= 0"))]
    monkeypatch.setattr(polls, "MOST_COUNTED", 1)
    with _survey("typed") as survey:
        top, expected = survey.top(Value((name,)), policy, 2, where), wanted(Value((name,)), policy, 2, where)
    totals, best = _totals(top.counts), _totals(expected.counts)
    assert sorted(totals.values()) == sorted(best.values())
    assert (sum(top.others.values()), top.values) == (sum(expected.others.values()), expected.values)
    assert {key: top.counts[key] for key in top.counts if isinstance(key[0], Absent)} == {
        key: expected.counts[key] for key in expected.counts if isinstance(key[0], Absent)
    }


def _totals(counts: "Counter[tuple[Any, Any]]") -> dict[Any, int]:
    totals: Counter[Any] = Counter()
    for (value, _), devices in counts.items():
        totals[value] += devices
    return dict(totals)


@pytest.mark.parametrize("kind", KINDS)
def test_samples(kind: str) -> None:
    cells: list[Cell] = [Result(compiled("device.load > 1")), Value(("pro",))]
    where = [Result(compiled("device.memory >= 0"))]
    loop = LOOP if kind == "raw" else Loop(DEVICES, schema=SCHEMA)
    with _survey(kind) as survey:
        assert survey.sample(cells, 3, where) == loop.sample(cells, 3, where)
        assert survey.sample([], 3) == LOOP.sample([], 3)


def test_a_database_is_sampled_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polls, "_MOST_HELD", 2)
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE devices (id TEXT, region TEXT)")
        devices = [{"id": f"device-{number}", "region": "us-east" if number % 3 else "eu"} for number in range(60)]
        connection.executemany("INSERT INTO devices VALUES (?, ?)", [tuple(device.values()) for device in devices])
        survey, cells = open_connection(connection, "devices", None, Limits()).survey(), [Result(compiled("device.region == 'eu'"))]
        assert survey.sample(cells, 4) == Loop(devices).sample(cells, 4)
        assert survey.tally(cells) == Counter({(True,): 20, (False,): 40})
        assert survey.write_assigned(Chosen(draw_catalog(1)), "unused", "csv") is None
    connection.close()


def test_a_catalog_without_updates_knows_no_product() -> None:
    empty = Chosen(Catalog.load({"updates": []}))
    with _survey("typed") as survey:
        assert survey.tally([empty]) == LOOP.tally([empty])


def test_the_engine_writes_files_of_plain_columns(tmp_path: Path) -> None:
    chosen = Chosen(draw_catalog(3), NOW)
    with _survey("typed") as survey:
        assert survey.write_assigned(chosen, str(tmp_path / "a.csv"), "csv") == len(DEVICES)
    with _survey("raw") as survey:
        assert survey.write_assigned(chosen, str(tmp_path / "b.csv"), "csv") is None
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv"]
