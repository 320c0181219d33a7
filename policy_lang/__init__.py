"""Decide, safely and fast, which device gets which software update.

Each name is imported from its module when it is first asked for: a program that loads a compiled catalog never imports the parser.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy_lang.analysis.changes.change import Change
    from policy_lang.analysis.lint import lint_catalog, lint_policy
    from policy_lang.analysis.nearest import nearest_change
    from policy_lang.catalog.catalog import Catalog
    from policy_lang.catalog.update import Update
    from policy_lang.compiler.explain import Explanation
    from policy_lang.compiler.policy import Policy
    from policy_lang.diagnostics.model import Diagnostic
    from policy_lang.errors import (
        CatalogError,
        DeviceFileError,
        PolicyError,
        PolicySyntaxError,
        PolicyTypeError,
        SchemaError,
    )
    from policy_lang.options import Options
    from policy_lang.pipeline import compile_policy
    from policy_lang.rollout.bucket import bucket
    from policy_lang.rollout.ledger import Ledger, MemoryLedger
    from policy_lang.selection.engine import Selector
    from policy_lang.selection.model import Decision
    from policy_lang.syntax.formatter import format_policy
    from policy_lang.types.schema import Schema
    from policy_lang.versions.ranges import VersionRange
    from policy_lang.versions.version import Version

__all__ = [
    "Catalog",
    "CatalogError",
    "Change",
    "Decision",
    "DeviceFileError",
    "Diagnostic",
    "Explanation",
    "Ledger",
    "MemoryLedger",
    "Options",
    "Policy",
    "PolicyError",
    "PolicySyntaxError",
    "PolicyTypeError",
    "Schema",
    "SchemaError",
    "Selector",
    "Update",
    "Version",
    "VersionRange",
    "bucket",
    "compile_policy",
    "format_policy",
    "lint_catalog",
    "lint_policy",
    "nearest_change",
]

_MODULES = {
    "Catalog": "catalog.catalog",
    "CatalogError": "errors",
    "Change": "analysis.changes.change",
    "Decision": "selection.model",
    "DeviceFileError": "errors",
    "Diagnostic": "diagnostics.model",
    "Explanation": "compiler.explain",
    "Ledger": "rollout.ledger",
    "MemoryLedger": "rollout.ledger",
    "Options": "options",
    "Policy": "compiler.policy",
    "PolicyError": "errors",
    "PolicySyntaxError": "errors",
    "PolicyTypeError": "errors",
    "Schema": "types.schema",
    "SchemaError": "errors",
    "Selector": "selection.engine",
    "Update": "catalog.update",
    "Version": "versions.version",
    "VersionRange": "versions.ranges",
    "bucket": "rollout.bucket",
    "compile_policy": "pipeline",
    "format_policy": "syntax.formatter",
    "lint_catalog": "analysis.lint",
    "lint_policy": "analysis.lint",
    "nearest_change": "analysis.nearest",
}
"""Where each public name is; the imports above say the same to type checkers, and a test compares the two."""


if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        """The public name, imported now; later questions find it in the module (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The names of the module, the public ones included before they are imported."""
    return sorted({*globals(), *__all__})
