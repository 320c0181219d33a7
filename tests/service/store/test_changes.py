from dataclasses import replace

import pytest
from stores import NOW, document, stock

from policy_lang.errors import CatalogError
from policy_lang.service.store.catalogs import get_update, load_product
from policy_lang.service.store.changes import Change, NewUpdate, find_updates, put_documents, write
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError
from policy_lang.service.store.products import get_product
from policy_lang.service.store.updates import put_updates


def test_many_updates_are_one_revision(database: Database) -> None:
    stock(database, document("a", "1.0.0"))
    many = [document(f"n{number}", f"3.{number}.0") for number in range(1200)]
    with database.changing() as connection:
        put = put_updates(connection, "thermostat", many, actor="test", now=NOW)
    assert {each.revision for each in put} == {2}
    with database.reading() as connection:
        state = load_product(connection, "thermostat")
        assert len(find_updates(connection, [each["id"] for each in many])) == 1200
    assert (state.product.revision, len(state.updates)) == (2, 1201)


def test_no_update_is_no_revision(database: Database) -> None:
    stock(database)
    with database.changing() as connection:
        assert put_updates(connection, "thermostat", [], actor="test", now=NOW) == []
        assert get_product(connection, "thermostat").revision == 0


def test_versions_may_change_places(database: Database) -> None:
    stock(database, document("a", "1.0.0"), document("b", "2.0.0"))
    with database.changing() as connection:
        put_updates(connection, "thermostat", [document("a", "2.0.0"), document("b", "1.0.0")], actor="test", now=NOW)
    with database.reading() as connection:
        assert [update.id for update in load_product(connection, "thermostat").catalog().for_product("thermostat")] == ["a", "b"]


def test_new_updates_contradict_each_other(database: Database) -> None:
    stock(database)
    for second in (document("a", "2.1.0"), document("b")):
        with pytest.raises(CatalogError) as error, database.changing() as connection:
            put_updates(connection, "thermostat", [document("a"), second], actor="test", now=NOW)
        assert [each.code for each in error.value.diagnostics] in (["PL508"], ["PL509"])


def test_an_id_that_another_product_took_meanwhile(database: Database) -> None:
    """Two products are changed under two locks, so the database itself has the last word about an id."""
    stock(database, document())
    stock(database, product="lamp")
    with database.changing() as connection:
        lamp = get_product(connection, "lamp", locked=True)
        (new,) = put_documents(connection, lamp, [NewUpdate(document("free"))])
        with pytest.raises(ConflictError, match=r"^the id `release-7` is taken$"):
            write(connection, lamp, [replace(new, id="release-7")], Change("put", "test", NOW))
    with database.reading() as connection:
        assert get_update(connection, "thermostat", "release-7").product == "thermostat"
