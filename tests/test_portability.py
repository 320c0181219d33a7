"""What an older patch release of a supported Python does differently, and nobody would notice on a newer one."""

import re
from pathlib import Path

import pytest

import policy_lang

_SOURCES = sorted(Path(policy_lang.__file__).parent.rglob("*.py"))
_GROUP_REPEATED_POSSESSIVELY = re.compile(r"(?<![\\(])\)(?:[*+?]|\{[0-9,]+\})\+")


@pytest.mark.parametrize("pattern", ["(?:a|b)*+", "(?:a)?+", "(a)++", "(?:a){2,3}+"])
def test_a_group_repeated_possessively_is_found(pattern: str) -> None:
    assert _GROUP_REPEATED_POSSESSIVELY.search(pattern)


@pytest.mark.parametrize("pattern", ["[ab]*+", r"\)*+", "(?>(?:a|b)*)", "(?:a)+"])
def test_what_is_none(pattern: str) -> None:
    assert not _GROUP_REPEATED_POSSESSIVELY.search(pattern)


def test_no_group_is_repeated_possessively() -> None:
    """Before Python 3.11.3 such a pattern matches too much where an iteration fails half way (CPython gh-100061)."""
    assert len(_SOURCES) > 100
    found = [path.name for path in _SOURCES if _GROUP_REPEATED_POSSESSIVELY.search(path.read_text(encoding="utf-8"))]
    assert found == []
