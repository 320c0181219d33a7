"""Fleets in Spark, over a session."""

import engines
import pytest

from policy_lang import fleet
from policy_lang.fleet.columns import Storage
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
