"""Policies with expectations, in files: `cases/**/*.policy` for findings, `cases/evaluation/*.yaml` for results.

A policy file is cut by lines `---`. A trailing `//! PL201` expects that finding on that line; a missing finding fails, and so does
one too many. Files named `*_declared.policy` are checked with `cases/schema.yaml`, all others without a schema.

An evaluation file is a list. Each entry has a `policy` and, under `true`, `false` and `unknown`, the devices that have this
result; `update`, `now` and `schema` (true for `cases/schema.yaml`) where they matter, and `finding` where it is not fixed yet.

The files in `cases/optimizer` are those of `tests/optimizer/test_optimize.py`.

A file in `cases/formatter` has the input, a line `// output`, and the layout; without that line the input has its layout already.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_lang.errors import PolicyError
from policy_lang.pipeline import compile_policy
from policy_lang.syntax.formatter import format_policy
from policy_lang.types.schema import Schema

CASES = Path(__file__).parent / "cases"
SCHEMA = Schema.load(CASES / "schema.yaml")
RESULTS = {"true": True, "false": False, "unknown": None}
_NOTE = re.compile(r"[ \t]*//!((?: PL\d{3})+)[ \t]*$", re.MULTILINE)


def expectations(chunk: str) -> tuple[str, list[tuple[int, str]]]:
    """Split a chunk into policy text and the sorted (line, code) pairs that it expects."""
    lines = enumerate(chunk.splitlines(), start=1)
    noted = [(number, note[1]) for number, line in lines if (note := _NOTE.search(line))]
    return _NOTE.sub("", chunk), sorted((number, code) for number, codes in noted for code in codes.split())


def chunks(*, is_layout: bool) -> Iterator[Any]:
    files = [file for file in sorted(CASES.rglob("*.policy")) if (file.parent.name == "formatter") is is_layout]
    for file in files:
        if file.parent.name == "optimizer":
            continue
        for number, chunk in enumerate(re.split(r"^---\n", file.read_text(), flags=re.MULTILINE), start=1):
            marks = [pytest.mark.xfail(strict=True, reason="a finding that is not fixed yet")] if "open" in file.stem else []
            yield pytest.param(file, chunk, id=f"{file.relative_to(CASES)}:{number}", marks=marks)


def tables() -> Iterator[Any]:
    for file in sorted(CASES.rglob("*.yaml")):
        if file.name != "schema.yaml":
            for entry in yaml.safe_load(file.read_text()):
                reason = entry.get("finding")
                marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
                yield pytest.param(entry, id=f"{file.relative_to(CASES)}: {entry['policy']}", marks=marks)


@pytest.mark.parametrize(("file", "chunk"), list(chunks(is_layout=False)))
def test_findings(file: Path, chunk: str) -> None:
    text, expected = expectations(chunk.rstrip("\n"))
    found: list[tuple[int, str]] = []
    try:
        compile_policy(text, schema=SCHEMA if file.stem.endswith("_declared") else None)
    except PolicyError as error:
        found = sorted((finding.location.line, finding.code) for finding in error.diagnostics if finding.location is not None)
    assert found == expected


@pytest.mark.parametrize(("file", "chunk"), list(chunks(is_layout=True)))
def test_layouts(file: Path, chunk: str) -> None:
    text, _, wanted = chunk.partition("// output\n")
    assert format_policy(text, name=str(file)) == (wanted or text)


@pytest.mark.parametrize("entry", list(tables()))
def test_results(entry: dict[str, Any]) -> None:
    policy = compile_policy(entry["policy"], schema=SCHEMA if entry.get("schema") else None)
    update, now = entry.get("update", {}), entry.get("now")
    for name, expected in RESULTS.items():
        for device in entry.get(name, []):
            assert policy.evaluate(device, update, now) is expected, device
            assert policy.explain(device, update, now).result is expected, device
            assert policy.matches(device, update, now) is (expected is True), device
            assert policy.bind(update).evaluate(device, None, now) is expected, device
    assert any(name in entry for name in RESULTS)
