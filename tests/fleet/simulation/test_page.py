from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pages import Page, assert_readable, assert_silent

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.simulation.outcome import Simulation
from policy_lang.fleet.simulation.page import write_simulation
from policy_lang.fleet.simulation.run import simulate

START = datetime(2026, 5, 1, tzinfo=UTC)
ODD = '</style><img src=https://evil.example/x onerror=alert(1)>"\x1b'
_IMAGE = {"product": "router", "url": "https://e.com/x", "checksum": "ab" * 32}
CATALOG = Catalog.load(
    {
        "updates": [
            {"id": "all", "version": "2.0.0", "policy": "true", "rollout": {"max_per_period": 10, "period": "1d"}, **_IMAGE},
            {"id": "few", "version": "1.1.0", "policy": "true", "rollout": {"max_devices": 3}, **_IMAGE, "checksum": "cd" * 32},
            {"id": "nobody", "version": "1.0.1", "policy": "false", **_IMAGE, "checksum": "ef" * 32},
        ]
    }
)
DEVICES = [{"id": f"r{at}", "product": "router", "version": (ODD, "1.0.0", "0.9.0")[at % 3]} for at in range(60)]


def _simulation(days: int = 3) -> Simulation:
    return simulate(CATALOG, DEVICES, start=START, days=days)


def _texts(simulation: Simulation) -> str:
    return " ".join(Page(write_simulation(simulation, "catalog.yaml", "fleet.ndjson")).texts)


def test_it_is_a_page_like_the_others() -> None:
    text = write_simulation(_simulation(), "<catalog>", "<fleet>")
    assert_silent(text)
    assert_readable(text)
    assert "\x1b" not in text


def test_it_says_what_becomes_of_each_update_and_what_binds() -> None:
    texts = _texts(_simulation())
    for part in (
        "What becomes of each update",
        "Limits that bind",
        "max per period",
        "Versions of router day by day",
        "Offers of all",
    ):
        assert part in texts
    assert "Offers of nobody" not in texts
    assert "Dashed line" not in texts
    assert "A dashed line shows when a limit refuses a device first: max per period (2026-05-01" in texts


def test_what_there_is_not_has_no_section() -> None:
    texts = _texts(simulate(CATALOG, [{"id": "a"}], start=START, days=1))
    assert "catalog.yaml, 1 day" in texts
    assert not any(part in texts for part in ("Limits that bind", "day by day", "Offers of"))


def test_a_long_simulation_has_as_many_columns_as_fit() -> None:
    page = Page(write_simulation(_simulation(200), "c", "f"))
    ends = [text for text in page.texts if text == f"{START + timedelta(days=200):%Y-%m-%d} 00:00 UTC"]
    assert len(ends) >= 2
    columns = {rect["x"] for rect in page.all("rect") if str(rect.get("x")).endswith("%") and rect.get("rx") is None}
    assert len(columns) <= 80


def test_many_updates_have_a_table_and_no_chart_each() -> None:
    simulation = _simulation(1)
    many = replace(simulation, updates=tuple(replace(simulation.updates[0], id=f"u{at}") for at in range(22)))
    assert "There is no chart for 2 more updates with fewer offers." in _texts(many)


def test_two_limits_have_two_lines() -> None:
    simulation = _simulation()
    both = (*simulation.updates[0].bindings, *simulation.updates[1].bindings)
    assert len(both) == 2
    texts = _texts(replace(simulation, updates=(replace(simulation.updates[0], bindings=both),)))
    assert "Dashed lines show when a limit refuses a device first: max per period (" in texts
    assert " and max devices (" in texts
