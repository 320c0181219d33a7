from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from policy_lang.fleet.report.charts import Row, Segment, bars, columns, figure, key, shorten, steps, table

START = datetime(2026, 5, 1, tzinfo=UTC)


def _rects(chart: str, kind: str) -> list[tuple[str | None, str | None]]:
    return [(rect.get("x"), rect.get("width")) for rect in ET.fromstring(chart).iter("rect") if rect.get("class") == kind]  # noqa: S314  our own


def test_bars_are_shares_of_the_longest_one() -> None:
    rows = [Row("a", "3", (Segment(1, "yes", "match"), Segment(2, "no", "none"))), Row("b", "4", (Segment(4, "yes", "match"),))]
    chart = bars(rows, "two bars")
    assert _rects(chart, "yes") == [("0.000%", "25.000%"), ("0.000%", "100.000%")]
    assert _rects(chart, "no") == [("25.000%", "50.000%")]
    assert ET.fromstring(chart).get("aria-label") == "two bars"  # noqa: S314  our own


def test_a_bar_may_have_another_below_it() -> None:
    chart = bars([Row("a", "1 → 2", (Segment(1, "old", "before"),), (Segment(2, "new", "after"),))], "a pair")
    assert (_rects(chart, "old"), _rects(chart, "new")) == ([("0.000%", "50.000%")], [("0.000%", "100.000%")])
    assert len(_rects(chart, "track")) == 2


def test_no_bar_has_no_length_and_nothing_is_no_chart_of_none() -> None:
    assert _rects(bars([Row("a", "0", (Segment(0, "yes", "match"),))], "empty"), "yes") == []
    assert ET.fromstring(bars([], "none")).get("height") == "0"  # noqa: S314  our own


@pytest.mark.parametrize(("now", "place"), [(START + timedelta(days=1), "25.00%"), (START - timedelta(days=4), "0.00%")])
def test_a_line_shows_where_the_report_stands(now: datetime, place: str) -> None:
    chart = ET.fromstring(steps([(START, 0.0), (START + timedelta(days=4), 8.0)], [now], "grows", "devices"))  # noqa: S314  our own
    assert [line.get("x1") for line in chart.iter("line") if line.get("class") == "now"] == [place]
    (line,) = chart.iter("polyline")
    assert str(line.get("points")).endswith("100.00,0.00")
    assert "8 devices" in [text.text for text in chart.iter("text")]


def test_a_line_of_one_moment_and_no_devices_is_drawn() -> None:
    ET.fromstring(steps([(START, 0.0)], [], "nothing", "devices"))  # noqa: S314  our own


def test_what_ends_falls_at_once() -> None:
    points = [(START, 0.0), (START + timedelta(days=1), 4.0), (START + timedelta(days=2), 0.0)]
    (line,) = ET.fromstring(steps(points, [], "ends", "devices")).iter("polyline")  # noqa: S314  our own
    assert line.get("points") == "0.00,100.00 50.00,0.00 100.00,0.00 100.00,100.00"


def test_columns_stand_on_each_other() -> None:
    stacks = [(Segment(1, "yes", "new"), Segment(3, "no", "old")), (Segment(4, "yes", "new"), Segment(0, "no", "old"))]
    chart = ET.fromstring(columns(["day 1", "day 2"], stacks, "two days", "devices"))  # noqa: S314  our own
    rects = [(rect.get("class"), rect.get("x"), rect.get("y"), rect.get("height")) for rect in chart.iter("rect")]
    assert rects == [
        ("yes", "0.000%", "162.5", "47.5"),
        ("no", "0.000%", "20", "142.5"),
        ("yes", "59.000%", "20", "190"),
    ]
    assert [title.text for title in chart.iter("title")] == ["day 1, new: 1", "day 1, old: 3", "day 2, new: 4"]
    assert [text.text for text in chart.iter("text")][-2:] == ["day 1", "day 2"]


def test_a_figure_has_its_table() -> None:
    made = ET.fromstring(figure(3, "What", bars([], ""), ["property", "n"], [["<x>", "1"]], key(("yes", "match"))))  # noqa: S314  our own
    assert (
        made.get("aria-labelledby") == "figure-3" == made.findtext("figcaption[@id='figure-3']", "")
        or made.find("figcaption") is not None
    )
    assert [cell.text for cell in made.iter("th")] == ["property", "n", "<x>"]
    assert [cell.text for cell in made.iter("td")] == ["1"]


def test_long_cells_are_cut() -> None:
    assert "x" * 301 not in table(["a"], [["x" * 5000]])


@pytest.mark.parametrize(("text", "shown"), [("a" * 30, "a" * 30), ("a" * 31, "a" * 29 + "…"), ("日" * 20, "日" * 14 + "…")])
def test_labels_fit_a_phone(text: str, shown: str) -> None:
    assert shorten(text) == shown
