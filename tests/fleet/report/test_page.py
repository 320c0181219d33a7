"""The structure of pages; tests/fleet/report/test_browser.py shows them to a real browser."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fleets import NOW, draw_catalog, draw_fleet
from pages import Page, assert_readable, assert_silent

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.report.comparison import Names, compare_catalogs, compare_policies
from policy_lang.fleet.report.decisions import CatalogPreview, Comparison
from policy_lang.fleet.report.model import Preview
from policy_lang.fleet.report.page import write_page
from policy_lang.fleet.report.preview import Wishes, preview_catalog, preview_policy
from policy_lang.fleet.report.style import STYLE
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.plan import Rollout

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "\x1b[31m\u202e",
    "x" * 4000,
    "&amp;",
)
LOOP = Loop(
    [
        {**device, "region": HOSTILE[at % 5], "id": f"{HOSTILE[at % 5][:60]}{at}" if at % 9 else ""}
        for at, device in enumerate(draw_fleet(3, 150))
    ],
    name="<fleet>",
)
WISHES = Wishes(by=["region", "version", HOSTILE[0]])


def _preview() -> Preview:
    policy = compile_policy("device.memory > 5 || device.load / device.flags > 2 // <b>&")
    rollout = Rollout(buckets=500_000, start=NOW, ramp=NOW - NOW.replace(day=1), max_devices=5)
    return preview_policy(
        LOOP, policy, NOW, update={"id": "r", "version": "2.0.0"}, rollout=rollout, name="a<b>.policy", wishes=WISHES
    )


def _catalog() -> CatalogPreview:
    return preview_catalog(LOOP, draw_catalog(3), NOW, name="<catalog>", wishes=WISHES)


def _comparison() -> Comparison:
    return compare_catalogs(LOOP, draw_catalog(3), draw_catalog(4), NOW, names=Names("<old>", "<new>"))


REPORTS: dict[str, Callable[[], Preview | CatalogPreview | Comparison]] = {
    "preview": _preview,
    "catalog": _catalog,
    "comparison": _comparison,
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_asks_for_nothing_and_runs_nothing(name: str) -> None:
    assert_silent(write_page(REPORTS[name]()))


def test_the_style_names_nothing_outside_the_page() -> None:
    assert "//" not in STYLE
    assert "@import" not in STYLE
    assert {part.split(")")[0] for part in STYLE.split("url(")[1:]} == {"#stripes", "#dots"}


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_can_be_read_by_everyone(name: str) -> None:
    assert_readable(write_page(REPORTS[name]()))


@pytest.mark.parametrize("name", REPORTS)
def test_values_of_devices_are_texts_only(name: str) -> None:
    text = write_page(REPORTS[name]())
    page = Page(text)
    assert not any(control in text for control in ("\x1b", "\u202e", "\x00"))
    assert "x" * 400 not in text
    assert not any("evil.example" in (value or "") for _, attributes in page.tags for value in attributes.values())
    if name != "comparison":
        assert any("<script>" in each for each in page.texts)
    text.encode()


def test_a_preview_says_all_that_it_knows() -> None:
    texts = " ".join(Page(write_page(_preview())).texts)
    for part in (
        "Versions before and after",
        "Reach by device.region",
        "Rollout over time",
        "Why the result is unknown",
        "at most 5 devices",
    ):
        assert part in texts
    assert "a computation has no result" in texts
    assert "without a usable id" in texts


def test_what_there_is_not_has_no_section() -> None:
    loop = Loop([{"a": 1}])
    policy = compile_policy("device.a == 1")
    texts = " ".join(Page(write_page(preview_policy(loop, policy, NOW, wishes=Wishes(sample=0)))).texts)
    assert not any(part in texts for part in ("before and after", "Rollout", "unknown because", "Some of the devices"))
    same = compare_policies(loop, policy, policy, NOW, sample=0)
    assert "Nothing changes." in write_page(same)


def test_a_long_table_is_longer_than_its_chart() -> None:
    report = _comparison()
    assert "The table has 4 more rows" in write_page(replace(report, moves=report.moves[:1] * 44, lowered=3))


def test_an_empty_fleet_and_an_empty_catalog_have_a_page() -> None:
    catalog = Catalog.load({"updates": []})
    assert "<h1>" in write_page(preview_catalog(Loop([]), catalog, NOW))
    assert "<h1>" in write_page(preview_policy(Loop([]), compile_policy("true"), NOW, update={"version": "1.0.0"}))
    no_time = replace(preview_catalog(Loop([]), catalog, NOW).assignment, now=None)
    assert "no time" in write_page(replace(preview_catalog(Loop([]), catalog, NOW), assignment=no_time))
