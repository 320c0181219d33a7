"""Charts as SVG without a fixed width: bars and lines stretch with the page, letters keep their size on a phone.

A chart is never alone: `figure` puts the same figures below it as a table. What a colour says is also said by a pattern.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Final
from unicodedata import east_asian_width

from policy_lang.fleet.report.markup import Child, Markup, element
from policy_lang.types.times import write_timestamp

_ROW: Final = 40
_BAR: Final = 13
_GAP: Final = 2
_TOP: Final = 20
_PLOT: Final = 190
_LONGEST: Final = 30
_LONGEST_CELL: Final = 300
_TICKS: Final = 4
_WIDE: Final = 0.82
_ROUND: Final = (1, 2, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar.

    Attributes:
        amount: its length, in devices.
        kind: the class that colours it.
        title: what it is.
    """

    amount: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A bar.

    Attributes:
        label: what stands above it.
        figure: what stands above its end.
        segments: its pieces, from the left.
        below: the pieces of a second bar right below, to compare with.
    """

    label: str
    figure: str
    segments: tuple[Segment, ...]
    below: tuple[Segment, ...] = ()


def figure(
    number: int, caption: str, chart: Child, heads: Sequence[str], rows: Sequence[Sequence[str]], key: Child = None
) -> Markup:
    """A chart with its caption, its key, and a table of the same figures.

    Args:
        number: the number of the figure on the page.
        caption: what it shows.
        chart: the picture.
        heads: the heads of the table.
        rows: its rows.
        key: what the colours mean.
    """
    fallback = element("details", element("summary", "The same as a table"), table(heads, rows))
    title = element("figcaption", caption, id=f"figure-{number}")
    return element("figure", title, key, chart, fallback, role="group", aria_labelledby=f"figure-{number}")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table; all columns but the first are figures, or short."""
    head = element("tr", (element("th", each, scope="col") for each in heads))
    body = (
        element("tr", element("th", clip(row[0]), scope="row"), (element("td", clip(each)) for each in row[1:])) for row in rows
    )
    return element("div", element("table", element("thead", head), element("tbody", body)), class_="scroll", tabindex="0")


def key(*kinds: tuple[str, str]) -> Markup:
    """What the colours mean: pairs of a class and a word."""
    return element("p", (element("span", _swatch(kind), word, class_="key") for kind, word in kinds), class_="keys")


def bars(rows: Sequence[Row], summary: str, most: int | None = None) -> Markup:
    """Bars below each other, each with its label above it.

    Args:
        rows: the bars.
        summary: the picture in one sentence.
        most: how long the longest bar is; the longest of these without it.
    """
    most = max([most or max((_length(row) for row in rows), default=0), 1])
    places = [0, *accumulate(_ROW + (_BAR + _GAP if row.below else 0) for row in rows)]
    drawn = [element("g", _row(row, most), transform=f"translate(0 {place})") for place, row in zip(places, rows, strict=False)]
    return _svg(summary, places[-1], drawn)


def columns(titles: Sequence[str], stacks: Sequence[Sequence[Segment]], summary: str, unit: str) -> Markup:
    """Columns side by side, each cut into the same kinds of pieces.

    Args:
        titles: what each column is; the first and the last stand below the chart.
        stacks: the pieces of each, from below.
        summary: the picture in one sentence.
        unit: what the amounts are.
    """
    top, width = round_top(max(sum(each.amount for each in stack) for stack in stacks)), 100 * _WIDE / len(stacks)
    places = [at * (100 - width) / max(len(stacks) - 1, 1) for at in range(len(stacks))]
    drawn = [_column(title, stack, top, x, width) for title, stack, x in zip(titles, stacks, places, strict=True)]
    return _svg(summary, _PLOT + 50, [_grid(), drawn, _ticks(top, unit), _ends(titles[0], titles[-1])])


def _column(title: str, stack: Sequence[Segment], top: int, x: float, width: float) -> list[Markup]:
    base, drawn = 0, []
    for segment in stack:
        height = _PLOT * segment.amount / top
        if segment.amount:
            words = element("title", f"{title}, {segment.title}: {segment.amount:,}")
            y = _TOP + _PLOT - _PLOT * (base + segment.amount) / top
            drawn.append(element("rect", words, x=f"{x:.3f}%", y=y, width=f"{width:.3f}%", height=height, class_=segment.kind))
        base += segment.amount
    return drawn


def steps(points: Sequence[tuple[datetime, float]], marks: Sequence[datetime], summary: str, unit: str) -> Markup:
    """A line over time, with marks on it. It rises evenly, as a ramp does, and falls at once, as what ends does.

    Args:
        points: times, ascending, and values.
        marks: moments that dashed lines show, such as the time of the report.
        summary: the picture in one sentence.
        unit: what the values are.
    """
    first, last = min([*marks, points[0][0]]), max([*marks, points[-1][0]])
    span, top = max((last - first).total_seconds(), 1.0), round_top(max(value for _, value in points))
    places = [(100 * (at - first).total_seconds() / span, 100 - 100 * value / top) for at, value in _with_falls(points)]
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
    area = f"{places[0][0]:.2f},100 {line} {places[-1][0]:.2f},100"
    curve = element("polyline", points=line, class_="line", vector_effect="non-scaling-stroke")
    plot = element(
        "svg",
        element("polygon", points=area, class_="area"),
        curve,
        y=_TOP,
        width="100%",
        height=_PLOT,
        viewBox="0 0 100 100",
        preserveAspectRatio="none",
    )
    places_of_marks = [f"{100 * (mark - first).total_seconds() / span:.2f}%" for mark in marks]
    drawn = [element("line", x1=x, x2=x, y1=_TOP, y2=_TOP + _PLOT, class_="now") for x in places_of_marks]
    return _svg(summary, _PLOT + 50, [_grid(), plot, drawn, _ticks(top, unit), _ends(_day(first), _day(last))])


def round_top(most: float) -> int:
    """The least height of a chart whose grid has round figures.

    >>> round_top(0), round_top(6), round_top(25), round_top(1_000_001)
    (4, 8, 32, 1200000)
    """
    step = 1
    while _TICKS * step * _ROUND[-1] < most:
        step *= 10
    return next(_TICKS * step * each for each in _ROUND if _TICKS * step * each >= most)


def _with_falls(points: Sequence[tuple[datetime, float]]) -> Iterator[tuple[datetime, float]]:
    before = points[0][1]
    for at, value in points:
        if value < before:
            yield at, before
        yield at, value
        before = value


def _svg(summary: str, height: float, inside: Child) -> Markup:
    return element("svg", inside, role="img", aria_label=summary, width="100%", height=height, class_="chart")


def _row(row: Row, most: int) -> list[Markup]:
    # Text of SVG cannot be cut where it meets other text, and text of HTML can.
    label = element("span", clip(row.label), class_="label")
    head = element("div", label, element("span", row.figure, class_="amount"), class_="row")
    return [
        element("foreignObject", head, width="100%", height=_TOP),
        *_bar(row.segments, most, _TOP),
        *(_bar(row.below, most, _TOP + _BAR + _GAP) if row.below else ()),
    ]


def _bar(segments: Sequence[Segment], most: int, y: float) -> Iterator[Markup]:
    yield element("rect", x=0, y=y, width="100%", height=_BAR, rx=3, class_="track")
    start = 0.0
    for segment in segments:
        width = 100 * segment.amount / most
        if segment.amount:
            title = element("title", f"{segment.title}: {segment.amount:,}")
            yield element("rect", title, x=f"{start:.3f}%", y=y, width=f"{width:.3f}%", height=_BAR, class_=segment.kind)
        start += width


def _grid() -> list[Markup]:
    heights = [_TOP + _PLOT * tick / _TICKS for tick in range(_TICKS + 1)]
    return [element("line", x1=0, x2="100%", y1=y, y2=y, class_="grid") for y in heights]


def _ticks(top: int, unit: str) -> list[Markup]:
    """The figures at the lines of the grid, the largest with its unit."""
    figures = [f"{top * (_TICKS - tick) // _TICKS:,}" for tick in range(_TICKS + 1)]
    texts = [f"{figures[0]} {unit}", *figures[1:]]
    return [element("text", text, x=4, y=_TOP + _PLOT * tick / _TICKS - 4, class_="tick") for tick, text in enumerate(texts)]


def _ends(first: str, last: str) -> list[Markup]:
    y = _TOP + _PLOT + 18
    return [
        element("text", first, x=0, y=y, class_="tick"),
        element("text", last, x="100%", y=y, text_anchor="end", class_="tick"),
    ]


def _swatch(kind: str) -> Markup:
    return element("svg", element("rect", width=14, height=14, rx=3, class_=kind), width=14, height=14, aria_hidden="true")


def _day(moment: datetime) -> str:
    return write_timestamp(moment)[:16].replace("T", " ") + " UTC"


def _length(row: Row) -> int:
    return max(sum(segment.amount for segment in bar) for bar in (row.segments, row.below))


def clip(text: str) -> str:
    """A text that does not swamp the page."""
    return text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}…"


def shorten(text: str, longest: int = _LONGEST) -> str:
    """A text that fits into a line of a phone with others; wide characters count twice."""
    width = 0
    for at, character in enumerate(text):
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > longest:
            return f"{text[: at - 1]}…"
    return text
