from typing import Any

import pytest
from stores import NOW, document, stock

from policy_lang.errors import CatalogError, SchemaError
from policy_lang.service.store.audit import list_entries
from policy_lang.service.store.catalogs import StoredUpdate, catalog_changes_since, get_update, list_updates, load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError, NotFoundError
from policy_lang.service.store.products import get_product, read_revisions
from policy_lang.service.store.updates import (
    change_policy,
    change_schema,
    pause_update,
    put_update,
    remove_update,
    resume_update,
    verify_update,
)

WHO: dict[str, Any] = {"actor": "test", "now": NOW}
SCHEMA = {"type": "object", "properties": {"pro": {"type": "boolean"}}}


def put(database: Database, *documents: dict[str, Any], product: str = "thermostat", **options: Any) -> list[StoredUpdate]:
    """Put updates, each in a change of its own."""
    found = []
    for each in documents:
        with database.changing() as connection:
            found.append(put_update(connection, product, each, actor="test", now=NOW, **options))
    return found


def offered(database: Database) -> dict[str, str]:
    """The catalog that devices are served from: version by id."""
    with database.reading() as connection:
        return {update.id: str(update.version) for update in load_product(connection, "thermostat").catalog()}


def revision(database: Database) -> int:
    """The revision of the catalog."""
    with database.reading() as connection:
        return read_revisions(connection).products["thermostat"]


def test_an_update_is_put_as_the_catalog_has_it(database: Database) -> None:
    stock(database)
    (update,) = put(database, document(description="better", rollout={"max_devices": 5, "pause_on_failures": 2}))
    assert (update.id, update.product, update.revision, update.pause_on_failures) == ("release-7", "thermostat", 1, 2)
    assert update.document["product"] == "thermostat"
    assert update.document["rollout"] == {"max_devices": 5, "pause_on_failures": 2}
    with database.reading() as connection:
        assert get_update(connection, "thermostat", "release-7") == update
    assert offered(database) == {"release-7": "2.0.0"}


def test_the_same_id_takes_the_place(database: Database) -> None:
    stock(database, document())
    put(database, document(version="2.1.0"))
    assert offered(database) == {"release-7": "2.1.0"}


def test_each_change_is_a_revision_with_a_row_of_the_audit(database: Database) -> None:
    stock(database, document())
    with database.changing() as connection:
        pause_update(connection, "thermostat", "release-7", **WHO)
        resume_update(connection, "thermostat", "release-7", **WHO)
        change_policy(connection, "thermostat", "release-7", "device.pro", **WHO)
        remove_update(connection, "thermostat", "release-7", **WHO)
        change_schema(connection, "thermostat", SCHEMA, **WHO)
    with database.reading() as connection:
        rows = [row.entry for row in reversed(list_entries(connection)) if row.entry.kind == "catalog"]
        digest = get_product(connection, "thermostat").digest
    assert [row.document["action"] for row in rows] == ["put", "pause", "resume", "policy", "remove", "schema"]
    assert [row.revision for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.update_id for row in rows] == ["release-7"] * 5 + [None]
    assert rows[-1].document["digest"] == digest


def test_what_changes_nothing_is_no_revision(database: Database) -> None:
    stock(database, document())
    with database.changing() as connection:
        resume_update(connection, "thermostat", "release-7", **WHO)
        verify_update(connection, "thermostat", "release-7", **WHO)
        pause_update(connection, "thermostat", "release-7", **WHO)
        pause_update(connection, "thermostat", "release-7", **WHO)
    assert revision(database) == 2


def test_a_paused_update_is_in_the_catalog_as_paused(database: Database) -> None:
    stock(database, document())
    with database.changing() as connection:
        assert pause_update(connection, "thermostat", "release-7", **WHO).document["paused"]
    with database.reading() as connection:
        (update,) = load_product(connection, "thermostat").catalog()
    assert update.is_paused
    with database.changing() as connection:
        resumed = resume_update(connection, "thermostat", "release-7", **WHO)
    assert (resumed.document["paused"], resumed.round) == (False, 1)


def test_a_removed_update_keeps_its_id(database: Database) -> None:
    stock(database, document())
    stock(database, product="lamp")
    with database.changing() as connection:
        remove_update(connection, "thermostat", "release-7", **WHO)
    assert offered(database) == {}
    with pytest.raises(ConflictError, match=r"^the id `release-7` is taken$"):
        put(database, document(), product="lamp")
    with pytest.raises(NotFoundError, match=r"^the update `release-7` was removed$"), database.changing() as connection:
        pause_update(connection, "thermostat", "release-7", **WHO)
    put(database, document())
    assert offered(database) == {"release-7": "2.0.0"}


def test_a_removed_update_gives_its_version_away(database: Database) -> None:
    stock(database, document())
    with database.changing() as connection:
        remove_update(connection, "thermostat", "release-7", **WHO)
    put(database, document("release-8"))
    with pytest.raises(CatalogError, match="have the same precedence"):
        put(database, document())


def test_an_update_whose_image_is_not_verified_is_not_offered(database: Database) -> None:
    stock(database)
    image = {"store": "eu", "key": "thermostat/7.bin", "size": 5}
    (update,) = put(database, document(), image=image, is_verified=False)
    assert (update.image, update.is_offered) == (image, False)
    assert offered(database) == {}
    with database.changing() as connection:
        assert verify_update(connection, "thermostat", "release-7", **WHO).is_offered
    assert offered(database) == {"release-7": "2.0.0"}


def test_another_policy_keeps_the_image(database: Database) -> None:
    stock(database)
    image = {"store": "eu", "key": "thermostat/7.bin", "size": 5}
    put(database, document(), image=image)
    with database.changing() as connection:
        changed = change_policy(connection, "thermostat", "release-7", "device.pro", **WHO)
    assert (changed.image, changed.document["policy"]) == (image, "device.pro")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"policy": "device.version <"}, "PL1"),
        ({"policy": None}, "PL50"),
        ({"version": "2.0"}, "is not valid"),
        ({"url": "http://example.com/x"}, "https"),
        ({"colour": "red"}, "PL50"),
        ({"rollout": {"max_devices": -1}}, "PL50"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_changes(database: Database, wrong: dict[str, Any], message: str) -> None:
    stock(database, document("release-6", "1.9.0"))
    with pytest.raises(CatalogError, match=message):
        put(database, document(**wrong))
    assert (revision(database), offered(database)) == (1, {"release-6": "1.9.0"})


def test_what_contradicts_the_rest_of_the_catalog_is_refused(database: Database) -> None:
    stock(database, document("release-6"))
    with pytest.raises(CatalogError) as error:
        put(database, document("release-7", "2.0.0+build.7"))
    assert [each.code for each in error.value.diagnostics] == ["PL509"]
    assert "`2.0.0` of `release-6`" in error.value.diagnostics[0].message


def test_a_policy_is_checked_against_the_schema_of_the_product(database: Database) -> None:
    stock(database)
    with database.changing() as connection:
        change_schema(connection, "thermostat", SCHEMA, **WHO)
    with pytest.raises(CatalogError, match=r"device\.por"):
        put(database, document(policy="device.por"))


def test_a_schema_that_a_policy_does_not_fit_is_refused(database: Database) -> None:
    stock(database, document(policy="device.pro > 7"))
    with pytest.raises(CatalogError, match="PL2"), database.changing() as connection:
        change_schema(connection, "thermostat", SCHEMA, **WHO)
    with pytest.raises(SchemaError), database.changing() as connection:
        change_schema(connection, "thermostat", {"type": "thing"}, **WHO)
    assert revision(database) == 1


def test_an_update_of_another_product_is_not_there(database: Database) -> None:
    stock(database, document())
    stock(database, product="lamp")
    with pytest.raises(ConflictError, match=r"^the update is for the product `lamp`, not `thermostat`$"):
        put(database, document("release-8", "2.1.0", product="lamp"))
    with pytest.raises(ConflictError, match=r"^the id `release-7` is taken$"):
        put(database, document(), product="lamp")
    for act in (pause_update, resume_update, remove_update, verify_update):
        with pytest.raises(NotFoundError, match=r"^there is no update `release-7`$"), database.changing() as connection:
            act(connection, "lamp", "release-7", **WHO)


def test_changes_since_a_revision_make_the_catalog_of_now(database: Database) -> None:
    stock(database, document("a", "1.0.0"), document("b", "2.0.0"), document("c", "3.0.0"))
    with database.reading() as connection:
        before = load_product(connection, "thermostat")
    with database.changing() as connection:
        remove_update(connection, "thermostat", "a", **WHO)
        pause_update(connection, "thermostat", "b", **WHO)
        put_update(connection, "thermostat", document("d", "1.0.0"), **WHO)
        put_update(connection, "thermostat", document("e", "4.0.0"), **WHO)
        remove_update(connection, "thermostat", "e", **WHO)
    with database.reading() as connection:
        changes = catalog_changes_since(connection, "thermostat", before.product.revision)
        now = load_product(connection, "thermostat")
    assert ({each.id for each in changes.put}, set(changes.removed)) == ({"b", "d"}, {"a", "e"})
    assert changes.product == now.product
    changed = changes.applied_to(before.catalog())
    assert {update.id: update.to_plain() for update in changed} == {update.id: update.to_plain() for update in now.catalog()}


def test_nothing_changed_since_now(database: Database) -> None:
    stock(database, document())
    with database.reading() as connection:
        changes = catalog_changes_since(connection, "thermostat", 1)
    assert (changes.put, changes.removed) == ((), ())


def test_updates_are_listed_from_the_newest_version_on(database: Database) -> None:
    stock(database, document("a", "1.9.0"), document("b", "1.10.0"), document("c", "1.10.0-rc.1"))
    with database.changing() as connection:
        remove_update(connection, "thermostat", "a", **WHO)
    with database.reading() as connection:
        assert [each.id for each in list_updates(connection, "thermostat")] == ["b", "c"]
        assert [each.id for each in list_updates(connection, "thermostat", removed=True)] == ["b", "c", "a"]
