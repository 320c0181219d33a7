"""Fleets in Spark, over a session."""

import engines
import pytest
from fleets import NOW, SCHEMA, draw_catalog, draw_fleet

from policy_lang import fleet
from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.fleet.assigned import HEADS
from policy_lang.fleet.columns import Storage, columns_of_schema
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.survey import Chosen, Nothing
from policy_lang.fleet.tables import typed_table
from policy_lang.pipeline import compile_policy

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:PySpark does not yet")]


def test_a_view_of_others() -> None:
    session = engines.spark()
    schema = "id STRING, memory BIGINT, tags ARRAY<STRING>, small INT, `it's ``a``` STRING"
    rows = [("a", 512, ["x", None], 1, "'"), ("b", None, [], 2, "\\"), ("c", 64, None, 3, None)]
    session.createDataFrame(rows, schema).createOrReplaceTempView("foreign")
    with fleet.open(session, "foreign") as opened:
        assert [column.storage for column in opened.columns.rows] == [
            *(Storage.TEXT, Storage.INTEGER, Storage.LIST, Storage.OTHER, Storage.TEXT),
        ]
        assert opened.devices == 3
        assert opened.count(compile_policy("device.memory > 100")) == (1, 1, 1)
        assert opened.count(compile_policy("'y' in device.tags || device.id == /^[ab]$/")) == (2, 0, 1)
        assert sorted(opened.matching(compile_policy('device["it\'s `a`"] == "\'"'))) == [("a",)]
        assert opened.count_by(compile_policy("device.memory > 100"), "id")["a"] == (1, 0, 0)
    assert not [table.name for table in session.catalog.listTables() if table.name.startswith("policy_lang")]


def test_spark_replaces_variables_in_texts() -> None:
    """It reads `${name}` as a setting of its own before it parses, inside of quotes, too."""
    session = engines.spark()
    text = "${spark.app.name}"
    session.createDataFrame([(text,), ("policy_lang",)], "model STRING").createOrReplaceTempView("settings")
    opened = fleet.open(session, "settings")
    assert list(opened.matching(compile_policy(f"device.model == '{text}'"), properties=("model",))) == [(text,)]


@pytest.mark.parametrize("most_written", [1000, 0], ids=["written", "joined"])
def test_each_device_with_its_update_stays_in_spark(most_written: int) -> None:
    """The dataframe outlives the views of its look-ups, and says what the loop over `Selector.select` does."""
    session = engines.spark()
    columns = columns_of_schema(SCHEMA)
    for seed in (3, 8, 11, 14):
        catalog, devices = draw_catalog(seed), draw_fleet(seed, 60)
        session.createDataFrame(typed_table(devices, columns)).coalesce(1).createOrReplaceTempView("fleet")
        opened = fleet.open_session(session, "fleet", columns, Limits(most_written=most_written))
        frame = opened.assigned(catalog, fleet.Given(now=NOW))
        assert not [table.name for table in session.catalog.listTables() if table.name.startswith("policy_lang")]
        assert tuple(frame.columns) == HEADS
        wanted = [written(each.update) for each in Loop(devices).assigned(Chosen(catalog, NOW))]
        assert [tuple(row)[3:] for row in frame.collect()] == wanted, seed


def written(update: Update | Nothing) -> tuple[str | None, str | None, str]:
    """An update, or the reason for none, in the words of the rows."""
    return (None, None, update.value) if isinstance(update, Nothing) else (update.id, str(update.version), "offered")


def test_a_table_without_texts_is_refused() -> None:
    session = engines.spark()
    session.createDataFrame([(1, "atlas", "1.0.0")], "id BIGINT, product STRING, version STRING").createOrReplaceTempView("numbers")
    with pytest.raises(ValueError, match="the table has no text for `id`; make it in a view"):
        fleet.open_session(session, "numbers").assigned(Catalog.load({"updates": []}))
