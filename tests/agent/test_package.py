import subprocess
import sys
from importlib import import_module

import pytest

from policy_lang import agent


@pytest.mark.parametrize("name", agent.__all__)
def test_each_public_name_is_where_it_was_made(name: str) -> None:
    modules = vars(agent)["_MODULES"]
    assert sorted(modules) == sorted(agent.__all__)
    assert getattr(agent, name) is getattr(import_module(f"policy_lang.agent.{modules[name]}"), name)


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        vars(agent)["__getattr__"]("nonsense")


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("import policy_lang.agent", []),
        ("from policy_lang.agent import read_settings", []),
        ("from policy_lang.agent import Agent", ["httpx"]),
    ],
)
def test_a_device_loads_no_more_than_it_needs(code: str, loaded: list[str]) -> None:
    """Neither the parser nor the server, and HTTP with the agent only."""
    heavy = (
        "lark",
        "re2",
        "yaml",
        "typer",
        "httpx",
        "litestar",
        "sqlalchemy",
        "msgspec",
    )  # httpx itself loads rich where it is there
    program = f"{code}\nimport sys\nprint(*(name for name in {heavy!r} if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.split() == loaded
