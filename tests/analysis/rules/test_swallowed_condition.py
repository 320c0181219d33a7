from pathlib import Path

import pytest

from policy_lang.analysis.lint import lint_catalog
from policy_lang.analysis.rules.swallowed_condition import RULE
from policy_lang.diagnostics.model import Diagnostic

IMAGE = f"url: https://example.com/a.bin\n    checksum: {'5a7c01d9' * 8}"
FOLDED = [
    "policy: >\n      device.a == 1 // why\n      && device.b == 2",
    "policy: device.a == 1 // why\n      && device.b == 2",
    'policy: "device.a == 1 // why\n      && device.b == 2"',
    "policy: 'device.c\n      // why\n      && device.b == 2'",
]
FINE = [
    "policy: 'device.a == 1 // why\n\n      && device.b == 2'",
    "policy: |\n      device.a == 1 // why\n      && device.b == 2",
    "policy: >\n      device.a == 1\n      && device.b == 2 // why",
    "policy: >\n      device.a == 1\n      && device.b == 2 // why\n      // and how",
    "policy: >\n      device.a == 1 /* why */\n      && device.b == 2",
    "policy: >\n      device.a == 1 // why\n\n      && device.b == 2",
    'policy: "device.a == 1 // why\\n && device.b == 2"',
    "policy: device.a == 1 // why",
    "policy: device.a == 'x // y'\n      && device.b == 2",
]


def _lint(policy: str, folder: Path) -> list[Diagnostic]:
    file = folder / "catalog.yaml"
    file.write_text(f"updates:\n  - id: a\n    product: a\n    version: 1.0.0\n    {IMAGE}\n    {policy}\n")
    return lint_catalog(file, rules=[RULE])


@pytest.mark.parametrize("policy", FOLDED)
def test_what_a_comment_swallows_is_pointed_at(policy: str, tmp_path: Path) -> None:
    (found,) = _lint(policy, tmp_path)
    assert found.source is not None
    assert found.primary is not None
    assert found.source.excerpt(found.primary.span) == "&& device.b == 2"
    assert found.message == "`&& device.b == 2` belongs to the comment above it, and is no condition"


@pytest.mark.parametrize("policy", FINE)
def test_lines_that_stay_lines(policy: str, tmp_path: Path) -> None:
    assert _lint(policy, tmp_path) == []


def test_a_catalog_without_a_document_folds_nothing() -> None:
    image = {"url": "https://example.com/a.bin", "checksum": "5a7c01d9" * 8}
    policy = "device.a == 1 // why && device.b == 2"
    assert (
        lint_catalog({"updates": [{"id": "a", "product": "a", "version": "1.0.0", "policy": policy, **image}]}, rules=[RULE]) == []
    )
