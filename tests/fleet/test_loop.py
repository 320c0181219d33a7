from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fleets import NOW, SCHEMA

from policy_lang.catalog.catalog import Catalog
from policy_lang.errors import DeviceFileError
from policy_lang.fleet.loop import MOST_REPORTED, Loop
from policy_lang.fleet.survey import Absent, Assigned, Cell, Chosen, IsCandidate, IsProduct, Nothing, Result, Stage, State, Value
from policy_lang.pipeline import compile_policy
from policy_lang.rollout.bucket import bucket
from policy_lang.types.core import Fact, descendants
from policy_lang.types.schema import Schema

DEVICES: list[dict[str, Any]] = [
    {"id": "a", "product": "router", "version": "1.0.0", "memory": "512", "tags": ["eu", None]},
    {"id": "b", "productToken": "router", "version": "3.0.0", "memory": 512},
    {"id": "", "product": "router", "version": "1.0.0", "memory": "lots", "tags": ["eu"]},
    {"product": 5, "version": "1.0.0"},
]
UPDATE = {
    "id": "release-7",
    "product": "router",
    "version": "2.0.0",
    "policy": "device.memory >= 256",
    "url": "https://example.com/7.bin",
    "checksum": "00" * 32,
    "downgrade": "allow",
}
CATALOG = Catalog.load({"updates": [UPDATE]})


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "fleet.ndjson"
    file.write_text('{"id": "a"}\n\n{"id": "b"}\n')
    loop = Loop.read(file)
    assert (len(loop), loop.name) == (2, str(file))


def test_a_line_that_is_no_device_is_never_left_out_silently(tmp_path: Path) -> None:
    file = tmp_path / "fleet.ndjson"
    file.write_text('{"id": "a"}\n' + "[]\n" * 30)
    with pytest.raises(DeviceFileError) as caught:
        Loop.read(file)
    assert [finding.code for finding in caught.value.diagnostics] == ["PL511"] * MOST_REPORTED


def test_what_is_no_object_is_a_device_without_properties() -> None:
    assert Loop([[], 5]).tally([Value(("id",))]) == Counter({(Absent.MISSING,): 2})  # type: ignore[list-item]  # careless callers


def test_results_are_three() -> None:
    policy = compile_policy("device.memory >= 600 || device.memory < 0")
    assert Loop(DEVICES).tally([Result(policy)]) == Counter({(False,): 2, (None,): 2})


def test_values_are_shown_as_sent_or_decoded_by_the_schema() -> None:
    plain, decoded = Loop(DEVICES), Loop(DEVICES, schema=SCHEMA)
    assert plain.tally([Value(("memory",))]) == Counter({("512",): 2, ("lots",): 1, (Absent.MISSING,): 1})
    assert decoded.tally([Value(("memory",))]) == Counter({("512",): 2, (Absent.BAD,): 1, (Absent.MISSING,): 1})
    assert decoded.tally([Value(("site", "unheard"))]) == Counter({(Absent.MISSING,): 4})


def test_the_most_frequent_values() -> None:
    top = Loop(DEVICES).top(Value(("version",)), IsProduct("router", CATALOG), 1)
    assert (top.counts, top.others, top.values) == (Counter({("1.0.0", True): 2, ("1.0.0", False): 1}), Counter({True: 1}), 1)


def test_a_property_is_known_missing_or_bad_as_the_policy_reads_it() -> None:
    policy = compile_policy("device.memory > 1 && 'eu' in device.tags", schema=SCHEMA)
    facts = {fact.path[1]: fact for fact in descendants(policy.core) if isinstance(fact, Fact)}
    loop = Loop(DEVICES)
    assert loop.tally([State(facts["memory"], policy)]) == Counter({(None,): 2, (Absent.BAD,): 1, (Absent.MISSING,): 1})
    assert loop.tally([State(facts["tags"], policy)]) == Counter({(None,): 1, (Absent.BAD,): 1, (Absent.MISSING,): 2})


def test_a_default_stands_in_for_a_missing_property() -> None:
    policy = compile_policy("device.memory > 1", schema=Schema.load({"properties": {"memory": {"type": "integer", "default": 5}}}))
    (fact,) = [fact for fact in descendants(policy.core) if isinstance(fact, Fact)]
    assert Loop([{}, {"memory": "lots"}]).tally([State(fact, policy)]) == Counter({(None,): 1, (Absent.BAD,): 1})


def test_a_stage_counts_the_bounds_that_are_passed() -> None:
    place = bucket("a", "release-7")
    loop = Loop([{"id": "a"}, {"id": ""}, {"id": "\ud800"}])
    assert loop.tally([Stage("release-7", (0, place, place + 1))]) == Counter({(2,): 1, (None,): 2})
    assert Loop([{"id": "a"}]).tally([Stage("\ud800", (1,))]) == Counter({(None,): 1})


def test_candidates_are_of_the_product_and_may_go_back_where_that_is_allowed() -> None:
    (update,) = CATALOG
    assert Loop(DEVICES).tally([IsCandidate(update, CATALOG)]) == Counter({(True,): 3, (False,): 1})
    assert Loop([{"product": "router"}]).tally([IsCandidate(update, CATALOG)]) == Counter({(False,): 1})


def test_only_devices_where_everything_is_true_are_counted() -> None:
    where: list[Cell] = [IsProduct("router", CATALOG), Result(compile_policy("device.version < '2.0.0'"))]
    assert Loop(DEVICES).tally([], where) == Counter({(): 2})


def test_samples_are_the_least_digests_of_usable_ids() -> None:
    loop = Loop([{"id": f"device-{number}"} for number in range(50)] + [{"id": ""}, {}])
    found = loop.sample([Value(("unheard",))], 3)
    assert (
        found
        == {(Absent.MISSING,): ("device-44", "device-39", "device-31")}
        == Loop(reversed(loop.devices)).sample([Value(("unheard",))], 3)
    )


def test_devices_are_listed_with_their_update() -> None:
    (update,) = CATALOG
    assert list(Loop(DEVICES).assigned(Chosen(CATALOG, NOW))) == [
        Assigned("a", "router", "1.0.0", update),
        Assigned("b", "router", "3.0.0", update),
        Assigned("", "router", "1.0.0", Nothing.POLICY_UNKNOWN),
        Assigned(None, "5", "1.0.0", Nothing.NO_PRODUCT),
    ]


@pytest.mark.parametrize(
    ("rollout", "gets"),
    [
        ({"max_devices": 1}, 2),
        ({"max_devices": 0}, 0),
        ({"max_per_period": 1, "period": "1d"}, 2),
        ({"percent": 100}, 3),
    ],
)
def test_every_device_is_the_first_one(rollout: dict[str, object], gets: int) -> None:
    """Limits are the ledger's part; a limit of nobody is one for everybody, and a device needs an id where there is one."""
    catalog = Catalog.load({"updates": [{**UPDATE, "policy": "true", "rollout": rollout}]})
    assert Loop(DEVICES).tally([Chosen(catalog, NOW)])["release-7",] == gets
