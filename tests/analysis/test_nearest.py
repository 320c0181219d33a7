"""The nearest change by example: one policy, one device, and the change as people read it."""

from time import perf_counter
from typing import Any

import pytest

from policy_lang.analysis.nearest import GAVE_UP, NOTHING_FOUND, find_change, nearest_change
from policy_lang.options import Options
from policy_lang.pipeline import compile_policy
from policy_lang.types.functions.row import Form, Function, Parameter
from policy_lang.types.model import Kind
from policy_lang.types.schema import Schema

UPDATE = {"id": "release-7", "version": "1.5.0", "channel": "beta"}
NOW = "2026-05-12T09:00:00Z"


def nearest(text: str, device: Any, **options: Any) -> str | None:
    """The nearest change in one line."""
    change = nearest_change(compile_policy(text), device, UPDATE, NOW, **options)
    return None if change is None else str(change)


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("device.region == 'us'", {"region": "eu"}, "device.region: 'eu' → 'us'"),
        ("device.region == 'us'", {"region": "US "}, "device.region: 'US ' → 'us'"),
        ("device.region == 'us'", {"region": "us"}, "device.region: 'us' → 'other'"),
        ("device.region != 'us'", {}, "device.region: missing → 'other'"),
        ("device.region in ['us', 'eu']", {"region": "eu"}, "device.region: 'eu' → 'other'"),
        ("device.region in ['other', 'us']", {"region": "us"}, "device.region: 'us' → 'other-2'"),
        ("device.pro == true", {"pro": False}, "device.pro: false → true"),
        ("device.pro == true", {"pro": "FALSE"}, "device.pro: FALSE → true"),
        ("device.pro", {"pro": "yes"}, "device.pro: 'yes' → true"),
        ("has(device.serial)", {}, "device.serial: missing → any value"),
        ("device.serial == null", {"serial": "7"}, "device.serial: '7' → missing"),
        ("device.region == 'us' && has(device.region)", {}, "device.region: missing → 'us'"),
    ],
)
def test_texts_and_bools(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("device.memory >= 256", {"memory": 128}, "device.memory: 128 → 256"),
        ("device.memory > 256", {"memory": 128}, "device.memory: 128 → 257"),
        ("device.memory >= 256", {"memory": 512}, "device.memory: 512 → 255"),
        ("device.load > 0.5", {"load": 0.1}, "device.load: 0.1 → 0.6"),
        ("device.load > 0.5 && device.load < 0.6", {}, "device.load: missing → 0.55"),
        ("device.memory > 2 && device.memory < 9 || device.memory == 100", {"memory": 80}, "device.memory: 80 → 100"),
        ("device.memory >= 256", {"memory": " 300 "}, "device.memory: ' 300 ' → 300"),
        ("device.memory >= 256", {"memory": "lots"}, "device.memory: 'lots' → 256"),
        ("device.memory >= 256", {"memory": [1]}, "device.memory: [1] → 256"),
        ("device.memory / 1024 >= 2", {"memory": 1}, "device.memory: 1 → 2048"),
        ("device.memory * 2 == 14", {"memory": 1}, "device.memory: 1 → 7"),
        ("100 - device.memory > 50", {"memory": 60}, "device.memory: 60 → 49.5"),
        ("-device.memory == -6", {"memory": 5}, "device.memory: 5 → 6"),
        ("(device.flags & 4) != 0 && device.flags % 2 == 1", {"flags": 2}, "device.flags: 2 → 5"),
        ("(device.flags | 1) == 7 && (device.flags ^ 2) == 4", {"flags": 0}, "device.flags: 0 → 6"),
        ("device.a + device.b == 10", {"a": 3, "b": 3}, "device.b: 3 → 7"),
        ("device.a + device.b > 10", {}, "device.a: missing → 10, device.b: missing → 1"),
        ("1 << device.bits == 16 && device.other >> 2 == 3", {"bits": 1}, "device.bits: 1 → 4, device.other: missing → 12"),
        ("~device.flags == -7", {}, "device.flags: missing → 6"),
    ],
)
def test_numbers(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("device.version < update.version", {"version": "2.0.0"}, "device.version: 2.0.0 → 1.4.0"),
        ("device.version < '1.5.0' && device.version >= '1.2.0'", {"version": "1.9.0"}, "device.version: 1.9.0 → 1.4.0"),
        ("device.version < '1.5.0' && device.version > '1.4.9'", {"version": "1.9.0"}, "device.version: 1.9.0 → 1.4.10"),
        ("satisfies(device.version, '^1.4 || >=3')", {"version": "2.2.0"}, "device.version: 2.2.0 → 3.0.0"),
        ("device.version < '1.5.0'", {"version": "v1.2"}, "device.version: 'v1.2' → 1.2.0"),
        ("device.version < '1.5.0'", {"version": 1.1}, "device.version: 1.1 → 1.4.0"),
        ("device.version >= '2.0.0-rc.1'", {"version": "1.9.0"}, "device.version: 1.9.0 → 2.0.0-rc.1"),
        ("device.version.major == 2", {"version": "1.3.4"}, "device.version: 1.3.4 → 2.0.0"),
        ("device.version.minor == 7 && device.version.patch == 2", {"version": "1.7.1"}, "device.version: 1.7.1 → 1.7.2"),
        ("device.version.isPrerelease", {"version": "1.3.4"}, "device.version: 1.3.4 → 1.3.4-rc.1"),
        ("device.version.prerelease == 'beta'", {"version": "1.3.4"}, "device.version: 1.3.4 → 1.3.4-beta"),
        ("device.version.build == 'mac'", {"version": "1.3.4"}, "device.version: 1.3.4 → 1.3.4+mac"),
        ("version(device.a) < version(device.b)", {}, "device.a: missing → '1.0.0', device.b: missing → '1.0.1'"),
        ("version(device.a) > '2.0.0'", {"a": "1.0.0"}, "device.a: '1.0.0' → '2.0.1'"),
    ],
)
def test_versions(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        (
            "device.seen < now - duration('1d')",
            {"seen": "2026-05-12T08:00:00Z"},
            "device.seen: 2026-05-12T08:00:00Z → 2026-05-11T08:59:59Z",
        ),
        ("now - device.seen >= duration('1d')", {}, "device.seen: missing → 2026-05-11T09:00:00Z"),
        ("device.uptime > duration('7d')", {"uptime": "P7D"}, "device.uptime: P7D → P7DT1S"),
        ("device.uptime >= duration('12h')", {}, "device.uptime: missing → 12h"),
        ("device.uptime * 2 == duration('1d')", {"uptime": "1d"}, "device.uptime: 1d → 12h"),
        (
            "hour(device.seen, 'UTC') == 5",
            {"seen": "2026-05-12T08:00:00Z"},
            "device.seen: 2026-05-12T08:00:00Z → 2026-05-12T05:59:59Z",
        ),
        ("inWindow('01:00', '05:00', device.zone)", {"zone": "UTC"}, "device.zone: 'UTC' → 'Etc/GMT+5'"),
        ("weekday(device.seen) == 1 && has(device.seen)", {}, "device.seen: missing → 2025-12-29T00:00:00Z"),
    ],
)
def test_times(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("device.model == /^cg[0-9]-b$/", {"model": "x"}, "device.model: 'x' → 'cg0-b'"),
        ("device.model ^= 'X1' && device.model $= '-pro'", {"model": "X100"}, "device.model: 'X100' → 'X100-pro'"),
        ("device.model ^= 'X1' && device.model != 'X1'", {"model": "z"}, "device.model: 'z' → 'X1z'"),
        ("device.model.length == 3", {"model": "X100"}, "device.model: 'X100' → 'X10'"),
        ("device.model.toUpperCase() == 'ABC'", {"model": "X100"}, "device.model: 'X100' → 'ABC'"),
        ("device.model + '!' == 'abc!'", {"model": "X100"}, "device.model: 'X100' → 'abc'"),
        ("'pro' in device.model.split('-')", {"model": "X100"}, "device.model: 'X100' → 'pro'"),
        ("device.model.split('-')[1] == 'pro'", {"model": "X100"}, "device.model: 'X100' → 'X100-pro'"),
        ("device.model.split('-').length == 2", {"model": "X100"}, "device.model: 'X100' → 'x-x'"),
        ("device.model < 'b' && device.model > 'a'", {"model": "z"}, "device.model: 'z' → 'a0'"),
        ("inCidr(device.ip, '10.20.0.0/16')", {"ip": "10.1.1.1"}, "device.ip: '10.1.1.1' → '10.20.0.1'"),
        ("inCidr(device.ip, '10.20.0.0/16')", {"ip": "10.20.3.4"}, "device.ip: '10.20.3.4' → '10.19.255.255'"),
        ("int(device.model + '') > 5", {"model": "x"}, "device.model: 'x' → '6'"),
        ("string(device.memory) == '512' && device.memory < 600", {"memory": 5}, "device.memory: 5 → 512"),
        ("bool(device.model + '')", {"model": "x"}, "device.model: 'x' → 'true'"),
        ("device.prefix == 'x' || device.model ^= device.prefix", {"model": "X1"}, "device.prefix: missing → 'x'"),
    ],
)
def test_computed_texts(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("'pilot' in device.tags", {"tags": ["a"]}, "device.tags: ['a'] → ['a', 'pilot']"),
        ("'pilot' in device.tags", {"tags": "a, b"}, "device.tags: 'a, b' → 'a, b, pilot'"),
        ("'pilot' in device.tags", {"tags": "a,b"}, "device.tags: 'a,b' → 'a,b,pilot'"),
        ("'pilot' in device.tags", {"tags": '["a"]'}, """device.tags: '["a"]' → '["a", "pilot"]'"""),
        ("'pilot' in device.tags", {}, "device.tags: missing → ['pilot']"),
        ("'pilot' not in device.tags", {"tags": ["a", "pilot"]}, "device.tags: ['a', 'pilot'] → ['a']"),
        ("'pilot' not in device.tags", {"tags": ["a", None]}, "device.tags: ['a', null] → ['a']"),
        ("'a' in device.tags && 'b' in device.tags", {}, "device.tags: missing → ['a', 'b']"),
        ("device.tags[0] == 'x' && device.tags[1] == 'y'", {"tags": ["a"]}, "device.tags: ['a'] → ['x', 'y']"),
        ("device.tags.length >= 2 && 'a' in device.tags", {"tags": ["b"]}, "device.tags: ['b'] → ['b', 'a']"),
        ("has(device.tags[1]) && 'a' in device.tags", {"tags": ["a"]}, "device.tags: ['a'] → ['a', 'any']"),
        ("device.model in ['a', device.name]", {"name": "n"}, "device.model: missing → 'a'"),
        ("device.model + '' in device.tags", {"model": "m", "tags": []}, "device.tags: [] → ['m']"),
        ("3 in device.slots", {"slots": [1]}, "device.slots: [1] → [1, 3]"),
    ],
)
def test_lists(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("device.site.name == 'x'", {}, "device.site.name: missing → 'x'"),
        ("device.site.name == 'x'", {"site": "text"}, "device.site.name: missing → 'x'"),
        ("has(device.a.b) && device.a.c == 5", {}, "device.a.b: missing → any value, device.a.c: missing → 5"),
        ("(device.a ?? 'x') == 'x'", {"a": "b"}, "device.a: 'b' → 'x'"),
        ("device.a ? device.b == 1 : device.c == 2", {"a": True, "c": 2}, "device.b: missing → 1"),
        ("(device.a ? 1 : 2) == device.b", {"a": True, "b": 2}, "device.a: true → false"),
        ("(device.a ?? device.b ?? false) && device.c", {"c": True}, "device.a: missing → true"),
        ("device.id == 'a' || device.region == 'us'", {"id": "b"}, "device.region: missing → 'us'"),
        ("device.id in ['lab-1', 'lab-2']", {"id": "b"}, "device.id: 'b' → 'lab-1'"),
    ],
)
def test_structure(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("'name' in device.site", {"site": {"floor": 1}}, "device.site.name: missing → any value"),
        ("'name' not in device.site", {"site": {"name": 1}}, "device.site.name: 1 → missing"),
        ("'name' not in device.site", {}, "device.site: missing → an object"),
        ("'region' in device", {"region": 1}, "device.region: 1 → missing"),
        ("device.key in device.site && device.key == 'a'", {"key": "a", "site": {}}, "device.site.a: missing → any value"),
        ("device.key in device.site", {"site": {"a": 1}}, "device.key: missing → 'a'"),
        ("device.key in device", {"key": "region"}, "device.key: 'region' → 'key'"),
    ],
)
def test_objects(text: str, device: dict[str, Any], change: str) -> None:
    schema = Schema.load({"properties": {"site": {"type": "object"}, "key": {"type": "string"}}})
    assert str(nearest_change(compile_policy(text, schema=schema), device)) == change


@pytest.mark.parametrize("text", ["update.channel == 'stable'", "false", "rollout(0)", "device.a != device.a && device.a == 'x'"])
def test_what_no_device_can_change(text: str) -> None:
    assert find_change(compile_policy(text), {"a": "y", "id": "1"}, UPDATE).reason == NOTHING_FOUND


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("has(device.tags[9007199254740991])", {}),
        ("device.model.split('-')[9007199254740991] == 'x'", {"model": "x"}),
        ("device.tags[9007199254740991] == 'x'", {"tags": []}),
        ("device.tags.length == 9007199254740991", {"tags": []}),
        ("device.model.length == 9007199254740991", {"model": ""}),
        ("device.a >> device.b == 3 && device.a < 0", {"a": 1, "b": 9007199254740991}),
        ("device.a << device.b == 3 && device.a < 0", {"a": 1, "b": 9007199254740991}),
        ("device.load * device.load * 1e308 > 1e308 && device.load < 0 && device.load > 0", {"load": 1e308}),
        ("device.load / 1e-308 > 1e308 && device.load < 0 && device.load > 0", {"load": 1e308}),
    ],
)
def test_huge_numbers_do_no_harm(text: str, device: dict[str, Any]) -> None:
    assert nearest(text, device) is None


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("has(device.ports[0].name)", {}, "device.ports: missing → any value"),
        ("device.ports[1].name == 'x'", {"ports": [{"name": "a"}]}, "device.ports: [an object] → [an object, an object]"),
    ],
)
def test_objects_in_lists(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


@pytest.mark.parametrize(
    ("text", "device", "change"),
    [
        ("((device.a && device.b) ?? device.c)", {"a": True, "c": False}, "device.b: missing → true"),
        ("((device.a && device.b) ?? device.c)", {"a": True, "b": False, "c": True}, "device.b: false → true"),
        ("((device.a || device.b) ? device.c : device.d)", {"a": False, "c": True, "d": False}, "device.a: false → true"),
        ("!((device.a && device.b) ?? true)", {}, "device.a: missing → false"),
        ("'x' in (device.a ? ['x'] : [device.m, 'y'])", {"a": False}, "device.a: false → true"),
        ("'x' in [device.m, device.n]", {"m": "a"}, "device.n: missing → 'x'"),
        ("[device.m, 'y'][0] == 'x'", {}, "device.m: missing → 'x'"),
    ],
)
def test_logic_inside_logic(text: str, device: dict[str, Any], change: str) -> None:
    assert nearest(text, device) == change


def test_nothing_has_to_change_where_the_result_is_as_wanted() -> None:
    policy = compile_policy("device.region == 'us'")
    for device, wanted in (({"region": "us"}, True), ({}, False)):
        change = nearest_change(policy, device, wanted=wanted)
        assert change is not None
        assert (change.properties, change.matches, change.apply(device)) == ((), wanted, device)


def test_a_schema_limits_the_values() -> None:
    schema = Schema.load({"properties": {"tier": {"enum": ["gold", "silver"]}, "memory": {"type": "integer", "default": 64}}})
    assert str(nearest_change(compile_policy("device.tier != 'gold'", schema=schema), {})) == "device.tier: missing → 'silver'"
    assert str(nearest_change(compile_policy("device.memory > 2", schema=schema), {})) == "device.memory: missing → 2"


def test_own_roots_are_given_and_stay() -> None:
    policy = compile_policy(
        "device.zone == site.zone", schema=Schema.load({"properties": {"zone": {"type": "string"}}}).with_root("site")
    )
    change = nearest_change(policy, {"zone": "a"}, roots={"site": {"zone": "b"}})
    assert str(change) == "device.zone: 'a' → 'b'"


def test_functions_of_the_host_are_asked() -> None:
    row = Function(
        name="isFriday",
        form=Form.FUNCTION,
        parameters=(Parameter("day", Kind.STRING),),
        result=Kind.BOOL,
        python=lambda day: day == "friday",
        description="",
        example="",
        is_host=True,
    )
    policy = compile_policy(
        "isFriday(device.day) && device.day != 'monday' || device.day == 'sunday'", schema=Schema().with_function(row)
    )
    assert str(nearest_change(policy, {"day": "monday"})) == "device.day: 'monday' → 'sunday'"


def test_the_time_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="offset"):
        nearest_change(compile_policy("device.a == 'x'"), {}, now="2026-05-12T09:00:00")


@pytest.mark.parametrize(
    "text",
    [
        " || ".join(f"(device.a == 'm{at}' && device.b == 'r{at}' && device.version < '1.{at}.0')" for at in range(130)),
        " && ".join(f"(device.a{at} == 1 || device.b{at} == 2 || device.c{at} == 3)" for at in range(110)),
        " && ".join(f"(device.a{at % 7} < {at} || device.b{at % 5} > {at} || device.c{at % 3} != {at})" for at in range(110)),
        " && ".join(f"device.m != 'm{at}'" for at in range(400)),
        " && ".join(f"device.p{at} == {at}" for at in range(400)),
    ],
)
def test_large_policies_take_no_time(text: str) -> None:
    policy = compile_policy(text, options=Options(max_source=10**5))
    started = perf_counter()
    found = find_change(policy, {"m": "m5"}, UPDATE)
    assert perf_counter() - started < 5  # a tenth of a second on a machine that does nothing else
    assert found.change is not None


def test_what_takes_too_long_is_given_up() -> None:
    sums = " && ".join(f"device.a{at % 5} + device.b{at % 7} + device.c{at % 9} + device.d{at % 11} > {at}" for at in range(120))
    found = find_change(compile_policy(sums, options=Options(max_source=10**5)), {})
    assert (found.change, found.reason) == (None, GAVE_UP)
