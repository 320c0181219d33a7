"""The engine assigns what `Selector.select` chooses."""

import sqlite3
from collections import Counter
from contextlib import closing

import engines
import hostile
import psycopg
import pytest
from fleets import NOW, SCHEMA, draw_catalog, draw_fleet

from policy_lang.fleet.columns import columns_of_schema
from policy_lang.fleet.connections import open_connection
from policy_lang.fleet.embedded import open_arrow, open_devices
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Given, Limits
from policy_lang.fleet.survey import Cell, Chosen, GoesBack, Nothing
from policy_lang.fleet.tables import typed_table

CATALOGS = 100
DEVICES = 120


@pytest.mark.parametrize("block", range(10))
def test_assignment_agrees_with_select(block: int) -> None:
    """docs/spec.md, "Selecting an update": for every device the same update, or the same reason for none."""
    reached = 0
    for seed in range(block * CATALOGS // 10, (block + 1) * CATALOGS // 10):
        catalog, devices = draw_catalog(seed), draw_fleet(1000 * seed, DEVICES)
        now = None if seed % 7 == 0 else NOW
        chosen = Chosen(catalog, now)
        loop = Loop(devices)
        wanted = list(loop.assigned(chosen))
        table = typed_table(devices, columns_of_schema(SCHEMA))
        with open_arrow(table, None, Limits()) if seed % 2 else open_devices(devices, Limits()) as fleet:
            survey = fleet.survey()
            assert [each.update for each in survey.assigned(chosen)] == [each.update for each in wanted], seed
            cells: list[Cell] = [chosen, GoesBack(chosen)]
            assert seed % 4 or survey.tally(cells) == loop.tally(cells), seed
            ids = [None if isinstance(each.update, Nothing) else each.update.id for each in wanted]
            assert [each.update for each in fleet.assign(catalog, Given(now=now))] == ids, seed
            assert fleet.count_assigned(catalog, Given(now=now)) == Counter(ids), seed
        reached += sum(not isinstance(each.update, Nothing) for each in wanted)
    assert reached > DEVICES / 2


@pytest.mark.parametrize("seed", range(0, CATALOGS, 5))
def test_databases_assign_alike(seed: int) -> None:
    """The same statement in SQLite and in PostgreSQL; tests/fleet/test_clusters.py has Spark."""
    catalog, devices = draw_catalog(seed), draw_fleet(1000 * seed, DEVICES)
    columns = columns_of_schema(SCHEMA)
    wanted = Counter(
        None if isinstance(each.update, Nothing) else each.update.id for each in Loop(devices).assigned(Chosen(catalog, NOW))
    )
    with closing(sqlite3.connect(":memory:")) as lite:
        lists = hostile.with_json_lists(columns)
        hostile.create(lite.cursor(), "assigned", lists, devices, "?")
        assert open_connection(lite, "assigned", lists, Limits()).count_assigned(catalog, Given(now=NOW)) == wanted
    with psycopg.connect(engines.postgres()) as connection:
        hostile.create(connection.cursor(), "assigned", columns, devices, "%s")
        assert open_connection(connection, "assigned", columns, Limits()).count_assigned(catalog, Given(now=NOW)) == wanted
        connection.rollback()
