import json
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

import pytest
from service_world import until
from stores import NOW, migrated_url, opened

from policy_lang.errors import CatalogError
from policy_lang.service.catalog_file import CatalogFollower
from policy_lang.service.logs import open_log
from policy_lang.service.store.catalogs import list_updates, load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import UnavailableError

UPDATE = """updates:
  - {{id: lamp-{0}, product: lamp, version: {0}, policy: "true", url: "https://example.com/{0}", checksum: {1}}}
"""


def write(path: Path, version: str) -> None:
    path.write_text(UPDATE.format(version, "ab" * 32))


def offered(database: Database) -> list[str]:
    with database.reading() as connection:
        return [update.id for update in load_product(connection, "lamp").updates]


def test_the_database_becomes_what_the_file_says(tmp_path: Path) -> None:
    file, log = tmp_path / "catalog.yaml", BytesIO()
    write(file, "1.0.0")
    with opened(migrated_url("sqlite", tmp_path)) as database:
        follower = CatalogFollower(database, file, lambda: NOW, open_log(log))
        (report,) = follower.sync()
        assert (report.put, report.removed) == (("lamp-1.0.0",), ())
        assert follower.sync() == []
        follower.start(0.01)
        write(file, "2.0.0")
        until(lambda: offered(database) == ["lamp-2.0.0"])
        file.write_text("updates: {")
        until(lambda: b"catalog file not usable" in log.getvalue())
        file.unlink()
        until(lambda: log.getvalue().count(b"catalog file not usable") == 2)
        write(file, "3.0.0")
        until(lambda: offered(database) == ["lamp-3.0.0"])
        follower.stop()
        write(file, "4.0.0")
        assert offered(database) == ["lamp-3.0.0"]


def test_a_file_that_is_wrong_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text("updates: 7")
    with opened(migrated_url("sqlite", tmp_path)) as database, pytest.raises(CatalogError):
        CatalogFollower(database, tmp_path / "catalog.yaml", lambda: NOW, open_log(BytesIO())).sync()


def test_a_database_that_is_away_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, log = tmp_path / "catalog.yaml", BytesIO()
    write(file, "1.0.0")
    with opened(migrated_url("sqlite", tmp_path)) as database:
        follower = CatalogFollower(database, file, lambda: NOW, open_log(log))
        follower.sync()
        with monkeypatch.context() as patch:
            patch.setattr(Database, "reading", lambda _self: (_ for _ in ()).throw(UnavailableError("gone", "wait")))
            follower.start(0.01)
            write(file, "2.0.0")
            until(lambda: log.getvalue().count(b"catalog file not written") > 1)
        until(lambda: offered(database) == ["lamp-2.0.0"])
        follower.stop()
    assert json.loads(log.getvalue().splitlines()[0])["help"] == "wait"


def test_a_mistake_is_said_once_and_so_is_its_end(tmp_path: Path) -> None:
    file, log = tmp_path / "catalog.yaml", BytesIO()
    (tmp_path / "schema.json").write_text('{"type": "object", "properties": {}}')
    file.write_text(f"schema: schema.json\n{UPDATE.format('1.0.0', 'ab' * 32)}")
    with opened(migrated_url("sqlite", tmp_path)) as database:
        follower = CatalogFollower(database, file, lambda: NOW, open_log(log))
        follower.sync()
        good = file.read_text()
        follower.start(0.01)
        file.write_text("updates: {")  # which names no schema any more, so that other files are watched than before
        until(lambda: b"catalog file not usable" in log.getvalue())
        file.write_text(good)
        until(lambda: b"catalog file usable again" in log.getvalue())
        follower.stop()
        assert offered(database) == ["lamp-1.0.0"]
    first, second = map(json.loads, log.getvalue().splitlines())
    assert first["help"] == "nothing changes for devices; mend the file, and it is read again"
    assert second["level"] == "info"


def test_a_file_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    file, log = tmp_path / "catalog.yaml", BytesIO()
    write(file, "1.0.0")
    with opened(migrated_url("sqlite", tmp_path)) as database:
        follower = CatalogFollower(database, file, lambda: NOW, open_log(log))
        follower.sync()
        follower.start(0.5)
        end = monotonic() + 2
        while monotonic() < end:  # whole catalogs, but never the same for as long as a look takes
            write(file, "2.0.0")
            sleep(0.02)
        write(file, "3.0.0")
        until(lambda: offered(database) == ["lamp-3.0.0"])
        follower.stop()
        with database.reading() as connection:
            assert [update.id for update in list_updates(connection, "lamp", removed=True)] == ["lamp-3.0.0", "lamp-1.0.0"]


def test_a_fault_of_ours_does_not_end_the_following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, log = tmp_path / "catalog.yaml", BytesIO()
    write(file, "1.0.0")
    with opened(migrated_url("sqlite", tmp_path)) as database:
        follower = CatalogFollower(database, file, lambda: NOW, open_log(log))
        follower.sync()
        with monkeypatch.context() as patch:
            patch.setattr(follower, "sync", lambda: 1 // 0)
            follower.start(0.01)
            write(file, "2.0.0")
            until(lambda: b"internal error" in log.getvalue())
        until(lambda: offered(database) == ["lamp-2.0.0"])
        follower.stop()
