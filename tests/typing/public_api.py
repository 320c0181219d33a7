"""The public API as a user writes it; two type checkers read this file, and it also runs (tests/test_packaging.py)."""

# pyright: reportUnusedCallResult=false

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import assert_type

from policy_lang import (
    Catalog,
    CatalogError,
    Change,
    Decision,
    DeviceFileError,
    Diagnostic,
    Explanation,
    Ledger,
    MemoryLedger,
    Options,
    Policy,
    PolicyError,
    PolicySyntaxError,
    PolicyTypeError,
    Schema,
    SchemaError,
    Selector,
    Update,
    Version,
    VersionRange,
    bucket,
    compile_policy,
    format_policy,
    nearest_change,
)


def policies() -> None:
    """Compile, evaluate, explain."""
    schema = Schema.load({"type": "object", "properties": {"region": {"type": "string"}}})
    policy = compile_policy("device.region == 'us' && site.open", schema=schema.with_root("site"), options=Options(max_depth=32))
    assert_type(policy, Policy)
    device = {"region": "us"}
    assert_type(nearest_change(policy, device, wanted=True), Change | None)
    assert_type(policy.matches(device, {"version": "2.0.0"}, "2026-05-01T12:00:00Z", roots={"site": {"open": True}}), bool)
    assert_type(policy.evaluate(device, now=datetime(2026, 5, 1, tzinfo=UTC)), bool | None)
    explanation = policy.explain(device)
    assert_type(explanation, Explanation)
    assert_type(explanation.result, bool | None)
    assert_type(policy.properties, tuple[str, ...])
    assert_type(policy.digest, str)
    assert_type(format_policy(policy.text, width=60, options=Options(max_depth=32)), str)


def findings() -> list[str]:
    """Catch what compiling and loading raise."""
    try:
        compile_policy("device.memory <")
    except (PolicySyntaxError, PolicyTypeError) as error:
        assert_type(error.diagnostics, tuple[Diagnostic, ...])
        return [f"{each.code}: {each.message}" for each in error.diagnostics]
    except PolicyError:
        raise
    return []


def errors_are_policy_errors() -> tuple[type[PolicyError], ...]:
    """Each error has the findings."""
    return (CatalogError, DeviceFileError, PolicySyntaxError, PolicyTypeError, SchemaError)


def selection(device: Mapping[str, object]) -> Mapping[str, str] | None:
    """Load a catalog, select, offer."""
    catalog = Catalog.load({"updates": []})
    ledger: Ledger = MemoryLedger()
    decision = Selector(catalog, ledger).select(device, now="2026-05-01T12:00:00Z")
    assert_type(decision, Decision)
    assert_type(decision.update, Update | None)
    for update in catalog:
        assert_type(update, Update)
    for step in decision.trace:
        assert_type(step.explanation, Explanation)
    return decision.offer


def versions() -> bool:
    """Order versions, combine ranges, place keys."""
    supported = VersionRange.parse("^1.4") & ~VersionRange.exactly(Version.parse("1.4.7"))
    assert_type(supported, VersionRange)
    assert_type(bucket("device-1", "release-7"), int)
    return Version.parse("1.10.0") > Version.parse("1.9.0") and Version.parse("1.5.0") in supported


if __name__ == "__main__":
    policies()
    if not (findings() and errors_are_policy_errors() and versions()):
        raise SystemExit("the public API does not work")
    if selection({"product": "thermostat", "version": "1.0.0"}) is not None:
        raise SystemExit("an empty catalog offered an update")
