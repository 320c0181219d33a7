import io

import pytest

from policy_lang.cli.difference import write_difference
from policy_lang.cli.output import Output


class _Terminal(io.StringIO):
    """A stream that says of itself that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("a\n", "b\n", "-a\n+b\n"),
        ("a", "a\n", "-a\n\\ No newline at end of file\n+a\n"),
        ("a\r\n", "a\n", "-a\r\n+a\n"),
        ("a\x0cb\u2028\n", "c\n", "-a\x0cb\u2028\n+c\n"),
        ("a\n", "", "-a\n"),
    ],
)
def test_programs_get_every_byte(old: str, new: str, changes: str) -> None:
    stream = io.StringIO()
    write_difference(Output(stream), "folder/a.policy", old, new)
    header, *lines = stream.getvalue().partition("@@\n")
    assert header.startswith("--- a/folder/a.policy\n+++ b/folder/a.policy\n@@ -1")
    assert "".join(lines) == "@@\n" + changes


def test_people_get_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = _Terminal()
    write_difference(Output(stream), "a", "a\n  same\n", "b\x1b\n  same\n")
    lines = stream.getvalue().split("\n")
    assert lines[0] == "\x1b[1m--- a/a\x1b[0m"
    assert "\x1b[31m-a\x1b[0m" in lines
    assert "\x1b[32m+b\ufffd\x1b[0m" in lines
    assert "   same" in lines


def test_nothing_where_nothing_changes() -> None:
    stream = io.StringIO()
    write_difference(Output(stream), "a", "a\n", "a\n")
    assert not stream.getvalue()
