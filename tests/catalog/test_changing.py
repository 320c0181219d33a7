from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.errors import CatalogError


def update(number: int, version: str, product: str = "router", policy: str = "device.pro == true") -> dict[str, Any]:
    return {
        "id": f"release-{number}",
        "product": product,
        "version": version,
        "policy": policy,
        "url": f"https://example.com/{number}.bin",
        "checksum": f"{number:064x}",
    }


CATALOG = Catalog.load({"updates": [update(1, "1.0.0"), update(2, "2.0.0"), update(3, "1.0.0", "camera")]})


def ids(catalog: Catalog, product: str = "router") -> list[str]:
    return [each.id for each in catalog.for_product(product)]


def test_an_update_is_added_at_the_end_and_in_the_order_of_versions() -> None:
    changed = CATALOG.changing([update(4, "1.5.0")])
    assert [each.id for each in changed] == ["release-1", "release-2", "release-3", "release-4"]
    assert ids(changed) == ["release-2", "release-4", "release-1"]
    assert changed.find("release-4") is changed.updates[3]
    assert ids(CATALOG) == ["release-2", "release-1"]


def test_an_update_is_replaced_where_it_stands() -> None:
    changed = CATALOG.changing([update(1, "3.0.0", policy="device.pro == false")])
    assert [each.id for each in changed] == ["release-1", "release-2", "release-3"]
    assert ids(changed) == ["release-1", "release-2"]
    assert changed.updates[0].policy.text == "device.pro == false"


def test_an_update_moves_to_another_product() -> None:
    changed = CATALOG.changing([update(2, "2.0.0", "camera")])
    assert (ids(changed), ids(changed, "camera")) == (["release-1"], ["release-2", "release-3"])


def test_the_last_update_of_a_product_is_removed() -> None:
    changed = CATALOG.changing(remove="release-3")
    assert changed.products == ("router",)
    assert changed.find("release-3") is None
    assert changed.for_product("router") is CATALOG.for_product("router")


@pytest.mark.parametrize("gone", [["release-9"], ["release-4"]])
def test_only_what_is_there_is_removed(gone: list[str]) -> None:
    with pytest.raises(ValueError, match="cannot remove `release-"):
        CATALOG.changing([update(4, "4.0.0")], remove=gone)


def test_what_is_put_is_checked() -> None:
    with pytest.raises(CatalogError) as caught:
        CATALOG.changing([update(4, "4.0.0") | {"checksum": "x", "policy": "device.pro =="}])
    assert {each.code for each in caught.value.diagnostics} == {"PL101", "PL507"}


def test_precedence_is_checked_against_the_others() -> None:
    with pytest.raises(CatalogError) as caught:
        CATALOG.changing([update(4, "2.0.0+build")])
    (finding,) = caught.value.diagnostics
    assert finding.code == "PL509"
    assert finding.message == "the versions `2.0.0` of `release-2` and `2.0.0+build` of `release-4` have the same precedence"
