import io

import pytest

from policy_lang.cli.grid import NOT_REACHED, REACHED, UNSURE, Grid, draw
from policy_lang.cli.output import Output
from policy_lang.cli.table import width


def _lines(monkeypatch: pytest.MonkeyPatch, columns: int | None, label: str = "a" * 60) -> list[str]:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    grid = Grid(Output(stream), ("value", "devices", "share"))
    grid.add((label, "1,234,567", "100.0 %"), [(0.5, REACHED), (0.25, UNSURE), (0.25, NOT_REACHED)])
    grid.add(("b", "0", "-"))
    grid.close()
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120])
@pytest.mark.parametrize("label", ["a" * 60, "b", "日本" * 30, "\x1b[31m" * 20])
def test_a_grid_fits_and_never_cuts_figures(monkeypatch: pytest.MonkeyPatch, columns: int, label: str) -> None:
    lines = _lines(monkeypatch, columns, label)
    assert max(map(width, lines)) <= columns
    assert "1,234,567  100.0 %" in lines[1]
    assert lines[0].split() == ["value", "devices", "share"]
    assert "\x1b" not in lines[1]


def test_a_bar_fills_the_rest_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _lines(monkeypatch, 80, "a")[1].endswith(REACHED * 15 + UNSURE * 7 + NOT_REACHED * 8)
    assert REACHED not in _lines(monkeypatch, 30, "a" * 20)[1]


def test_nothing_limits_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(_lines(monkeypatch, None)) == 3


def test_no_row_is_no_table() -> None:
    stream = io.StringIO()
    Grid(Output(stream), ("a",)).close()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("shares", "drawn"),
    [((1.0, 0.0), "aaaaaaaa"), ((0.001, 0.999), "abbbbbbb"), ((0.0, 0.0), ""), ((0.34, 0.33), "aaabb"), ((1.0, 0.001), "aaaaaaaa")],
)
def test_what_is_not_empty_is_seen(shares: tuple[float, float], drawn: str) -> None:
    assert draw(list(zip(shares, "ab", strict=True)), 8) == drawn
