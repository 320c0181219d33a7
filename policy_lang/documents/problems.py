"""The findings of one document while it is read, and the words they use."""

from typing import NoReturn

from policy_lang.diagnostics.model import Diagnostic, Label
from policy_lang.errors import PolicyError
from policy_lang.source import Source, Span

MAX_DEPTH = 64
"""How many lists and objects may stand inside each other."""

MAX_SIZE = 64 * 1024 * 1024
"""The length of a document, in bytes of a file or characters of a text."""

MAX_DIGITS = 4300
"""The digits of a number; Python refuses longer integers, for the time that they take."""

_MOST = 100
_LONGEST = 40


class Problems:
    """Collects findings; `check` raises them together. After the first hundred the rest is left out."""

    __slots__ = ("error", "found", "source")

    def __init__(self, source: Source, error: type[PolicyError]) -> None:
        """Start without findings."""
        self.source = source
        self.error = error
        self.found: list[Diagnostic] = []

    @property
    def is_full(self) -> bool:
        """Whether further findings would be left out."""
        return len(self.found) >= _MOST

    def add(
        self, code: str, message: str, span: Span, *, label: str = "", remedy: str | None = None, related: tuple[Label, ...] = ()
    ) -> None:
        """Note a finding."""
        if not self.is_full:
            primary = Label(span, label)
            self.found.append(Diagnostic(code, message, self.source, primary, related, remedy))

    def add_duplicate(self, key: str, first: Span, second: Span) -> None:
        """Note a key that stands twice in one object."""
        related = (Label(first, "first written here"),)
        self.add("PL503", f"the key {quote(key)} stands twice", second, remedy="remove or rename one of them", related=related)

    def fail(
        self, code: str, message: str, span: Span, *, label: str = "", remedy: str | None = None, related: tuple[Label, ...] = ()
    ) -> NoReturn:
        """Note a finding after which reading cannot go on, and raise all of them."""
        primary = Label(span, label)
        raise self.error([*self.found, Diagnostic(code, message, self.source, primary, related, remedy)])

    def fail_depth(self, span: Span) -> NoReturn:
        """Refuse a document that is nested too deeply."""
        self.fail("PL512", f"the document is nested more than {MAX_DEPTH} levels deep", span)

    def check(self) -> None:
        """Raise the findings, if there are any."""
        if self.found:
            raise self.error(self.found)


def quote(text: str) -> str:
    """The user's text in backticks: cut when long, and without anything that could break the line."""
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return f"`{shown if shown.isprintable() else ''.join(map(_visible, shown))}`"


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode()
