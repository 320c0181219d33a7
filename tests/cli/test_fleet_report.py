import io
from dataclasses import replace

import pytest
from fleets import NOW

from policy_lang.catalog.catalog import Catalog
from policy_lang.cli.fleet_report import write_assignment, write_catalog, write_preview
from policy_lang.cli.output import Output
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.report.preview import Wishes, assignment, preview_catalog, preview_policy
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.plan import Rollout


def test_a_preview_names_what_no_table_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    loop = Loop([{"id": "a", "n": 0}, {"n": 5}, {"id": "b", "n": 5}])
    rollout = Rollout(buckets=500_000, max_devices=7, end=NOW)
    report = preview_policy(loop, compile_policy("10 / device.n > 1"), NOW, update={"id": "r"}, rollout=rollout)
    stream = io.StringIO()
    write_preview(report, Output(stream))
    out = stream.getvalue()
    assert "a computation without a result" in out
    assert "matching devices without a usable id" in out
    assert "not counted: at most 7 devices in all" in out
    assert "now                   not running        0" in out


def test_an_empty_fleet_has_its_tables() -> None:
    stream, catalog = io.StringIO(), Catalog.load({"updates": []})
    write_catalog(preview_catalog(Loop([]), catalog, NOW, wishes=Wishes(sample=0)), Output(stream))
    write_assignment(replace(assignment(Loop([]), catalog, NOW), now=None), Output(stream))
    assert "the catalog: the fleet\n" in stream.getvalue()
    assert "none, because" not in stream.getvalue()
