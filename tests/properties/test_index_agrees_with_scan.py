"""The index finds what the scan finds: the same candidates in the same order, and certain only of policies that are true."""

import threading
from collections.abc import Iterator
from typing import Any

import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.catalog.catalog import Catalog
from policy_lang.catalog.update import Update
from policy_lang.errors import PolicyTypeError
from policy_lang.pipeline import compile_policy
from policy_lang.selection.candidates import Group, Scan, descending
from policy_lang.selection.engine import Selector
from policy_lang.selection.index import Index
from policy_lang.versions.version import Version

VOCABULARY = [
    "device.region == 'eu'",
    "device.region != 'eu' && device.region != 'us-west'",
    "device.region in ['us-west', 'us-east'] && device.model ^= 'X100'",
    "device.region not in ['eu']",
    "device.region in ['eu', 'us-west'] && device.region in ['eu', 'us-east']",
    "device.region in ['eu', 'us-west'] && device.region != 'eu'",
    "device.pro && !device.pro",
    "!device.pro && device.version < update.version",
    "device.memory >= 256 && device.memory < 512",
    "device.load > 1.5 || device.pro",
    "device.load == 2 && device.load <= 5",
    "device.region == 'eu' || device.model == 'X100' || device.memory >= 512 || device.model == 'beta'",
    "device.version >= '1.4.0' && device.version < '2.0.0'",
    "satisfies(device.version, '^1.4 || >=2.0.0-rc.1 <3')",
    "device.bootloader > '1.5.0' && device.bootloader <= '2.1.0'",
    "device.site.name == 'eu' && device.site.floor >= 2",
    " || ".join(f"(device.model == 'X{at}' && device.region == 'eu' && device.version >= '1.{at}.0')" for at in range(6)),
    "device.model == /^X1/ && device.pro",
    "rollout(50) && device.region == 'eu'",
    "true",
    "false",
]


def catalog(texts: list[str], *, declared: bool) -> Catalog:
    schema = strategies.SCHEMA if declared else None
    updates = [
        {
            "id": f"update-{at}",
            "product": "router",
            "version": f"1.{at}.0" if at % 3 else f"2.{at}.0-rc.{at}",
            "policy": text,
            "url": "https://example.com/image.bin",
            "checksum": "00" * 32,
            "downgrade": "allow" if at % 4 == 0 else "deny",
            "paused": at % 7 == 1,
        }
        for at, text in enumerate(texts)
    ]
    return Catalog.load({"updates": updates}, schema=schema)


def compiles(text: str, *, declared: bool) -> bool:
    try:
        compile_policy(text, schema=strategies.SCHEMA if declared else None)
    except PolicyTypeError:
        return False
    return True


def check(updates: Catalog, device: Any, now: Any) -> None:
    if device.get("version") not in strategies.VERSIONS:
        device = {**device, "version": "1.4.2"}  # a selector never asks for a device without a version
    version = Version.parse(device["version"])
    index, scan = Index.build(updates, updates.options).groups["router"], Scan(updates).groups["router"]
    assert list(index.of(version.key)) == list(scan.of(version.key))
    true = [update for update, _ in left(scan, device, version) if update.bound.evaluate_by_reference(device, None, now) is True]
    found = list(left(index, device, version))
    assert [update for update, _ in found if update.bound.evaluate_by_reference(device, None, now) is True] == true
    assert all(update in true for update, is_certain in found if is_certain)


def left(group: Group, device: Any, version: Version) -> Iterator[tuple[Update, bool]]:
    """What a group leaves, newest first, and whether its policy is said to be certainly true."""
    if group.rows is not None:
        yield from ((update, False) for key, _, update in group.rows if key > version.key)
        return
    mask = group.likely(device, version.key)
    exact = group.exact if mask >= 0 else 0
    for at in descending(mask if mask >= 0 else ~mask):
        yield group.updates[at], bool(exact >> at & 1)


@given(st.lists(st.sampled_from(VOCABULARY), min_size=9, max_size=24), strategies.situations(8))
@settings(max_examples=250, deadline=None)
def test_on_policies_of_attributes(texts: list[str], situations: list[strategies.Situation]) -> None:
    updates = catalog(texts, declared=False)
    for situation in situations:
        check(updates, situation.device, situation.now)


@given(st.lists(strategies.policies(), min_size=9, max_size=12), strategies.situations(6), st.booleans())
@settings(max_examples=150, deadline=None)
def test_on_any_policies(texts: list[str], situations: list[strategies.Situation], declared: bool) -> None:  # noqa: FBT001  drawn
    updates = catalog([text if compiles(text, declared=declared) else "true" for text in texts], declared=declared)
    for situation in situations:
        check(updates, situation.device, situation.now)


def test_an_unknown_product_has_no_candidates() -> None:
    index = Index.build(catalog(["true"] * 12, declared=False), strategies.compiled("true").options)
    assert set(index.groups) == {"router"}


def test_following_a_change_leaves_the_old_index_and_knows_the_demands() -> None:
    old = catalog(VOCABULARY, declared=False)
    index = Index.build(old, old.options)
    new = old.changing(remove=["update-3"])
    changed = index.following(old, new)
    assert len(index.groups["router"].updates) == len(old)
    assert changed.groups["router"].updates == tuple(sorted(new, key=lambda update: update.version))
    known = dict(zip(index.groups["router"].updates, index.groups["router"].demands, strict=True))
    for update, demands in zip(changed.groups["router"].updates, changed.groups["router"].demands, strict=True):
        assert demands is known[update]
    assert changed.following(new, new).groups["router"] is changed.groups["router"]


def test_a_version_given_by_a_program_is_one() -> None:
    updates = catalog(["device.version >= '1.0.0'"] * 12, declared=False)
    decision = Selector(updates).select({"product": "router", "version": Version.parse("1.2.0"), "id": "a"})
    assert decision.update is not None


def test_threads_select_while_others_do() -> None:
    selector = Selector(catalog(VOCABULARY, declared=False))
    device = {"product": "router", "version": "1.0.0", "id": "a", "region": "eu", "pro": True}
    expected = selector.select(device).update
    wrong: list[Update | None] = []

    def work() -> None:
        wrong.extend(update for _ in range(200) if (update := selector.select(device).update) is not expected)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
