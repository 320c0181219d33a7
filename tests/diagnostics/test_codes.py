"""Each code that a policy or a schema can get is expected somewhere, so that no finding goes untested."""

import re
from pathlib import Path

import pytest

from policy_lang.diagnostics.codes import CODES

TESTS = Path(__file__).parents[1]
LANGUAGE = sorted(code for code in CODES if code[2] in "124" and code != "PL112")
"""PL112 is for files that hold no text, and read elsewhere."""


@pytest.mark.parametrize("code", LANGUAGE)
def test_every_code_is_expected(code: str) -> None:
    files = [*TESTS.glob("cases/**/*.policy"), TESTS / "types" / "test_schema.py", TESTS / "test_pipeline.py"]
    assert any(code in file.read_text() for file in files)


@pytest.mark.parametrize("code", CODES)
def test_titles_obey_the_law_of_prose(code: str) -> None:
    """Lower case, no final period, user text in backticks, one line."""
    title = CODES[code]
    assert re.fullmatch(r"PL[1-5]\d\d", code)
    assert title
    assert title[0].islower() or title[0] == "`"
    assert not title.endswith(".")
    assert "\n" not in title
