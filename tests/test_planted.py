"""Mistakes that happened, planted in catalogs: the linter finds each of them, where it is, and nothing else."""

import re
from pathlib import Path

import pytest

from policy_lang.analysis.lint import lint_catalog

FILES = sorted((Path(__file__).parent / "data" / "planted").glob("*.yaml"))
_NOTE = re.compile(r" #!((?: PL\d{3})+)$")


def expected(file: Path) -> list[tuple[int, str]]:
    """The lines and codes of the notes at the ends of lines."""
    lines = enumerate(file.read_text().splitlines(), start=1)
    return sorted((number, code) for number, line in lines if (note := _NOTE.search(line)) for code in note[1].split())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_planted_mistake_is_found_and_nothing_else(file: Path) -> None:
    found = sorted((0 if each.location is None else each.location.line, each.code) for each in lint_catalog(file))
    assert found == expected(file)


def test_there_are_many_and_each_is_explained() -> None:
    notes = [note for file in FILES for note in expected(file)]
    updates = [file.read_text().count("  - id: release-") for file in FILES]
    assert len(notes) >= sum(updates) >= 25
    for file in FILES:
        assert re.findall(r"^(?:  )?# .+\n  - id:", file.read_text(), re.MULTILINE)
