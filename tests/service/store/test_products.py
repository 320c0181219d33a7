import pytest
from stores import NOW, document, stock

from policy_lang.errors import CatalogError, SchemaError
from policy_lang.service.store.audit import list_entries
from policy_lang.service.store.catalogs import load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError, NotFoundError
from policy_lang.service.store.products import FIRST_DIGEST, Product, add_product, get_product, list_products, read_revisions

SCHEMA = {"type": "object", "properties": {"pro": {"type": "boolean"}}}


def test_a_product_is_added_with_an_empty_catalog(database: Database) -> None:
    with database.changing() as connection:
        added = add_product(connection, "thermostat", schema=SCHEMA, actor="test", now=NOW)
    with database.reading() as connection:
        assert get_product(connection, "thermostat") == added == Product("thermostat", SCHEMA, 0, FIRST_DIGEST, NOW)
        assert len(load_product(connection, "thermostat").catalog()) == 0
        (row,) = list_entries(connection)
    assert (row.entry.kind, row.entry.product, row.entry.document) == ("product", "thermostat", {"schema": SCHEMA})


def test_products_are_listed_by_id(database: Database) -> None:
    for product in ("b", "a", "ä"):
        stock(database, product=product)
    with database.reading() as connection:
        assert [product.id for product in list_products(connection)] == ["a", "b", "ä"]


def test_revisions_tell_what_changed(database: Database) -> None:
    stock(database, document("a"), product="a")
    stock(database, product="b")
    with database.reading() as connection:
        revisions = read_revisions(connection)
    assert (revisions.products, revisions.tokens) == ({"a": 1, "b": 0}, 0)


def test_an_id_is_taken_once(database: Database) -> None:
    stock(database)
    with pytest.raises(ConflictError, match=r"^there is a product `thermostat` already$"), database.changing() as connection:
        add_product(connection, "thermostat", actor="test", now=NOW)


@pytest.mark.parametrize("product", ["", " ", "\ud800"])
def test_an_id_is_a_text_that_can_be_sent(database: Database, product: str) -> None:
    with pytest.raises(CatalogError, match="is no id of a product"), database.changing() as connection:
        add_product(connection, product, actor="test", now=NOW)


def test_a_schema_is_one(database: Database) -> None:
    with pytest.raises(SchemaError), database.changing() as connection:
        add_product(connection, "thermostat", schema={"type": "thing"}, actor="test", now=NOW)


@pytest.mark.parametrize("product", ["lamp", "\0", "\ud800", "x" * 5000])
def test_a_product_that_is_not_there(database: Database, product: str) -> None:
    with pytest.raises(NotFoundError, match=r"^there is no product `"), database.reading() as connection:
        get_product(connection, product)
