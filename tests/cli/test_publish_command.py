import json
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policy_lang.service.store.catalogs import list_updates
from policy_lang.service.store.database import Database
from policy_lang.service.store.products import add_product

NOW = "2026-05-01T09:00:00Z"
Run = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an image, settings and a database that knows one product."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "image.bin").write_bytes(os.urandom(5000))
    (tmp_path / "canary.policy").write_text("device.region == 'eu'\n")
    (tmp_path / "policy.toml").write_text(
        'database = "sqlite:///policy.db"\n[images.here]\nkind = "folder"\npath = "images"\nurl = "https://updates.example.com"\n'
    )
    with closing(Database("sqlite:///policy.db")) as database:
        database.migrate()
        schema = {"properties": {"region": {"type": "string", "enum": ["eu", "us"]}}}
        with database.changing() as connection:
            add_product(connection, "atlas", schema=schema, actor="tests", now=datetime(2026, 5, 1, tzinfo=UTC))
    return tmp_path


def _run(*arguments: str) -> int:
    from policy_lang.cli import main  # noqa: PLC0415  it is the command line

    return main(["publish", "image.bin", "--product", "atlas", "--config", "policy.toml", "--now", NOW, *arguments])


def _documents() -> list[Any]:
    with closing(Database("sqlite:///policy.db")) as database, database.reading() as connection:
        return [update.document for update in list_updates(connection, "atlas")]


@pytest.mark.usefixtures("folder")
def test_an_image_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    code = _run("--version", "2.4.0", "--policy", "device.region == 'eu'", "--percent", "5", "--max-devices", "100")
    shown = capsys.readouterr()
    (document,) = _documents()
    assert code == 0
    assert shown.out.startswith("atlas-2.4.0: published\n  product atlas 2.4.0\n  image   5,000 bytes in `here`\n")
    assert "  rollout percent 5, max_devices 100\n" in shown.out
    assert document["rollout"] == {"percent": 5, "max_devices": 100}
    assert document["published"] == NOW


@pytest.mark.usefixtures("folder")
def test_every_option_reaches_the_catalog(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--channel", "beta", "--description", "a fix", "--downgrade", "--paused", "--id", "release-7", "--store", "here")
    limits = ("--max-per-period", "10", "--period", "1d", "--pause-on-failures", "3", "--ramp", "4d", "--percent", "50")
    assert _run("--version", "2.4.0", "--policy-file", "canary.policy", *options, *limits, "-f", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["state"] == "published"
    assert answer["update"] == _documents()[0]
    assert answer["update"].items() >= {"id": "release-7", "channel": "beta", "downgrade": "allow", "paused": True}.items()
    assert answer["update"]["rollout"] == {
        "percent": 50,
        "ramp": "P4D",
        "start": NOW,
        "max_per_period": 10,
        "period": "P1D",
        "pause_on_failures": 3,
    }
    assert answer["image"]["store"] == "here"
    assert (Path("images") / answer["image"]["key"]).read_bytes() == Path("image.bin").read_bytes()


@pytest.mark.usefixtures("folder")
def test_publishing_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert [_run("--version", "2.4.0", "--policy", "true") for _ in range(2)] == [0, 0]
    assert "atlas-2.4.0: unchanged" in capsys.readouterr().out


def test_a_dry_run_sends_and_records_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--version", "2.4.0", "--policy", "device.region == 'eu'", "--dry-run") == 0
    assert capsys.readouterr().out.startswith("atlas-2.4.0: dry run\n")
    assert not (folder / "images").exists()
    assert _documents() == []


def test_a_policy_with_errors_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--version", "2.4.0", "--policy", "device.region == 'uk'") == 1
    shown = capsys.readouterr()
    assert shown.out == "image.bin: refused, the policy has errors\n"
    assert "--policy:1:18: error[PL" in shown.err
    assert _run("--version", "2.4.0", "--policy", "device.region == 'uk'", "-f", "json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["state"], answer["update"], answer["findings"][0]["severity"]) == ("refused", None, "error")
    assert not (folder / "images").exists()


@pytest.mark.usefixtures("folder")
def test_warnings_are_shown_and_do_not_stop_anything(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--version", "2.4.0", "--policy", "!!(device.region == 'eu')") == 0
    assert "PL3" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--version", "2.4.0"), "an update has one policy"),
        (("--version", "2.4.0", "--policy", "true", "--policy-file", "canary.policy"), "an update has one policy"),
        (("--version", "2.4", "--policy", "true"), "`version`"),
        (("--version", "2.4.0", "--policy", "true", "--store", "there"), "the settings have no images `there`"),
        (("--version", "2.4.0", "--policy", "true", "--product", "none"), "there is no product `none`"),
        (("--version", "2.4.0", "--policy", "true", "--database", "sqlite:///none.db"), "there is no such database"),
        (("--version", "2.4.0", "--policy", "true", "--config", "none.toml"), "none.toml: cannot be read"),
        (("--version", "2.4.0", "--policy", "true", "--period", "1d"), "`max_per_period`"),
        (("--version", "2.4.0", "--policy", "true", "--percent", "101"), "`--percent`"),
    ],
)
def test_what_cannot_be_is_explained(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(*arguments) == 2
    assert message in capsys.readouterr().err
    assert _documents() == []


def test_an_image_that_is_not_there_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "image.bin").unlink()
    assert _run("--version", "2.4.0", "--policy", "true") == 2
    assert "the image `image.bin` cannot be read" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_an_id_that_is_taken_is_not_given_away(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--version", "2.4.0", "--policy", "true") == 0
    assert _run("--version", "2.4.0", "--policy", "device.region == 'eu'") == 2
    assert "there is an update `atlas-2.4.0` already" in capsys.readouterr().err


def test_a_catalog_in_a_file_is_changed_in_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "policy.toml").write_text('catalog = "catalog.yaml"\n' + (folder / "policy.toml").read_text())
    assert _run("--version", "2.4.0", "--policy", "true") == 2
    assert "the catalog is kept in a file" in capsys.readouterr().err
    assert _documents() == []
