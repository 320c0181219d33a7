from pathlib import Path
from typing import Any

import pytest
import yaml
from stores import NOW, document

from policy_lang.errors import CatalogError
from policy_lang.service.store.audit import Kind, list_entries
from policy_lang.service.store.catalogs import list_updates, load_product
from policy_lang.service.store.database import Database
from policy_lang.service.store.errors import ConflictError
from policy_lang.service.store.products import get_product, list_products
from policy_lang.service.store.reports import record_report
from policy_lang.service.store.sync import SyncReport, create_first_tokens, read_file, sync_catalog
from policy_lang.service.store.tokens import Scope, list_tokens
from policy_lang.service.store.updates import pause_update, resume_update

SCHEMA = {"type": "object", "properties": {"pro": {"type": "boolean"}}}


def row(update_id: str, product: str = "thermostat", version: str = "2.0.0", **fields: Any) -> dict[str, Any]:
    """An update of a file."""
    return document(update_id, version, product=product, **fields)


def sync(
    database: Database, folder: Path, *rows: dict[str, Any], **fields: Any
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """What a file with these updates changes: product, put, removed."""
    file = folder / "catalog.yaml"
    file.write_text(yaml.safe_dump({**fields, "updates": list(rows)}))
    reports = sync_catalog(database, read_file(file), actor="file", now=NOW)
    return [(report.product.id, report.put, report.removed) for report in reports]


def test_a_file_brings_its_products_and_updates(database: Database, tmp_path: Path) -> None:
    rows = [row("a"), row("b", version="2.1.0"), row("c", "lamp")]
    assert sync(database, tmp_path, *rows) == [("lamp", ("c",), ()), ("thermostat", ("b", "a"), ())]
    with database.reading() as connection:
        assert [(product.id, product.revision) for product in list_products(connection)] == [("lamp", 1), ("thermostat", 1)]
        assert [update.id for update in load_product(connection, "thermostat").catalog()] == ["a", "b"]


def test_the_same_file_changes_nothing(database: Database, tmp_path: Path) -> None:
    rows = [row("a", rollout={"percent": 5, "max_devices": 3}, description="x"), row("c", "lamp")]
    sync(database, tmp_path, *rows)
    assert sync(database, tmp_path, *rows) == []


def test_only_differences_are_written(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"), row("b", version="2.1.0"), row("c", "lamp"))
    assert sync(database, tmp_path, row("a", paused=True), row("d", version="2.1.0"), row("c", "lamp")) == [
        ("thermostat", ("d", "a"), ("b",))
    ]
    with database.reading() as connection:
        actions = [entry.entry.document["action"] for entry in list_entries(connection, kind=Kind.CATALOG)]
        assert get_product(connection, "thermostat").revision == 2
    assert actions == ["sync"] * 3


def test_a_product_that_the_file_forgot_offers_nothing(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"), row("c", "lamp"))
    assert sync(database, tmp_path, row("a")) == [("lamp", (), ("c",))]


def test_an_update_that_comes_back(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"), row("b", version="2.1.0"))
    sync(database, tmp_path, row("a"))
    assert sync(database, tmp_path, row("a"), row("b", version="2.1.0")) == [("thermostat", ("b",), ())]


def test_versions_may_change_places(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"), row("b", version="2.1.0"))
    assert sync(database, tmp_path, row("a", version="2.1.0"), row("b")) == [("thermostat", ("a", "b"), ())]
    with database.reading() as connection:
        assert [(each.id, each.document["version"]) for each in list_updates(connection, "thermostat")] == [
            ("a", "2.1.0"),
            ("b", "2.0.0"),
        ]


@pytest.mark.parametrize("beside", [False, True])
def test_a_schema_in_the_file_or_beside_it(database: Database, tmp_path: Path, *, beside: bool) -> None:
    (tmp_path / "schema.yaml").write_text(yaml.safe_dump(SCHEMA))
    sync(database, tmp_path, row("a"))
    sync(database, tmp_path, row("a", policy="device.pro"), schema="schema.yaml" if beside else SCHEMA)
    with database.reading() as connection:
        assert get_product(connection, "thermostat").schema == SCHEMA
    sync(database, tmp_path, row("a", policy="device.other"))
    with database.reading() as connection:
        assert get_product(connection, "thermostat").schema is None
        assert len(load_product(connection, "thermostat").catalog()) == 1


def test_a_file_that_is_wrong_changes_nothing(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"))
    with pytest.raises(CatalogError, match=r"catalog\.yaml:"):
        sync(database, tmp_path, row("a", version="2.1.0"), row("c", "lamp", policy="device.version <"))
    with database.reading() as connection:
        assert [product.id for product in list_products(connection)] == ["thermostat"]


def test_what_failures_paused_stays_paused_until_somebody_resumes_it(database: Database, tmp_path: Path) -> None:
    rollout = {"pause_on_failures": 0}
    sync(database, tmp_path, row("a", rollout=rollout))
    with database.changing() as connection:
        assert record_report(connection, "thermostat", "a", "device-1", is_success=False, now=NOW).has_paused
    assert sync(database, tmp_path, row("a", rollout=rollout)) == []
    sync(database, tmp_path, row("a", rollout=rollout, description="still paused"))
    with database.reading() as connection:
        assert load_product(connection, "thermostat").catalog().updates[0].is_paused
    with database.changing() as connection:
        resume_update(connection, "thermostat", "a", actor="test", now=NOW)
    with database.reading() as connection:
        assert not load_product(connection, "thermostat").catalog().updates[0].is_paused


def test_the_file_has_the_last_word(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"))
    with database.changing() as connection:
        pause_update(connection, "thermostat", "a", actor="test", now=NOW)
    assert sync(database, tmp_path, row("a")) == [("thermostat", ("a",), ())]


def test_an_id_does_not_move_to_another_product(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"))
    with pytest.raises(ConflictError, match=r"^the id `a` is taken$"):
        sync(database, tmp_path, row("a", "lamp"))


def test_each_product_gets_a_first_token_once(database: Database, tmp_path: Path) -> None:
    sync(database, tmp_path, row("a"), row("c", "lamp"))
    new = create_first_tokens(database, actor="serve", now=NOW)
    assert [(each.token.product, each.token.scope) for each in new] == [("lamp", Scope.DEVICE), ("thermostat", Scope.DEVICE)]
    assert create_first_tokens(database, actor="serve", now=NOW) == []
    with database.reading() as connection:
        assert len(list_tokens(connection)) == 2


def test_the_report_has_the_product_as_it_is_now(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(yaml.safe_dump({"updates": [row("a")]}))
    (report,) = sync_catalog(database, read_file(file), actor="file", now=NOW)
    with database.reading() as connection:
        assert report == SyncReport(get_product(connection, "thermostat"), ("a",), ())
