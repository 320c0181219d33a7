import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policy_lang.errors import CatalogError
from policy_lang.service.images.folder import FolderStore
from policy_lang.service.images.model import Advance, ImageError, ImageLocation
from policy_lang.service.images.publish import Published, Release, locate, plan, publish
from policy_lang.service.images.settings import FolderImages
from policy_lang.service.store.audit import list_entries
from policy_lang.service.store.catalogs import StoredUpdate, get_update, list_updates, load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError, NotFoundError
from policy_lang.service.store.products import add_product
from policy_lang.service.store.updates import pause_update, put_update, remove_update

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
RELEASE: dict[str, Any] = {"id": "atlas-2.4.0", "version": "2.4.0", "policy": "device.region == 'eu'"}


class Watching:
    """Remembers what it was told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.stages: dict[str, list[int]] = {}

    def __call__(self, stage: str, total: int) -> Advance:
        """Another stage."""
        steps = self.stages.setdefault(stage, [total])
        return steps.append


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(f"sqlite:///{tmp_path / 'policy.db'}")) as database:
        database.migrate()
        with database.changing() as connection:
            for product in ("atlas", "beacon"):
                add_product(connection, product, actor="tests", now=NOW)
        yield database


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore("here", FolderImages(path=str(tmp_path / "images"), url="https://updates.example.com"))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    image = tmp_path / "image.bin"
    image.write_bytes(os.urandom(100_000))
    return image


def _release(**others: Any) -> Release:
    return Release("atlas", RELEASE | others, "tests", NOW)


def _publish(image: Path, store: FolderStore, database: Database, **others: Any) -> Published:
    return publish(image, _release(**others), store, database, Watching())


def _updates(database: Database) -> list[StoredUpdate]:
    with database.reading() as connection:
        return list_updates(connection, "atlas", removed=True)


def test_an_image_is_stored_and_its_update_offered(image: Path, store: FolderStore, database: Database) -> None:
    watch = Watching()
    done = publish(image, _release(), store, database, watch)
    with database.reading() as connection:
        stored = get_update(connection, "atlas", "atlas-2.4.0")
        (update,) = load_product(connection, "atlas").catalog()
        (entry, _) = list_entries(connection, product="atlas")
    assert done == Published(stored, done.location, is_new=True)
    assert update.url == f"https://updates.example.com/images/here/{done.location.key}"
    assert update.checksum == done.location.checksum
    assert stored.image == done.location.to_plain()
    assert done.location.belongs_to("atlas")
    assert entry.entry.actor == "tests"
    assert watch.stages == {name: [100_000, 100_000] for name in ("hashing", "uploading")} | {"verifying": [100_000, 100_000]}


def test_publishing_the_same_again_changes_nothing(image: Path, store: FolderStore, database: Database) -> None:
    first = _publish(image, store, database)
    with database.changing() as connection:
        pause_update(connection, "atlas", "atlas-2.4.0", actor="tests", now=NOW)
    again = _publish(image, store, database, published="2026-05-02T09:00:00Z")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.update.document["paused"] is True


def test_another_image_never_takes_the_place_of_a_published_one(image: Path, store: FolderStore, database: Database) -> None:
    first = _publish(image, store, database)
    image.write_bytes(b"others")
    with pytest.raises(ConflictError, match=r"there is an update `atlas-2.4.0` already, and it is not the same"):
        _publish(image, store, database)
    store.verify(first.location)
    assert [each.document["checksum"] for each in _updates(database)] == [first.location.checksum]


def test_what_was_removed_comes_back_with_the_same_image_only(image: Path, store: FolderStore, database: Database) -> None:
    _publish(image, store, database)
    with database.changing() as connection:
        remove_update(connection, "atlas", "atlas-2.4.0", actor="tests", now=NOW)
    assert _publish(image, store, database).is_new
    with database.changing() as connection:
        remove_update(connection, "atlas", "atlas-2.4.0", actor="tests", now=NOW)
    image.write_bytes(b"others")
    with pytest.raises(ConflictError):
        _publish(image, store, database)


def test_an_image_that_is_damaged_in_the_store_is_stored_again(
    image: Path, store: FolderStore, database: Database, tmp_path: Path
) -> None:
    done = _publish(image, store, database)
    (tmp_path / "images" / done.location.key).write_bytes(b"damaged")
    assert not _publish(image, store, database).is_new
    store.verify(done.location)


@pytest.mark.parametrize(
    ("others", "error"),
    [
        ({"policy": "device.region ="}, CatalogError),
        ({"version": "2.4"}, CatalogError),
        ({"rollout": {"percent": 101}}, CatalogError),
        ({"product": "beacon"}, ConflictError),
    ],
    ids=["policy", "version", "rollout", "product"],
)
def test_what_the_catalog_refuses_is_never_sent(
    others: dict[str, Any], error: type[Exception], image: Path, store: FolderStore, database: Database, tmp_path: Path
) -> None:
    with pytest.raises(error):
        _publish(image, store, database, **others)
    assert not (tmp_path / "images").exists()
    assert _updates(database) == []


def test_two_versions_of_the_same_precedence_are_refused(image: Path, store: FolderStore, database: Database) -> None:
    _publish(image, store, database)
    with pytest.raises(CatalogError, match="the same precedence"):
        _publish(image, store, database, id="other", version="2.4.0+build.7")


def test_an_id_of_another_product_is_taken(image: Path, store: FolderStore, database: Database) -> None:
    document = {**RELEASE, "url": "https://example.com/1.bin", "checksum": "00" * 32}
    with database.changing() as connection:
        put_update(connection, "beacon", document, actor="tests", now=NOW)
    with pytest.raises(ConflictError, match=r"the id `atlas-2.4.0` is taken"):
        _publish(image, store, database)


def test_a_product_has_to_exist(image: Path, store: FolderStore, database: Database) -> None:
    with pytest.raises(NotFoundError, match="there is no product `none`"):
        publish(image, Release("none", RELEASE, "tests", NOW), store, database, Watching())


def test_a_plan_sends_and_records_nothing(image: Path, store: FolderStore, database: Database, tmp_path: Path) -> None:
    planned = plan(_release(), store, locate(image, "atlas", store, Watching()), database)
    assert planned.is_new
    assert not (tmp_path / "images").exists()
    assert _updates(database) == []


class _Forgetful(FolderStore):
    """A store that changes a byte of what it is given."""

    def upload(self, path: Path, key: str, sha256: str, size: int, advance: Advance | None = None) -> ImageLocation:
        """Store, and damage."""
        location = super().upload(path, key, sha256, size, advance)
        stored = self._root / key
        stored.write_bytes(b"!" + stored.read_bytes()[1:])
        return location


def test_a_store_that_loses_a_byte_is_found_out_in_time(image: Path, database: Database, tmp_path: Path) -> None:
    store = _Forgetful("here", FolderImages(path=str(tmp_path / "images"), url="https://updates.example.com"))
    with pytest.raises(ImageError, match="hashes to"):
        _publish(image, store, database)
    assert _updates(database) == []


class _Slow(FolderStore):
    """A store that takes so long that somebody else publishes meanwhile."""

    database: Database

    def upload(self, path: Path, key: str, sha256: str, size: int, advance: Advance | None = None) -> ImageLocation:
        """Store, after another update."""
        document = {**RELEASE, "id": "faster", "url": "https://example.com/1.bin", "checksum": "00" * 32}
        with self.database.changing() as connection:
            put_update(connection, "atlas", document, actor="somebody", now=NOW)
        return super().upload(path, key, sha256, size, advance)


def test_a_catalog_that_changes_meanwhile_is_asked_again(image: Path, database: Database, tmp_path: Path) -> None:
    store = _Slow("here", FolderImages(path=str(tmp_path / "images"), url="https://updates.example.com"))
    store.database = database
    with pytest.raises(CatalogError, match="the same precedence"):
        _publish(image, store, database)
    assert [each.id for each in _updates(database)] == ["faster"]


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from policy_lang.service.images import publish as publishing
from policy_lang.service.images.folder import FolderStore
from policy_lang.service.images.settings import FolderImages
from policy_lang.service.store.database import Database

folder, moment = Path(sys.argv[1]), sys.argv[2]

class Killed(FolderStore):
    uploads = 0

    def upload(self, *arguments):
        stop = (lambda _count: os.kill(os.getpid(), signal.SIGKILL)) if moment == "upload" else None
        self.uploads += 1
        return super().upload(*arguments[:4], stop)

    def verify(self, *arguments):
        if moment == "verify" and self.uploads:
            os.kill(os.getpid(), signal.SIGKILL)
        super().verify(*arguments)

if moment == "record":
    publishing._record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store = Killed("here", FolderImages(path=str(folder / "images"), url="https://updates.example.com"))
document = {"id": "atlas-2.4.0", "version": "2.4.0", "policy": "device.region == 'eu'"}
release = publishing.Release("atlas", document, "tests", datetime(2026, 5, 1, 9, tzinfo=UTC))
database = Database(f"sqlite:///{folder / 'policy.db'}")
publishing.publish(folder / "image.bin", release, store, database, lambda _stage, _total: lambda _count: None)
"""


@pytest.mark.parametrize("moment", ["upload", "verify", "record"])
def test_a_kill_before_the_record_leaves_nothing_that_is_offered(
    moment: str, image: Path, store: FolderStore, database: Database, tmp_path: Path
) -> None:
    run = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), moment], capture_output=True, timeout=60, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert _updates(database) == []
    with database.reading() as connection:
        assert len(load_product(connection, "atlas").catalog()) == 0
    done = _publish(image, store, database)
    store.verify(done.location)
    assert [each.id for each in _updates(database)] == ["atlas-2.4.0"]
