"""Reading pages of reports, strictly, and what holds for all of them."""

from html.parser import HTMLParser
from typing import Any


class Page(HTMLParser):
    """A page that is well-formed: every element is closed, in order.

    Attributes:
        tags: every element with its attributes.
        texts: every text.
    """

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the last one."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a name."""
        return [attributes for name, attributes in self.tags if name == tag]


def assert_silent(text: str) -> None:
    """A page asks for nothing and runs nothing, and forbids itself both."""
    page = Page(text)
    asking = {"script", "link", "img", "iframe", "object", "embed", "image", "use", "a", "base", "form"}
    assert not asking & {tag for tag, _ in page.tags}
    names = {key for _, attributes in page.tags for key in attributes}
    assert not {name for name in names if name.startswith("on") or name in {"src", "href", "xlink:href"}}
    assert not any("url(" in (value or "") for _, attributes in page.tags for value in attributes.values())
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none';")


def assert_readable(text: str) -> None:
    """A page can be read by everyone: each chart has a name and a table, each id is there once."""
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    figures, charts = page.all("figure"), [svg for svg in page.all("svg") if svg.get("class") == "chart"]
    assert len(figures) == len(charts) == len(page.all("details")) > 0
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in charts)
    assert all(figure["aria-labelledby"] in ids for figure in figures)
    assert any(meta.get("name") == "viewport" for meta in page.all("meta"))
