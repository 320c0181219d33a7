from pathlib import Path

import pytest
from fleets import SCHEMA, compiled

from policy_lang.cli import fleets
from policy_lang.cli.exits import MisuseError
from policy_lang.cli.fleets import open_survey
from policy_lang.fleet import extras
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.sources import open_fleet
from policy_lang.fleet.survey import Result


def _fleet(folder: Path) -> Path:
    file = folder / "fleet.ndjson"
    file.write_text('{"id": "a", "model": "X1"}\n{"id": "b", "model": "Y1"}\n')
    return file


def test_a_small_fleet_needs_no_engine(tmp_path: Path) -> None:
    with open_survey(_fleet(tmp_path), SCHEMA) as survey:
        assert isinstance(survey, Loop)


def test_a_large_one_is_asked_through_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "LARGEST_LOOP", 1)
    with open_survey(_fleet(tmp_path), SCHEMA) as survey:
        assert not isinstance(survey, Loop)
        assert survey.tally([Result(compiled("device.model == /^X[0-9]/"))]) == {(True,): 1, (False,): 1}


def test_what_the_engine_cannot_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "LARGEST_LOOP", 1)
    monkeypatch.setitem(open_fleet.__kwdefaults__ or {}, "limits", Limits(most_distinct=1))
    policy = compiled("device.model.toLowerCase() == 'x1'")
    with pytest.raises(MisuseError, match="cannot decide"), open_survey(_fleet(tmp_path), None) as survey:
        survey.tally([Result(policy)])


def test_an_engine_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "LARGEST_LOOP", 1)
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(MisuseError, match="needs duckdb, which is not installed"), open_survey(_fleet(tmp_path), None):
        pass
