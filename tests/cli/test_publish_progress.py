import sys
from io import StringIO

import pytest

from policy_lang.cli.publish_progress import byte_progress


class Terminal(StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_each_stage_has_a_bar_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with byte_progress() as watch:
        for stage in ("hashing", "uploading", "verifying"):
            advance = watch(stage, 2_000_000)
            advance(1_000_000)
            advance(1_000_000)
    shown = terminal.getvalue()
    assert all(stage in shown for stage in ("hashing", "uploading", "verifying"))
    assert "2.0/2.0 MB" in shown


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with byte_progress() as watch:
        watch("hashing", 5)(5)
    assert pipe.getvalue() == ""
