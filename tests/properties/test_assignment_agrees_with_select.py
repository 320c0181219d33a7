"""The engine assigns what `Selector.select` chooses."""

import pytest
from fleets import NOW, SCHEMA, draw_catalog, draw_fleet

from policy_lang.fleet.columns import columns_of_schema
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
        reached += sum(not isinstance(each.update, Nothing) for each in wanted)
    assert reached > DEVICES / 2
