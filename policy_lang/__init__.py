"""Decide, safely and fast, which device gets which software update."""

from policy_lang.analysis.lint import lint_policy
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
from policy_lang.types.schema import Schema
from policy_lang.versions.ranges import VersionRange
from policy_lang.versions.version import Version

__all__ = [
    "Catalog",
    "CatalogError",
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
    "lint_policy",
]
