"""A change of the catalog touches one product, and no check-in sees half of it."""

import threading
from typing import Any

from policy_lang.catalog.catalog import Catalog
from policy_lang.options import Options
from policy_lang.rollout.ledger import MemoryLedger
from policy_lang.selection.candidates import Scan
from policy_lang.selection.engine import Selector


def update(product: str, number: int, mark: int) -> dict[str, Any]:
    return {
        "id": f"{product}-{number}-{mark}",
        "product": product,
        "version": f"1.{number}.{mark}",
        "policy": f"device.slot == {number}",
        "url": f"https://example.com/{product}/{number}/{mark}.bin",
        "checksum": f"{number + 1:064x}",
    }


CATALOG = Catalog.load({"updates": [update(product, number, 0) for product in ("a", "b") for number in range(12)]})
DEVICE = {"product": "a", "version": "0.1.0", "slot": 3}


def test_a_change_is_seen_by_the_new_selector_only() -> None:
    old = Selector(CATALOG, MemoryLedger())
    new = old.changing(CATALOG.changing([update("a", 3, 1)], remove=["a-3-0"]))
    offers = [selector.select(DEVICE).update for selector in (old, new)]
    assert [None if each is None else each.id for each in offers] == ["a-3-0", "a-3-1"]
    assert new.ledger is old.ledger


def test_a_product_comes_and_goes() -> None:
    selector = Selector(CATALOG)
    without = selector.changing(CATALOG.changing(remove=[f"a-{number}-0" for number in range(12)]))
    assert str(without.select(DEVICE).reason) == "unknown product"
    again = without.changing(without.catalog.changing([update("a", 3, 0)]))
    assert again.select(DEVICE).update is not None


def test_a_catalog_with_other_options_is_indexed_by_them() -> None:
    updates = [{**update("a", number, 0), "policy": f"device.version < '1.{number}.0'"} for number in range(1, 13)]
    strict = Catalog.load({"updates": updates})
    lenient = Catalog.load({"updates": updates}, options=Options(lenient_versions=True))
    device = {"product": "a", "version": "v0.1"}
    assert Selector(strict).select(device).update is None
    assert Selector(strict).changing(lenient).select(device).update is lenient.find("a-12-0")
    assert Selector(lenient).changing(strict).select(device).update is None


def test_other_candidates_are_left_to_their_host() -> None:
    selector = Selector(CATALOG, candidates=Scan(CATALOG))
    changed = selector.changing(CATALOG.changing(remove=["a-3-0"]))
    assert changed.select(DEVICE).update is None


def test_no_reader_sees_half_a_change() -> None:
    """Every update of product `a` carries the same mark; a decision made of two states would mix marks."""
    current = [Selector(CATALOG)]
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            selector = current[0]
            offered = [selector.select({**DEVICE, "slot": slot}).update for slot in range(12)]
            marks = {None if each is None else each.version.patch for each in offered}
            if len(marks) != 1 or None in marks:
                wrong.append(f"{marks}")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for mark in range(1, 40):
        catalog = current[0].catalog
        changed = catalog.changing(
            [update("a", number, mark) for number in range(12)], remove=[f"a-{number}-{mark - 1}" for number in range(12)]
        )
        current[0] = current[0].changing(changed)
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert current[0].select({**DEVICE, "product": "b"}).update is CATALOG.find("b-3-0")


def test_what_policies_ask_is_worked_out_once_for_all_selectors() -> None:
    """A change of one update leaves the others' generated code as it is, so that the next check-in does not pay for it."""
    image = {"product": "p", "url": "https://example.com/x", "checksum": "ab" * 32, "policy": "device.pro"}
    catalog = Catalog.load({"updates": [{"id": str(at), "version": f"1.{at}.0", **image} for at in range(12)]})
    before = [update.bound.share() for update in catalog]
    changed = catalog.changing([{"id": "new", "version": "2.0.0", **image}])
    after = [update.bound.share() for update in changed if update.id != "new"]
    assert all(one is other for one, other in zip(before, after, strict=True))
