"""What every page has in common: its head, which forbids all requests, its style, its patterns, and cards with the main figures."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from policy_lang.fleet.report.markup import Markup, element
from policy_lang.fleet.report.style import STYLE
from policy_lang.types.times import write_timestamp

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The page forbids itself every request."""

_START: Final = Markup('<!doctype html>\n<html lang="en">')


def document(title: str, fleet: str, now: datetime | None, sections: Iterable[Markup]) -> str:
    """A whole page.

    Args:
        title: what it is about.
        fleet: the fleet that was asked.
        now: the time of the report.
        sections: what stands on it.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="robots", content="noindex"),
        element("title", f"{title} · {fleet}"),
        element("style", Markup(STYLE)),
    )
    time = "no time" if now is None else write_timestamp(now.replace(microsecond=0))
    header = element("header", element("h1", title), element("p", f"Fleet: {fleet} · time: {time}", class_="soft"))
    footer = element("footer", "Written by policy-lang. Unknown never matches. Shares are counted by the published buckets of ids.")
    body = element("body", _PATTERNS, element("main", header, sections, footer))
    return f"{_START}{head}{body}</html>\n"


_PATTERNS: Final = element(
    "svg",
    element(
        "defs",
        element(
            "pattern",
            element("rect", width=8, height=8, class_="back-odd"),
            element("path", d="M-2 2L2-2M0 8L8 0M6 10L10 6", class_="mark-odd"),
            id="stripes",
            width=8,
            height=8,
            patternUnits="userSpaceOnUse",
        ),
        element(
            "pattern",
            element("rect", width=6, height=6, class_="back-old"),
            element("circle", cx=3, cy=3, r=2.2, class_="mark-old"),
            id="dots",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
        ),
    ),
    width=0,
    height=0,
    aria_hidden="true",
    style="position:absolute",
)
"""What tells colours apart on paper, and for those who do not see them."""


def cards(figures: Iterable[tuple[str, str, int, int]]) -> Markup:
    """The main figures: each a class that colours it, a word, how many, and of how many; 0 where they are no part of anything."""
    return element(
        "div",
        (
            element(
                "div",
                element("b", f"{devices:,}"),
                word,
                element("p", percent(devices, total), class_="soft") if total else None,
                class_=f"card {kind}",
            )
            for kind, word, devices, total in figures
        ),
        class_="cards",
    )


def percent(part: int, total: int) -> str:
    """A share for people: one decimal, and never `0.0 %` for somebody or `100.0 %` for less than everybody.

    >>> percent(1, 3), percent(1, 10_000), percent(9_999, 10_000), percent(0, 0)
    ('33.3 %', '< 0.1 %', '> 99.9 %', '-')
    """
    if not total:
        return "-"
    share = 100 * part / total
    if 0 < share < 0.05:  # noqa: PLR2004  what rounds to zero
        return "< 0.1 %"
    if part != total and share >= 99.95:  # noqa: PLR2004  what rounds to all
        return "> 99.9 %"
    return f"{share:.1f} %"


def number_of(amount: int, word: str) -> str:
    """A number of things, one or many.

    >>> number_of(1, "device"), number_of(1_200, "device")
    ('1 device', '1,200 devices')
    """
    return f"{amount:,} {word}{'' if amount == 1 else 's'}"
