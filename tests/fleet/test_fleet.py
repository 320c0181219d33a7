"""The face of the fleet."""

import subprocess
import sys
from pathlib import Path

import pytest

from policy_lang import fleet


def test_each_name_is_there() -> None:
    for name in fleet.__all__:
        assert getattr(fleet, name) is not None
    assert fleet.open is fleet.open_fleet


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        vars(fleet)["__getattr__"]("nonsense")


def test_nothing_is_loaded_before_it_is_used() -> None:
    heavy = {"duckdb", "polars", "pyarrow", "sqlglot", "pandas", "pyspark"}
    code = f"import policy_lang.fleet, sys\nprint(*({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.strip() == ""


def test_every_public_name_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "fleet.md").read_text(encoding="utf-8")
    assert [name for name in fleet.__all__ if f"`{name}`" not in page] == []
