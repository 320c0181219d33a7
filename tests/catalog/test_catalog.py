from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.errors import CatalogError
from policy_lang.options import DEFAULT_OPTIONS, Options
from policy_lang.rollout.plan import Rollout

PATH = Path(__file__).parents[1] / "data" / "catalogs" / "thermostat.yaml"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load(PATH)


def test_the_updates_stand_in_the_order_of_the_file(catalog: Catalog) -> None:
    ids = ["thermostat-2.0", "thermostat-1.10", "door-lock-1.9"]
    assert [update.id for update in catalog.updates] == ids
    assert [update.id for update in catalog] == ids
    assert len(catalog) == 3
    assert repr(catalog) == "Catalog(thermostat-2.0, thermostat-1.10, door-lock-1.9)"


def test_every_field_is_read(catalog: Catalog) -> None:
    update = catalog.updates[0]
    assert (update.product, str(update.version), update.channel) == ("thermostat", "2.0.0", "stable")
    assert update.description == "The second generation"
    assert update.published == datetime(2026, 4, 28, 8, tzinfo=UTC)
    assert update.url == "https://updates.example.com/thermostat/2.0.0.bin"
    assert update.checksum == "000102030405060708090a0b0c0d0e0f" * 2
    assert update.policy.text.startswith("// only what fits\n")
    assert not update.is_paused
    assert not update.allows_downgrade
    assert update.rollout == Rollout(
        buckets=125_000,
        ramp=timedelta(days=7),
        start=datetime(2026, 5, 1, tzinfo=UTC),
        end=datetime(2026, 6, 1, tzinfo=UTC),
        max_devices=1_000,
        max_per_period=50,
        period=timedelta(hours=1),
    )


def test_flags_and_a_policy_that_is_a_bool_are_read(catalog: Catalog) -> None:
    assert catalog.updates[1].policy.text == "true"
    assert catalog.updates[2].is_paused
    assert catalog.updates[2].allows_downgrade


def test_a_product_has_its_updates_newest_first() -> None:
    catalog = Catalog.load(
        {
            "updates": [
                {
                    "id": version,
                    "product": "thermostat",
                    "version": version,
                    "policy": "true",
                    "url": "https://example.com/x.bin",
                    "checksum": "00" * 32,
                }
                for version in ("1.9.0", "2.0.0-rc.1", "1.10.0", "2.0.0", "1.9.1+x")
            ]
        }
    )
    assert [update.id for update in catalog.for_product("thermostat")] == ["2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.1+x", "1.9.0"]


def test_products_are_compared_exactly(catalog: Catalog) -> None:
    assert catalog.products == ("door-lock", "thermostat")
    assert [update.id for update in catalog.for_product("door-lock")] == ["door-lock-1.9"]
    assert catalog.for_product("Door-Lock") == ()


def test_an_update_is_found_by_its_id(catalog: Catalog) -> None:
    assert catalog.find("thermostat-1.10") is catalog.updates[1]
    assert catalog.find("thermostat") is None


def test_a_catalog_knows_how_it_was_read(catalog: Catalog) -> None:
    assert catalog.options is DEFAULT_OPTIONS
    assert "memory" in catalog.schema.device.members
    assert catalog.document is not None
    assert catalog.document.source.name == str(PATH)
    lenient = Options(lenient_versions=True)
    assert Catalog.load({"updates": []}, options=lenient).options is lenient
    assert Catalog.load({"updates": []}).document is None


def test_an_empty_catalog_offers_nothing() -> None:
    catalog = Catalog.load({"updates": []})
    assert (catalog.updates, catalog.products, len(catalog)) == ((), (), 0)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("catalog.yaml", "updates: [", "PL502"),
        ("catalog.yaml", "updates: []\nupdates: []", "PL503"),
        ("catalog.json", '{"updates": [],}', "PL502"),
        ("catalog.txt", "updates: []", "PL501"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_catalog_error(tmp_path: Path, name: str, text: str, code: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(CatalogError) as caught:
        Catalog.load(str(path))
    assert [each.code for each in caught.value.diagnostics] == [code]
    assert caught.value.diagnostics[0].source is not None
    assert caught.value.diagnostics[0].source.name == str(path)


def test_a_missing_file_is_a_catalog_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="does not exist"):
        Catalog.load(tmp_path / "catalog.yaml")
