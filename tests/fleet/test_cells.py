from typing import Any

import pytest

from policy_lang.catalog.catalog import Catalog
from policy_lang.fleet.cells import Asking
from policy_lang.fleet.columns import columns_of_schema
from policy_lang.fleet.embedded import open_arrow
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.survey import Chosen, GoesBack, Nothing
from policy_lang.fleet.tables import typed_table
from policy_lang.types.schema import Schema

SCHEMA = Schema.load({"properties": {"memory": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}})
_MORE: list[dict[str, Any]] = [{"memory": 6}, {"memory": 4, "tags": ["a"]}, {}, {"tags": []}]
IMAGE = {"product": "router", "url": "https://example.com/7.bin", "checksum": "00" * 32}


def _catalog(*policies: str, **fields: object) -> Catalog:
    updates = [
        {"id": f"r'{at}\"--", "version": f"{at + 2}.0.0", "policy": policy, **IMAGE, "checksum": f"{at:064x}", **fields}
        for at, policy in enumerate(policies)
    ]
    return Catalog.load({"updates": updates}, schema=SCHEMA)


@pytest.mark.parametrize(
    "policy",
    [
        "device.memory > 5",
        "device.memory in [5, 6]",
        "device.memory % 2 == 0",
        "device.memory > 5 && 'eu' in device.tags",
        "(device.memory ?? 0) > 5",
        "device.version < update.version",
        "inWindow('01:00', '05:00')",
        "true",
    ],
)
def test_the_reason_tells_false_from_unknown(policy: str) -> None:
    """However much is known about the policy beforehand."""
    devices = [{"product": "router", "version": "1.0.0", **more} for more in _MORE]
    chosen = Chosen(_catalog(policy, "device.memory < 0"))
    with open_arrow(typed_table(devices, columns_of_schema(SCHEMA)), None, Limits()) as fleet:
        assert fleet.survey().tally([chosen]) == Loop(devices).tally([chosen])


def test_only_updates_that_allow_it_go_back() -> None:
    devices = [{"product": "router", "version": version} for version in ("1.0.0", "2.0.0", "9.0.0")]
    with open_arrow(typed_table(devices, columns_of_schema(SCHEMA)), None, Limits()) as fleet:
        survey, strict, lenient = fleet.survey(), _catalog("true"), _catalog("true", downgrade="allow")
        assert survey.tally([GoesBack(Chosen(strict))]) == {(False,): 3}
        assert survey.tally([GoesBack(Chosen(lenient))]) == {(True,): 1, (False,): 2}


def test_asking_says_what_an_engine_counts_by() -> None:
    with open_arrow(typed_table([], columns_of_schema(SCHEMA)), None, Limits()) as fleet:
        table = fleet.survey()._table  # noqa: SLF001  its own test
        asked = Asking(table.query(), fleet.columns).ask(Chosen(_catalog("device.memory > 5")))
        assert asked.read([0]) == "r'0\"--"
        assert asked.read([-1]) is next(iter(Nothing))
