"""Pages in a real browser: nothing is asked for, everything fits a phone, and paper shows all figures."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from browser import Browser
from fleets import NOW, draw_catalog, draw_fleet

from policy_lang.fleet.loop import Loop
from policy_lang.fleet.report.comparison import Names, compare_catalogs
from policy_lang.fleet.report.page import write_page
from policy_lang.fleet.report.preview import Wishes, preview_catalog, preview_policy
from policy_lang.fleet.simulation.page import write_simulation
from policy_lang.fleet.simulation.run import simulate
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.plan import Rollout

pytestmark = pytest.mark.slow
HOSTILE = (
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "</style><link rel=stylesheet href=https://evil.example/y>",
    "x" * 4000,
    "\u202e\x1b[31m",
    "日本語" * 40,
)
DEVICES = [
    {**device, "region": HOSTILE[at % 5], "id": f"{HOSTILE[at % 5][:60]}{at}"} for at, device in enumerate(draw_fleet(3, 150))
]
LOOP = Loop(DEVICES, name=HOSTILE[0])
WISHES = Wishes(by=["region", "version", HOSTILE[0]])
POLICY = compile_policy("device.memory > 5 || device.load / device.flags > 2 // " + "long" * 200)
RAMP = Rollout(buckets=500_000, start=NOW, ramp=timedelta(days=4), max_devices=5)


def _pages() -> dict[str, str]:
    old, new = draw_catalog(3), draw_catalog(4)
    update = {"id": "r", "version": "2.0.0"}
    return {
        "preview": write_page(preview_policy(LOOP, POLICY, NOW, update=update, rollout=RAMP, name=HOSTILE[2], wishes=WISHES)),
        "catalog": write_page(preview_catalog(LOOP, old, NOW, name=HOSTILE[1], wishes=WISHES)),
        "comparison": write_page(compare_catalogs(LOOP, old, new, NOW, names=Names(HOSTILE[3], HOSTILE[4]))),
        "simulation": write_simulation(simulate(old, DEVICES, start=NOW, days=90), HOSTILE[1], HOSTILE[0]),
    }


PAGES = ("preview", "catalog", "comparison", "simulation")
_TOO_WIDE = """[...document.querySelectorAll('main *')].filter(each => !each.closest('.scroll') && !each.closest('svg'))
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 80))"""
_CUT_TEXTS = """[...document.querySelectorAll('svg.chart text')].filter(each => each.getBoundingClientRect().right > innerWidth + 1
    || each.getBoundingClientRect().left < -1).map(each => each.textContent)"""
_OVERLAPS = """[...document.querySelectorAll('svg.chart .row')].filter(row => {
    const [label, amount] = [...row.children].map(each => each.getBoundingClientRect());
    const isCut = row.firstChild.scrollWidth > row.firstChild.clientWidth;
    return label.right > amount.left || (isCut && label.width < 60) || amount.right > innerWidth;
}).map(row => row.textContent)"""


@pytest.fixture(name="pages", scope="module")
def _files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    files = {name: folder / f"{name}.html" for name in PAGES}
    for name, text in _pages().items():
        files[name].write_text(text, encoding="utf-8")
    return files


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.mark.parametrize("name", PAGES)
def test_a_browser_asks_nobody_for_anything(browser: Browser, pages: dict[str, Path], name: str) -> None:
    before = len(browser.requests)
    browser.open(pages[name].as_uri(), width=1280)
    assert browser.requests[before:] == [pages[name].as_uri()]
    assert browser.messages == []


def test_a_page_that_asks_is_noticed(browser: Browser, tmp_path: Path) -> None:
    """The test above can fail."""
    before, page = len(browser.requests), tmp_path / "asks.html"
    page.write_text('<!doctype html><img src="http://127.0.0.1:9/x.png">')
    browser.open(page.as_uri(), width=1280)
    assert browser.requests[before:] == [page.as_uri(), "http://127.0.0.1:9/x.png"]
    browser.messages.clear()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", PAGES)
def test_everything_fits(browser: Browser, pages: dict[str, Path], name: str, width: int, *, dark: bool) -> None:
    """No text leaves the window or lies on another one, and nothing has to be scrolled sideways but tables."""
    browser.open(pages[name].as_uri(), width=width, dark=dark)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert [browser.evaluate(each) for each in (_TOO_WIDE, _CUT_TEXTS, _OVERLAPS)] == [[], [], []]
    colours = browser.evaluate("['color', 'backgroundColor'].map(each => getComputedStyle(document.body)[each])")
    ink, page = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert (ink > page) is dark


@pytest.mark.parametrize("name", PAGES)
def test_paper_shows_every_table(browser: Browser, pages: dict[str, Path], name: str) -> None:
    """What a reader opens on a screen is open on paper, for nobody can click there."""
    browser.open(pages[name].as_uri(), width=800)
    shown = "[...document.querySelectorAll('details table')].map(each => each.checkVisibility({contentVisibilityAuto: true}))"
    closed = "[...document.querySelectorAll('details')].filter(each => each.getBoundingClientRect().height < 60).length"
    assert browser.evaluate(closed) > 0
    browser.print_view()
    assert browser.evaluate(closed) == 0
    assert browser.evaluate(shown) == [True] * browser.evaluate("document.querySelectorAll('details').length")
    assert json.loads(browser.evaluate("JSON.stringify(getComputedStyle(document.body).backgroundColor)")) == "rgb(255, 255, 255)"
    assert browser.pdf().startswith(b"%PDF")
