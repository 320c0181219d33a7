import pytest
from catalog_linting import fields_of, found_in

from policy_lang.analysis.rules.percent_without_id import RULE

SCHEMA = {"required": ["region"], "properties": {"region": {"type": "string"}, "id": {"type": "string"}}}


@pytest.mark.parametrize(
    ("update", "field"),
    [
        ({"rollout": {"percent": 5}}, "rollout"),
        ({"rollout": {"max_devices": 5}}, "rollout"),
        ({"rollout": {"start": "2026-05-08T00:00:00Z", "ramp": "7d"}}, "rollout"),
        ({"policy": "rollout(5)"}, "policy"),
        ({"policy": "bucket(device.id, update.id) < 500"}, "policy"),
    ],
)
def test_a_rollout_that_needs_an_id(update: dict[str, object], field: str) -> None:
    assert fields_of(RULE, {}, update, schema=SCHEMA) == [f"updates[1].{field}"]


def test_one_finding_for_the_catalog() -> None:
    (found,) = found_in(RULE, {"rollout": {"percent": 5}, "policy": "rollout(9)"}, {"rollout": {"percent": 5}}, schema=SCHEMA)
    assert found.message == "devices without an id are never admitted, and the schema does not require `id`"
    assert [path for path, _ in found.related] == [("updates", 0, "policy"), ("updates", 1, "rollout")]


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {"properties": {"id": {"type": "string"}}},
        {"required": ["id"], "properties": {"region": {"type": "string"}}},
        {"required": ["id"], "properties": {"id": {"type": "string"}}},
    ],
)
def test_what_the_schema_says_of_ids(schema: dict[str, object] | None) -> None:
    assert fields_of(RULE, {"rollout": {"percent": 5}}, schema=schema) == []


@pytest.mark.parametrize("policy", ["device.id == 'a'", "bucket(device.region, 'x') < 5", "device.region.length < 5"])
def test_what_is_fine(policy: str) -> None:
    assert fields_of(RULE, {"policy": policy, "rollout": {"end": "2026-05-08T00:00:00Z"}}, schema=SCHEMA) == []
