import json

import pytest
from fleets import NOW, PRODUCTS, SCHEMA, compiled, draw_catalog, draw_fleet

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.embedded import open_devices
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.report.decisions import UNKNOWN
from policy_lang.fleet.report.model import Counts
from policy_lang.fleet.report.preview import Wishes, assignment, preview_catalog, preview_policy, preview_update
from policy_lang.fleet.survey import Absent, Nothing
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.plan import Rollout
from policy_lang.selection.engine import Selector

DEVICES = [
    {"id": "a", "region": "us", "version": "1.0.0"},
    {"id": "b", "region": "us", "version": "1.0.0"},
    {"id": "c", "region": "eu", "version": "1.5.0"},
    {"id": "d", "region": "", "version": "2.0.0"},
    {"id": "e", "version": "1.0.0"},
]
UPDATE = {"id": "release-7", "version": "2.0.0"}
POLICY = compile_policy("device.version < update.version && device.region in ['us', 'eu']")


def test_a_policy_is_counted_explained_and_broken_down() -> None:
    report = preview_policy(Loop(DEVICES), POLICY, NOW, update=UPDATE, name="x.policy", wishes=Wishes(by=["region"], values=1))
    assert report.counts == Counts(3, 1, 1)
    assert [(cause.property, cause.missing, cause.alone) for cause in report.causes] == [("device.region", 1, 1)]
    (breakdown,) = report.breakdowns
    assert breakdown.property == "device.region"
    assert [(each.title, each.counts.matched, each.values) for each in breakdown.slices] == [
        ("us", 2, 1),
        ("(missing)", 0, 1),
        ("2 others", 1, 2),
    ]
    assert {*report.samples.matched} == {"a", "b", "c"}
    assert (report.samples.unmatched, report.samples.unknown) == (("d",), ("e",))
    assert [(bar.title, bar.before, bar.after) for bar in report.adoption] == [("1.0.0", 3, 1), ("1.5.0", 1, 0), ("2.0.0", 1, 4)]
    assert (report.reach, report.computed, report.text) == (None, 0, POLICY.text)


def test_what_is_not_asked_is_left_out() -> None:
    report = preview_policy(Loop(DEVICES), POLICY, NOW, wishes=Wishes(sample=0))
    assert (report.counts.unknown, report.adoption, report.breakdowns) == (4, (), ())
    assert report.samples.to_plain() == {"matched": [], "unmatched": [], "unknown": []}


def test_a_rollout_goes_by_the_id_of_the_update() -> None:
    report = preview_policy(Loop(DEVICES), POLICY, NOW, update=UPDATE, rollout=Rollout(buckets=500_000))
    admitted = sum(Rollout(buckets=500_000).admits(each, "release-7", NOW) is True for each in "abc")
    assert report.reach is not None
    assert report.reach.now.devices == admitted


def test_an_empty_text_has_a_title() -> None:
    report = preview_policy(Loop([{"region": ""}]), POLICY, NOW, wishes=Wishes(by=["device.region"]))
    assert [each.title for each in report.breakdowns[0].slices] == ["(empty text)"]


@pytest.mark.parametrize("seed", [3, 4])
def test_a_catalog_is_what_the_selector_does(seed: int) -> None:
    catalog, devices = draw_catalog(seed), draw_fleet(seed, 200)
    report = preview_catalog(Loop(devices), catalog, NOW, wishes=Wishes(by=["region"]))
    offered = {offer.update: offer.devices for offer in report.assignment.offers}
    selector = Selector(catalog)
    chosen = [selector.select(device, NOW).update for device in devices]
    unlimited = [update.id for update in catalog if not update.rollout.is_limited]
    assert [offered[each] for each in unlimited] == [
        sum(update is not None and update.id == each for update in chosen) for each in unlimited
    ]
    assert report.assignment.counts.total == len(devices)
    assert report.assignment.counts.unknown == sum(count for reason, count in report.assignment.none if reason in UNKNOWN)
    for funnel in report.funnels:
        assert funnel.counts.matched >= funnel.admitted >= funnel.offer.devices
        assert bool(funnel.gate) <= (funnel.admitted == 0)
        assert bool(funnel.causes) <= (funnel.counts.unknown > 0)
    assert sum(each.counts.total for each in report.breakdowns[0].slices) == len(devices)
    assert {product for product, _ in report.adoption} <= {*PRODUCTS}


def test_engines_give_the_same_report() -> None:
    catalog, devices = draw_catalog(3), draw_fleet(3, 150)
    wishes = Wishes(by=["region", "unheard"], values=3)
    with open_devices(devices, Limits()) as fleet:
        survey = fleet.survey("the fleet")
        assert preview_catalog(survey, catalog, NOW, wishes=wishes) == preview_catalog(Loop(devices), catalog, NOW, wishes=wishes)
        policy = compiled("device.memory > 5 || device.load < 1")
        rollout = Rollout(buckets=400_000)
        reports = [
            preview_policy(each, policy, NOW, update=UPDATE, rollout=rollout, wishes=wishes) for each in (survey, Loop(devices))
        ]
        assert reports[0] == reports[1]


def _one(**fields: object) -> Catalog:
    update = {
        **UPDATE,
        "product": "router",
        "policy": "device.pro == true",
        "url": "https://example.com/7.bin",
        "checksum": "00" * 32,
    }
    return Catalog.load({"updates": [{**update, **fields}]}, schema=SCHEMA)


def test_one_update_is_shown_among_its_candidates() -> None:
    devices = [{"id": "a", "product": "router", "version": "1.0.0", "pro": True}, {"product": "other", "pro": True}]
    catalog = _one(rollout={"percent": 100, "start": "2026-01-01T00:00:00Z"})
    report = preview_update(Loop(devices), catalog.updates[0], catalog, NOW)
    assert (report.name, report.counts) == ("release-7", Counts(1, 0, 0))
    assert report.reach is not None
    assert report.reach.now.devices == 1


def test_a_paused_update_reaches_nobody_now() -> None:
    devices = [{"id": "a", "product": "router", "version": "1.0.0", "pro": True}]
    catalog = _one(paused=True)
    report = preview_update(Loop(devices), catalog.updates[0], catalog, NOW)
    assert report.reach is not None
    assert (report.counts.matched, report.reach.now.devices, report.reach.now.is_active) == (1, 0, False)
    (funnel,) = preview_catalog(Loop(devices), catalog, NOW, wishes=Wishes(sample=0)).funnels
    assert (funnel.gate, funnel.admitted) == ("paused", 0)


def test_without_a_time_an_update_with_times_is_not_active() -> None:
    catalog = _one(rollout={"start": "2026-01-01T00:00:00Z"})
    report = assignment(Loop([{"product": "router", "version": "1.0.0", "pro": True}]), catalog, None)
    assert report.none == ((Nothing.NO_MATCH, 1),)
    assert report.to_plain()["now"] is None


def test_reports_are_json() -> None:
    catalog, loop = draw_catalog(3), Loop(draw_fleet(3, 60))
    wishes = Wishes(by=["region"], values=1)
    report = preview_policy(loop, compiled("device.load > 1"), NOW, update=UPDATE, rollout=Rollout(), wishes=wishes)
    plain = json.loads(json.dumps(report.to_plain()))
    assert (plain["kind"], plain["total"], plain["reach"]["now"]["active"]) == ("preview", 60, True)
    assert {*plain["by"][0]["slices"][-1]} == {"value", "matched", "unmatched", "unknown", "total", "others"}
    assert any(each.get("absent") == Absent.MISSING.value for each in plain["by"][0]["slices"])
    whole = json.loads(json.dumps(preview_catalog(loop, catalog, NOW, wishes=wishes).to_plain()))
    assert (whole["kind"], whole["total"], len(whole["updates"])) == ("catalog preview", 60, len(catalog))
