"""The table of the documentation says what the dialects say."""

from pathlib import Path

import pytest

from policy_lang.fleet.builder import Operation
from policy_lang.fleet.dialects.every import DIALECTS, find_dialect
from policy_lang.fleet.frames import Polars

PAGE = (Path(__file__).parents[3] / "docs" / "fleet.md").read_text()


@pytest.mark.parametrize("operation", Operation)
def test_the_documentation_lists_every_operation(operation: Operation) -> None:
    engines = [(each.name, each.can) for each in DIALECTS.values()] + [(Polars.name, Polars.can)]
    head = "| operation | " + " | ".join(name for name, _ in engines) + " |"
    row = f"| {operation} | " + " | ".join("itself" if operation in can else "look-up" for _, can in engines) + " |"
    assert head in PAGE
    assert row in PAGE


def test_athena_is_trino() -> None:
    assert find_dialect("athena") is find_dialect("trino")
