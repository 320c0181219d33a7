"""What is loaded when, each in a fresh process."""

import subprocess
import sys

import pytest

HEAVY = ("lark", "re2", "yaml", "typer", "rich", "duckdb", "polars", "starlette")


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return result.stdout.strip()


def loaded(code: str) -> set[str]:
    """The heavy modules that some code loads."""
    return set(run(f"{code}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))").split())


@pytest.mark.parametrize(
    "module", ["policy_lang", "policy_lang.pipeline", "policy_lang.types.schema", "policy_lang.compiler.policy"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    """`import policy_lang` loads neither Lark, RE2 nor any extra."""
    assert loaded(f"import {module}") == set()


def test_parsing_loads_lark_only() -> None:
    """A policy without a regular expression needs Lark and nothing else."""
    code = "from policy_lang.pipeline import compile_policy\ncompile_policy(\"device.version < '2.0.0' && device.model ^= 'X'\")"
    assert loaded(code) == {"lark"}


def test_a_regular_expression_loads_re2() -> None:
    assert loaded("from policy_lang.pipeline import compile_policy\ncompile_policy('device.model == /^X[0-9]/')") == {"lark", "re2"}


def test_the_public_face_works_in_a_fresh_process() -> None:
    code = "import policy_lang\nprint(policy_lang.compile_policy(\"device.region == 'eu'\").matches({'region': 'eu'}))"
    assert run(code) == "True"


def test_a_policy_in_another_thread() -> None:
    """The parser is made once and shared, whichever thread comes first."""
    code = """
from concurrent.futures import ThreadPoolExecutor
from policy_lang.pipeline import compile_policy
texts = [f"device.memory > {number} // {number}" for number in range(64)]
with ThreadPoolExecutor(8) as pool:
    policies = list(pool.map(compile_policy, texts))
print(all(policy.text == text and policy.matches({"memory": 64}) for policy, text in zip(policies, texts)))
"""
    assert run(code) == "True"
