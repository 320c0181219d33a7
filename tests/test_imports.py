"""What is loaded when, each in a fresh process."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import policy_lang

HEAVY = ("lark", "re2", "yaml", "typer", "rich", "duckdb", "polars", "httpx", "litestar", "sqlalchemy")


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


COMPILED = """
from policy_lang import Catalog, Selector
update = {{"product": "p", "url": "https://e.com/x", "checksum": "ab" * 32}}
updates = [{{"id": str(n), "version": f"2.{{n}}.0", "policy": {policy!r}, **update}} for n in range(20)]
Catalog.load({{"updates": updates}}).save({path!r})
"""
LOADED = """
from policy_lang import Catalog, Selector
selector = Selector(Catalog.load({path!r}))
assert selector.select({{"id": "d", "product": "p", "version": "1.0.0", "model": "X1", "pro": True}}).update.id == "19"
"""
PARSER = ("policy_lang.syntax.parser", "policy_lang.checker.policy", "policy_lang.pipeline", "policy_lang.documents.json_text")


@pytest.mark.parametrize(("policy", "expected"), [("device.pro", set()), ("device.model == /^X[0-9]/", {"re2"})])
def test_a_compiled_catalog_needs_no_parser(tmp_path: Path, policy: str, expected: set[str]) -> None:
    """Loading and selecting imports neither Lark nor our own checker, and RE2 only where a policy has a pattern."""
    path = str(tmp_path / "x.policyc")
    run(COMPILED.format(policy=policy, path=path))
    code = LOADED.format(path=path)
    assert loaded(code) == expected
    assert run(f"{code}\nimport sys\nprint(*(name for name in {PARSER!r} if name in sys.modules))") == ""


def test_names_are_imported_when_they_are_asked_for() -> None:
    code = "import policy_lang, sys\nprint(*(name for name in sys.modules if name.startswith('policy_lang.')))"
    assert run(code) == ""


def test_each_public_name_is_where_it_was_made() -> None:
    """What `__getattr__` imports is what type checkers are told: the same names from the same modules."""
    tree = ast.parse(Path(policy_lang.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert sorted(told) == policy_lang.__all__ == sorted(policy_lang.__all__)
    assert {name: f"policy_lang.{module}" for name, module in vars(policy_lang)["_MODULES"].items()} == told
    for name, module in told.items():
        assert getattr(policy_lang, name) is getattr(import_module(str(module)), name)


def test_the_public_face_lists_its_names() -> None:
    assert run("import policy_lang\nprint({*policy_lang.__all__} <= {*dir(policy_lang)})") == "True"


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        vars(policy_lang)["__getattr__"]("nonsense")


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
