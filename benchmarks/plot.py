"""The picture of docs/performance.md: `python benchmarks/plot.py RESULTS [--out docs/performance.svg]`.

It reads what `bench_select.py --json RESULTS` writes and draws the cost of a check-in against the size of the catalog, both axes
logarithmic. The same results give the same bytes. Colours are readable on light and dark pages; each line also has its own dashes
and its name beside it.
"""

import argparse
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 80, 200, 20, 50
GREY = "#808080"


class Line(NamedTuple):
    """One line of the picture: its name, how it looks, and its points (updates, microseconds)."""

    name: str
    colour: str
    dashes: str
    points: list[tuple[float, float]]


class Axes(NamedTuple):
    """From values to places; both axes end at powers of ten."""

    low: tuple[int, int]
    high: tuple[int, int]

    def place(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where a point is drawn."""
        across, up = ((math.log10(value) - low) / (high - low) for value, low, high in zip(point, self.low, self.high, strict=True))
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)


def lines_of(rows: list[dict[str, Any]]) -> list[Line]:
    """The three lines: a naive loop, and ours for catalogs of one product and of many."""
    many = [row for row in rows if row["updates"] <= 100 * row["products"]]
    one = [row for row in rows if row["products"] == 1]
    return [
        Line("naive loop", "#c0504d", "2 4", [(row["updates"], row["naive_us"]) for row in many]),
        Line("policy_lang, one product", "#4f81bd", "8 4", [(row["updates"], row["us"]) for row in one]),
        Line("policy_lang, 100 a product", "#2e9e5b", "none", [(row["updates"], row["us"]) for row in many]),
    ]


def axes_of(lines: list[Line]) -> Axes:
    """Axes that hold all points."""
    sides = list(zip(*(point for line in lines for point in line.points), strict=True))
    low, high = ([math.log10(limit(side)) for side in sides] for limit in (min, max))
    ends = [(math.floor(start), max(math.floor(start) + 1, math.ceil(end))) for start, end in zip(low, high, strict=True)]
    return Axes((ends[0][0], ends[1][0]), (ends[0][1], ends[1][1]))


def written(value: float, unit: str) -> str:
    """The label of a tick, such as `10,000` or `0.1 us`."""
    return f"{value:,.0f}{unit}" if value >= 1 else f"{value:g}{unit}"


def grid(axes: Axes) -> list[str]:
    """The lines and labels of each power of ten."""
    parts = []
    for power in range(axes.low[0], axes.high[0] + 1):
        x, y = axes.place((10**power, 10 ** axes.low[1]))
        parts.append(f'<path d="M{x:.1f} {y:.1f}V{TOP}"/><text x="{x:.1f}" y="{y + 18:.1f}">{written(10**power, "")}</text>')
    for power in range(axes.low[1], axes.high[1] + 1):
        x, y = axes.place((10 ** axes.low[0], 10**power))
        label = written(10.0**power, " µs")
        parts.append(
            f'<path d="M{x:.1f} {y:.1f}H{WIDTH - RIGHT}"/><text class="left" x="{x - 8:.1f}" y="{y + 4:.1f}">{label}</text>'
        )
    return parts


def drawn(line: Line, axes: Axes) -> str:
    """A line and its points."""
    places = [axes.place(point) for point in line.points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in places)
    return f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="2" stroke-dasharray="{line.dashes}"/>{dots}'


def names(lines: list[Line], axes: Axes) -> list[str]:
    """The names beside the ends of the lines, moved down where they would touch."""
    parts, free = [], 0.0
    for line in sorted(lines, key=lambda line: axes.place(line.points[-1])[1]):
        y = max(free, axes.place(line.points[-1])[1] + 4)
        parts.append(f'<text class="name" x="{WIDTH - RIGHT + 10}" y="{y:.1f}" fill="{line.colour}">{line.name}</text>')
        free = y + 18
    return parts


def picture(rows: list[dict[str, Any]]) -> str:
    """The whole picture."""
    lines = lines_of(rows)
    axes = axes_of(lines)
    style = "text{font:12px sans-serif;text-anchor:middle}.left{text-anchor:end}.name{text-anchor:start}"
    label = f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{HEIGHT - 8}">updates in the catalog</text>'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>Time of one check-in against the size of the catalog</title>",
        f"<style>{style}</style>",
        f'<g fill="{GREY}" stroke-width="0.5">',
        *(part.replace("<path", f'<path stroke="{GREY}"') for part in grid(axes)),
        f"{label}</g>",
        *(drawn(line, axes) for line in lines),
        *names(lines, axes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description="draw the cost of a check-in against the size of the catalog")
    parser.add_argument("results", type=Path, help="what `bench_select.py --json` wrote")
    parser.add_argument(
        "--out", type=Path, default=Path("docs/performance.svg"), help="the picture (default: docs/performance.svg)"
    )
    options = parser.parse_args()
    options.out.write_text(picture(json.loads(options.results.read_text())["select"]))


if __name__ == "__main__":
    main()
