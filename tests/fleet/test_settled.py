import pytest
from fleets import SCHEMA, compiled
from hostile import draw_devices

from policy_lang.fleet.bindings import bind_policy
from policy_lang.fleet.columns import columns_of_schema
from policy_lang.fleet.dialects.duckdb import DuckDb
from policy_lang.fleet.embedded import open_arrow, open_devices
from policy_lang.fleet.loop import Loop
from policy_lang.fleet.model import Limits
from policy_lang.fleet.settled import facts_of
from policy_lang.fleet.survey import Result
from policy_lang.fleet.tables import typed_table
from policy_lang.types.core import Fact

COLUMNS = columns_of_schema(SCHEMA)
DEVICES = draw_devices(300)
MANY = "device.memory > 5 && device.region == 'eu' && device.version < '1.4.2' && !device.pro && device.load in [1.5, 2]"
SETTLED = "(device.memory > 5 && device.region == 'eu') || !(device.version < '1.4.2')"


@pytest.mark.parametrize(
    ("policy", "paths"),
    [
        (SETTLED, ["memory", "region", "version"]),
        ("device.model ^= 'X' && device.pro", ["model", "pro"]),
        ("device.memory % 2 == 0", None),
        ("'eu' in device.tags", None),
        ("device.load in [1.5, device.memory]", None),
        ("true", []),
    ],
)
def test_what_makes_a_policy_known(policy: str, paths: list[str] | None) -> None:
    found = facts_of([bind_policy(compiled(policy), COLUMNS)])
    names = None if found is None else sorted(str(bound.core.path[1]) for bound in found if isinstance(bound.core, Fact))
    assert names == paths


@pytest.mark.parametrize("is_columnar", [True, False])
@pytest.mark.parametrize("policy", [MANY, SETTLED, "device.memory % 2 == 0", "device.pro"])
@pytest.mark.parametrize("kind", ["typed", "raw"])
def test_counts_do_not_depend_on_the_way(kind: str, policy: str, is_columnar: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001  a parameter of the test
    monkeypatch.setattr(DuckDb, "is_columnar", is_columnar)
    tally = Loop(DEVICES, schema=SCHEMA).tally([Result(compiled(policy))])
    with open_arrow(typed_table(DEVICES, COLUMNS), None, Limits()) if kind == "typed" else open_devices(DEVICES, Limits()) as fleet:
        assert fleet.count(compiled(policy)) == (tally[True,], tally[False,], tally[None,])
        assert sum(counts.matched for counts in fleet.count_by(compiled(policy), "region").values()) == tally[True,]
